-- Order lines with their net amount, unrounded.
-- Grain: one row per order and product.
with lines as (
    select
        order_id,
        product_id,
        unit_price,
        quantity,
        discount
    from raw.finance__order_details
),

orders as (
    select
        order_id,
        customer_id,
        order_date
    from raw.finance__orders
),

customers as (
    select
        customer_id,
        unit_id
    from staging.crm__customers
)

select
    lines.order_id,
    lines.product_id,
    customers.unit_id,
    date_trunc('month', orders.order_date)::date as order_month_date,
    (lines.unit_price * lines.quantity * (1 - lines.discount))::decimal(18, 4) as net_amount
from lines
inner join orders on lines.order_id = orders.order_id
left join customers on orders.customer_id = customers.customer_id
