-- A table of which no load is good: its columns, and no row.
-- Grain: none.
create or replace view $face as
select $columns
where false
