-- Tickets closed in time, over tickets closed.
-- Grain: one row per unit and month.
select
    unit_id as unit,
    closed_month_date as period,
    count(*) filter (is_in_time) as numerator,
    count(*) as denominator
from staging.service__ticket
group by unit_id, closed_month_date
