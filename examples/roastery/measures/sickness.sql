-- Share of scheduled days lost to illness, of the people whose days are known.
-- Grain: one row per department and month.
with absence as (
    select * from staging.hr__absence
)

select
    unit_id as unit,
    month_end_date as period,
    sum(sick_days) as numerator,
    sum(scheduled_days) as denominator,
    count(*) as observations
from absence
group by all
