-- Which weights are given otherwise than at the base release: a part of the ledger.
-- Grain: node of the strategy and date of validity.
select
    level,
    node_id,
    valid_from_date,
    present.weight,
    present.weight is null as is_withdrawn
from scorecard.weight as present
full outer join stood_reported_weight as base using (level, node_id, valid_from_date)
where present.weight is distinct from base.weight
order by level, node_id, valid_from_date
