-- Lines that came back, over lines.
-- Grain: one row per unit and month.
select
    unit_id as unit,
    order_month_date as period,
    count(*) filter (is_returned) as numerator,
    count(*) as denominator
from staging.sales__order_line
group by unit_id, order_month_date
