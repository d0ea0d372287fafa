-- What is left of revenue after cost, over revenue.
-- Grain: one row per unit and month.
select
    unit_id as unit,
    order_month_date as period,
    sum(revenue_amount - cost_amount) as numerator,
    sum(revenue_amount) as denominator
from staging.sales__order_line
group by unit_id, order_month_date
