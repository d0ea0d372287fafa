-- Roaster hours planned and lost. A week counts in the month in which it ends.
-- Grain: one row per roaster and week.
with downtime as (
    select * from raw.operations__machine_downtime
)

select
    week_ending as week_ending_date,
    roaster,
    planned_hours::decimal(9, 2) as planned_hours,
    downtime_hours::decimal(9, 2) as downtime_hours
from downtime
