-- The rows of targets.csv, numbered.
-- Grain: one row per KPI, unit, length of period and date of validity.
select
    row_number() over (order by kpi_id, unit_id, per, valid_from_date) as target_id,
    kpi_id,
    unit_id,
    per,
    valid_from_date,
    grain_months(per) as month_count
from scorecard.target
