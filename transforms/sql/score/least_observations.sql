-- The fewest observations that may be shown of a measure, where a KPI over it says so.
-- Grain: one row per measure.
select
    measure_id,
    max(min_observations_count) as observations_count
from scorecard.dim_kpi
where min_observations_count > 0
group by measure_id
