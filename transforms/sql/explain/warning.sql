-- What a reader should know of how the number was made. `$kpi_id`, `$unit_id`, `$grain`, `$period_start_date`: of which.
-- Grain: one row per kind of warning.
select
    kind,
    message
from quality.warning
where
    kpi_id = $kpi_id
    and unit_id = $unit_id
    and grain = $grain
    and $period_start_date between first_period_start_date and last_period_start_date
order by kind
