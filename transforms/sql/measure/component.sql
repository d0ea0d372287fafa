-- One measure's rows added up by unit and month.
-- Grain: one row per unit and month.
select
    $measure as measure_id,
    measured.unit_id,
    measured.period_start_date,
    sum(measured.numerator)::decimal(38, 9) as numerator,
    case when $kind = 'amounts' then 1 else sum(measured.denominator) end::decimal(38, 9) as denominator,
    sum(measured.observations_count)::bigint as observations_count
from measured
inner join warehouse.scorecard.dim_unit as unit on measured.unit_id = unit.unit_id
group by measured.unit_id, measured.period_start_date
order by measured.unit_id, measured.period_start_date
