-- Rows of good loads, quarantined rows left out, each with its load.
-- Grain: one row per load and row of the source table.
select
    landed.*, -- noqa: AM04
    landed_in.load_id as landed_load_id,
    landed_in.extracted_at as landed_extracted_at,
    landed_in.load_number as landed_load_number
from ($landed) as landed
inner join lake.file as landed_in on landed.landed_file = landed_in.path
where not exists (
    select held.path
    from lake.held_row as held
    where held.path = landed.landed_file and held.file_row_number = landed.landed_row
)
