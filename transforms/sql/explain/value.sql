-- What was measured, as it may be shown. `$kpi_id`, `$unit_id`, `$grain`, `$period_start_date`: of which.
-- Grain: one row, or none.
select
    numerator,
    denominator,
    observations_count,
    actual,
    interval_low,
    interval_high,
    is_provisional,
    is_suppressed,
    data_as_of_date
from scorecard.kpi_value
where
    kpi_id = $kpi_id
    and unit_id = $unit_id
    and grain = $grain
    and period_start_date = $period_start_date
