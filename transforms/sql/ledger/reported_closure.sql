-- Which units stand otherwise under which than at the base release: a part of the ledger.
-- Grain: upper unit, unit and date of validity.
select
    ancestor_unit_id,
    unit_id,
    valid_from_date,
    present.valid_to_date,
    present.distance,
    present.distance is null as is_withdrawn
from scorecard.unit_closure as present
full outer join stood_reported_closure as base using (ancestor_unit_id, unit_id, valid_from_date)
where
    present.distance is distinct from base.distance
    or present.valid_to_date is distinct from base.valid_to_date
order by ancestor_unit_id, unit_id, valid_from_date
