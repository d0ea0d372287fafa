-- One measure's rows whose unit is in no tree.
-- Grain: one row per unit and month.
select
    $measure as measure_id,
    measured.unit_id,
    measured.period_start_date,
    count(*) as row_count
from measured
anti join warehouse.scorecard.dim_unit as unit on measured.unit_id = unit.unit_id
group by measured.unit_id, measured.period_start_date
order by measured.unit_id, measured.period_start_date
