-- Where the rows of one load are that break a row rule.
-- Grain: one row per row of the load.
select distinct
    $this_load as load_id,
    file_of_load.file,
    broken.landed_row as file_row_number
from broken
inner join file_of_load on broken.landed_file = file_of_load.path
order by file_of_load.file, broken.landed_row
