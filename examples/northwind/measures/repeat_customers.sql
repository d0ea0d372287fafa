-- Active customers with an order in an earlier month, over active customers.
-- Grain: one row per country and month.
with active as (
    select distinct
        unit_id,
        order_month_date,
        customer_id
    from staging.crm__orders
),

placed as (
    select
        unit_id,
        order_month_date,
        order_month_date > min(order_month_date) over (partition by customer_id) as is_repeat
    from active
)

select
    unit_id as unit,
    order_month_date as period,
    count(*) filter (is_repeat) as numerator,
    count(*) as denominator
from placed
group by unit_id, order_month_date
