-- Orders by customer, country and month of ordering.
-- Grain: one row per order.
with orders as (
    select
        id,
        customer_id,
        order_date
    from raw.crm__orders
),

customers as (
    select
        customer_id,
        unit_id
    from staging.crm__customers
)

select
    orders.id as order_id,
    orders.customer_id,
    customers.unit_id,
    date_trunc('month', orders.order_date::date)::date as order_month_date
from orders
left join customers on orders.customer_id = customers.customer_id
