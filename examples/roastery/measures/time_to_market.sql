-- Days from the first trial of a new coffee to its launch.
-- Grain: one row per month of launch.
with projects as (
    select * from staging.operations__innovation_projects
)

select
    'research' as unit,
    date_trunc('month', launch_date) as period,
    sum(date_diff('day', start_date, launch_date)) as numerator,
    count(*) as denominator,
    count(*) as observations
from projects
where launch_date is not null
group by all
