-- Freight over orders, by month of ordering.
-- Grain: one row per country and month.
with shipments as (
    select
        unit_id,
        order_date,
        freight_amount
    from staging.operations__shipments
)

select
    unit_id as unit,
    date_trunc('month', order_date)::date as period,
    sum(freight_amount) as numerator,
    count(*) as denominator
from shipments
group by unit_id, date_trunc('month', order_date)
