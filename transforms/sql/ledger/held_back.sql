-- Takes the numbers out of what was reported earlier of values that are held back now: by a higher least number of observations,
-- or since they would tell one that is. The ledger keeps them; what is published does not.
-- Grain: none, this is an update of history.reported_value.
update history.reported_value as reported
set numerator = null, denominator = null, actual = null
from scorecard.kpi_value as shown
where
    shown.is_suppressed
    and reported.kpi_id = shown.kpi_id
    and reported.unit_id = shown.unit_id
    and reported.grain = shown.grain
    and reported.period_start_date = shown.period_start_date
