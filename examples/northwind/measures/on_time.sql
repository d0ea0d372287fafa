-- Orders shipped by the required date, over orders shipped, by month of shipping.
-- Grain: one row per country and month.
with shipments as (
    select
        unit_id,
        required_date,
        shipped_date
    from staging.operations__shipments
    where shipped_date is not null
)

select
    unit_id as unit,
    date_trunc('month', shipped_date)::date as period,
    count(*) filter (shipped_date <= required_date) as numerator,
    count(*) as denominator
from shipments
group by unit_id, date_trunc('month', shipped_date)
