-- How many rows of a table there are, and how many break each thing that is asserted of it.
-- Grain: one row.
select
    count(*) as row_count,
    $counts
from $table
