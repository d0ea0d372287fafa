-- Orders by month of ordering, shipped or not.
-- Grain: one row per country and month.
with orders as (
    select
        unit_id,
        order_month_date
    from staging.crm__orders
)

select
    unit_id as unit,
    order_month_date as period,
    count(*) as numerator
from orders
group by unit_id, order_month_date
