-- One measure's answers counted by unit and month; rows without an answer are none.
-- Grain: one row per unit, month and answer.
select
    $measure as measure_id,
    measured.unit_id,
    measured.period_start_date,
    measured.answer,
    sum(measured.observations_count)::bigint as observations_count
from measured
inner join warehouse.scorecard.dim_unit as unit on measured.unit_id = unit.unit_id
where measured.answer is not null
group by measured.unit_id, measured.period_start_date, measured.answer
order by measured.unit_id, measured.period_start_date, measured.answer
