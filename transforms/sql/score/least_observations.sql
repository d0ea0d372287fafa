-- The fewest observations that may be shown of a measure: the most that any KPI over it asks for.
-- Grain: one row per measure.
select
    term.measure_id,
    max(kpi.min_observations_count) as observations_count
from scorecard.kpi_term as term
inner join scorecard.dim_kpi as kpi on term.kpi_id = kpi.kpi_id
where kpi.min_observations_count > 0
group by term.measure_id
