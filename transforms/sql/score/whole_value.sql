-- Values that may be scored: of closed periods, with whole data and every row in a unit.
-- Grain: one row per KPI, unit, period and grain.
select
    value.kpi_id,
    value.unit_id,
    value.grain,
    value.period_start_date,
    value.actual,
    period.last_date
from scorecard.kpi_value as value
inner join scorecard.dim_period as period
    on value.grain = period.grain and value.period_start_date = period.period_start_date
anti join unplaced_period as unplaced
    on
        value.kpi_id = unplaced.kpi_id
        and value.grain = unplaced.grain
        and value.period_start_date = unplaced.period_start_date
where value.actual is not null and not value.is_provisional
