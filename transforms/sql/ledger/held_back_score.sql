-- Takes actual and score out of what was reported earlier of KPIs whose value is held back now.
-- Grain: none, this is an update of history.reported_score.
update history.reported_score as reported
set actual = null, score = null, band = null
from scorecard.kpi_value as shown
where
    shown.is_suppressed
    and reported.level = 'kpi'
    and reported.node_id = shown.kpi_id
    and reported.unit_id = shown.unit_id
    and reported.value_grain = shown.grain
    and reported.value_period_start_date = shown.period_start_date
