-- Customers whose first order in the data falls in the month.
-- Grain: one row per country and month.
with orders as (
    select
        unit_id,
        order_month_date,
        customer_id
    from staging.crm__orders
),

first_orders as (
    select
        unit_id,
        customer_id,
        min(order_month_date) as first_month_date
    from orders
    group by unit_id, customer_id
)

select
    unit_id as unit,
    first_month_date as period,
    count(*) as numerator
from first_orders
group by unit_id, first_month_date
