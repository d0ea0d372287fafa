-- What was reported of the value, oldest first. `$kpi_id`, `$unit_id`, `$grain`, `$period_start_date`: of which.
-- Grain: one row per release that changed it.
select
    release.reported_at,
    release.release_id,
    release.is_current_line,
    reported.actual,
    reported.is_provisional,
    reported.is_withdrawn,
    reported.reasons
from history.reported_value as reported
inner join history.release as release on reported.run_id = release.run_id
where
    reported.kpi_id = $kpi_id
    and reported.unit_id = $unit_id
    and reported.grain = $grain
    and reported.period_start_date = $period_start_date
order by release.reported_at, release.run_id
