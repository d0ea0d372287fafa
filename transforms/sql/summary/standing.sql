-- How a KPI stood reported at the end of a day (UTC), newest period first. `$kpi_id`, `$unit_id`, `$grain`: of which; `$day`: the day.
-- Grain: period.
with value as (
    select * from history.value_as_reported($day::date)
    where kpi_id = $kpi_id and unit_id = $unit_id and grain = $grain
),

score as (
    select * from history.score_as_reported($day::date)
    where level = 'kpi' and node_id = $kpi_id and unit_id = $unit_id and grain = $grain
)

select
    period_start_date,
    coalesce(value.actual, score.actual) as actual,
    score.score,
    score.band,
    score.data_state,
    score.target,
    score.weight,
    coalesce(score.definition_id, value.definition_id) as definition_id
from value
full outer join score using (period_start_date)
order by period_start_date desc
