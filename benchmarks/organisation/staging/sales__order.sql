-- Orders with their month.
-- Grain: one row per order.
select
    order_id,
    customer_id,
    unit_id,
    ordered_on as order_date,
    date_trunc('month', ordered_on)::date as order_month_date
from raw.sales__order
