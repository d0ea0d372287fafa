-- Wholesale customers and club members who ordered at least once.
-- Grain: one row per unit, month and customer.
with orders as (
    select * from staging.crm__orders
)

select distinct
    unit_id as unit,
    date_trunc('month', ordered_at) as period,
    customer_id as key
from orders
