-- People employed on the last day of the month.
-- Grain: one row per department and month that has ended.
with headcount as (
    select * from staging.hr__headcount
)

select
    unit_id as unit,
    month_end_date as period,
    count(*) as numerator
from headcount
group by all
