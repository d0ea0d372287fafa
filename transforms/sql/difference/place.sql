-- Units that stood under another parent, or for another time. `$unit_id`: only its own, where given.
-- Grain: unit, parent and first day.
with former as (
    select * from before_reported_closure
    where distance = 1
),

present as (
    select * from after_reported_closure
    where distance = 1
)

select
    unit_id,
    ancestor_unit_id as parent_unit_id,
    valid_from_date,
    former.valid_to_date as valid_to_date_before,
    present.valid_to_date as valid_to_date_after
from former
full outer join present using (unit_id, ancestor_unit_id, valid_from_date)
where
    former.valid_to_date is distinct from present.valid_to_date
    and ($unit_id::varchar is null or unit_id = $unit_id)
order by unit_id, valid_from_date, parent_unit_id
