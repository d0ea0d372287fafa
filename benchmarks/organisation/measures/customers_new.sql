-- Customers whose first order is of the month, in the unit that it went to.
-- Grain: one row per unit and month.
with first_order as (
    select
        customer_id,
        arg_min(unit_id, order_id) as unit_id,
        min(order_month_date) as first_month_date
    from staging.sales__order
    group by customer_id
)

select
    unit_id as unit,
    first_month_date as period,
    count(*) as numerator
from first_order
group by unit_id, first_month_date
