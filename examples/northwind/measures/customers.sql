-- Customers with an order in the month.
-- Grain: one row per country, month and customer.
with orders as (
    select
        unit_id,
        order_month_date,
        customer_id
    from staging.crm__orders
)

select distinct
    unit_id as unit,
    order_month_date as period,
    customer_id as key
from orders
