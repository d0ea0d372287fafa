-- Scoring points that were given otherwise. `$kpi_id`, `$unit_id`: only theirs, where given.
-- Grain: KPI, unit, length of period and date of validity.
select
    kpi_id,
    unit_id,
    per,
    valid_from_date,
    former.points as points_before,
    present.points as points_after
from before_reported_target as former
full outer join after_reported_target as present using (kpi_id, unit_id, per, valid_from_date)
where
    former.points is distinct from present.points
    and ($kpi_id::varchar is null or kpi_id = $kpi_id)
    and ($unit_id::varchar is null or unit_id = $unit_id)
order by kpi_id, unit_id, per, valid_from_date
