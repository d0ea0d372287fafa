-- New coffees from first trial to launch.
-- Grain: one row per project.
with projects as (
    select * from raw.operations__innovation_projects
)

select
    project_no,
    coffee,
    started_on as start_date,
    launched_on as launch_date
from projects
