-- A table as its newest good snapshot has it, quarantined rows left out.
-- Grain: one row per row of the source table.
create or replace view $face as
select $columns
from ($kept) as kept -- noqa: AL05
where $is_present
