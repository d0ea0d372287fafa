-- The scoring points that were valid at each period's end: those of the row of targets.csv that counts, or of the rows of the
-- period's months together. There are few mixes beside the periods that share them, and points are wide, so they stay there.
-- Grain: one row per KPI, unit, period and grain that has points.
select
    period_mix.kpi_id,
    period_mix.unit_id,
    period_mix.grain,
    period_mix.period_start_date,
    mixed_point.mix_id
from period_mix
inner join mixed_point on period_mix.mix = mixed_point.mix
