-- Rows of Parquet files as they landed, each with its file and its place in it.
-- Grain: one row per row of the files.
select
    $columns,
    landed_file,
    file_row_number as landed_row
from read_parquet($files, filename = 'landed_file', union_by_name = true)
