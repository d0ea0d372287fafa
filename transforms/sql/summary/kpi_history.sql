-- What was reported of a KPI and when, newest period first.
-- Grain: period and release that changed its value.
select
    reported_value.period_start_date,
    release.reported_at,
    release.release_id,
    reported_value.actual,
    reported_value.is_withdrawn,
    release.is_current_line,
    reported_value.reasons
from history.reported_value
inner join history.release on reported_value.run_id = release.run_id
cross join scorecard.dim_scorecard
where
    reported_value.kpi_id = $kpi_id
    and reported_value.unit_id = coalesce($unit_id, dim_scorecard.organisation_id)
    and reported_value.grain = $grain
order by
    reported_value.period_start_date desc,
    release.reported_at asc
