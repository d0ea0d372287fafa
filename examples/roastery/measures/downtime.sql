-- Share of planned roaster hours that was lost.
-- Grain: one row per month and roaster.
with downtime as (
    select * from staging.operations__machine_downtime
)

select
    'roasting' as unit,
    date_trunc('month', week_ending_date) as period,
    roaster,
    sum(downtime_hours) as numerator,
    sum(planned_hours) as denominator
from downtime
group by all
