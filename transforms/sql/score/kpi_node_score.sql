-- KPI scores in the form in which every level of the strategy is rolled up.
-- Grain: one row per KPI, unit, closed period and grain.
select
    'kpi' as level,
    kpi_id as node_id,
    unit_id,
    grain,
    period_start_date,
    score,
    band,
    data_state,
    coverage,
    false as is_gated,
    (band is not null and band = 'off_track')::bigint as off_track_below_count,
    null::varchar as weakest_child_id
from scorecard.kpi_score
