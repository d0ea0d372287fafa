-- Weights that were given otherwise. `$kpi_id`: only its own, where given.
-- Grain: node of the strategy and date of validity.
select
    level,
    node_id,
    valid_from_date,
    former.weight as weight_before,
    present.weight as weight_after
from before_reported_weight as former
full outer join after_reported_weight as present using (level, node_id, valid_from_date)
where
    former.weight is distinct from present.weight
    and ($kpi_id::varchar is null or (level = 'kpi' and node_id = $kpi_id))
order by level, node_id, valid_from_date
