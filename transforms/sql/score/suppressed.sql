-- Values that rest on fewer observations than may be shown of a measure behind them: what one KPI holds back another one over the
-- same rows must not tell.
-- Grain: one row per KPI, unit, period and grain.
with least as (
    select
        term.kpi_id,
        max(guard.observations_count) as observations_count
    from scorecard.kpi_term as term
    inner join least_observations as guard on term.measure_id = guard.measure_id
    group by term.kpi_id
)

select
    value.kpi_id,
    value.unit_id,
    value.grain,
    value.period_start_date
from measured_value as value
inner join least on value.kpi_id = least.kpi_id
where coalesce(value.observations_count, 0) < least.observations_count
