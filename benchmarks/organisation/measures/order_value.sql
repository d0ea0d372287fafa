-- Revenue over orders.
-- Grain: one row per unit and month.
select
    unit_id as unit,
    order_month_date as period,
    sum(revenue_amount) as numerator,
    count(distinct order_id) as denominator
from staging.sales__order_line
group by unit_id, order_month_date
