-- What was reported of the score, oldest first. `$kpi_id`, `$unit_id`, `$grain`, `$period_start_date`: of which.
-- Grain: one row per release that changed it.
select
    release.reported_at,
    release.release_id,
    release.is_current_line,
    reported.actual,
    reported.points,
    reported.weight,
    reported.score,
    reported.band,
    reported.data_state,
    reported.definition_id,
    reported.is_withdrawn,
    reported.reasons
from history.reported_score as reported
inner join history.release as release on reported.run_id = release.run_id
where
    reported.level = 'kpi'
    and reported.node_id = $kpi_id
    and reported.unit_id = $unit_id
    and reported.grain = $grain
    and reported.period_start_date = $period_start_date
order by release.reported_at, release.run_id
