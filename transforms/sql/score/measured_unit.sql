-- The units that measures have rows for.
-- Grain: one row per measure and unit.
select distinct
    measure_id,
    unit_id
from measure.component
union
select distinct
    measure_id,
    unit_id
from measure_key
