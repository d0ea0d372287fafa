-- Every version of a table's rows: the rows of all its good loads, with the load and the moment of extraction.
-- Grain: one row per load and row of the source table.
create or replace view $face as
select
    $columns,
    kept.landed_load_id as load_id,
    kept.landed_extracted_at as extracted_at
from ($kept) as kept
