-- How the KPI stands. `$kpi_id`, `$unit_id`, `$grain`, `$period_start_date`: of which.
-- Grain: one row, or none.
select
    actual,
    value_grain,
    value_period_start_date,
    points,
    score,
    band,
    data_state,
    signal,
    usual_low,
    usual_high,
    usual_mean,
    change_previous,
    change_last_year,
    points_given_by
from scorecard.kpi_score
where
    kpi_id = $kpi_id
    and unit_id = $unit_id
    and grain = $grain
    and period_start_date = $period_start_date
