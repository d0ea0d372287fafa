-- Units of which a measure has too few observations to be shown. It is said of the measure, not of a KPI: what one KPI holds back
-- another one over the same rows must not tell. `complement.sql` adds those that go with them.
-- Grain: one row per measure, unit, period and grain.
select distinct
    measure_id,
    unit_id,
    grain,
    period_start_date
from guarded_count
where observations_count < least_count
