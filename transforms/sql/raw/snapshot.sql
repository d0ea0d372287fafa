-- A table as its newest good snapshot has it, when none of its rows is quarantined.
-- Grain: one row per row of the source table.
create or replace view $face as
select $columns
from ($landed) as landed -- noqa: AL05
where $is_present
