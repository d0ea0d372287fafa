-- Days from order to delivery.
-- Grain: one row per unit, month of delivery and ship method.
with orders as (
    select * from staging.crm__orders
)

select
    unit_id as unit,
    date_trunc('month', delivered_at) as period,
    ship_method,
    sum(delivery_days) as numerator,
    count(*) as denominator,
    count(*) as observations
from orders
where delivered_at is not null
group by all
