-- Days from release to finish, over work orders finished.
-- Grain: one row per unit and month.
select
    unit_id as unit,
    finished_month_date as period,
    sum(lead_days) as numerator,
    count(*) as denominator
from staging.works__work_order
group by unit_id, finished_month_date
