-- Measures with rows whose unit is in no tree.
-- Grain: one row per measure that has such rows.
select
    measure_id,
    sum(row_count)::bigint as row_count,
    count(distinct period_start_date) as month_count,
    list(distinct unit_id order by unit_id) as unit_ids
from measure.unplaced
group by measure_id
order by measure_id
