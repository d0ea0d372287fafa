-- Minutes from opening to closing, over tickets closed.
-- Grain: one row per unit and month.
select
    unit_id as unit,
    closed_month_date as period,
    sum(open_minutes) as numerator,
    count(*) as denominator
from staging.service__ticket
group by unit_id, closed_month_date
