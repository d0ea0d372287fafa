-- Share of deliveries that came by the day that was promised.
-- Grain: one row per unit, month of delivery and ship method.
with deliveries as (
    select * from staging.operations__deliveries
)

select
    unit_id as unit,
    date_trunc('month', delivered_date) as period,
    ship_method,
    count_if(is_on_time) as numerator,
    count(*) as denominator,
    count(*) as observations
from deliveries
group by all
