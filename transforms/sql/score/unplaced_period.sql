-- Periods of KPIs to which rows belong whose unit is in no tree.
-- Grain: one row per KPI, period and grain.
select distinct
    term.kpi_id,
    period.grain,
    period.period_start_date
from measure.unplaced as missing
inner join term on missing.measure_id = term.measure_id
inner join period_month as period on missing.period_start_date = period.month_start_date
