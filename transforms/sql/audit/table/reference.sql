-- Ids of one column that its dimension does not have.
-- Grain: one row per id.
select distinct
    $place as table_name,
    'there is no ' || used.$column as found
from $table as used
anti join $dimension as named on used.$column = named.$id
where used.$column is not null
order by all
