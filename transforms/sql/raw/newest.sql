-- A table as its good loads together have it: the newest version of each row by primary key, deleted rows left out.
-- Grain: one row per primary key.
create or replace view $face as
with newest as (
    select *
    from ($kept) as kept -- noqa: AL05
    qualify row_number() over (
        partition by $primary_key
        order by landed_load_number desc, $cursor desc nulls last, landed_file desc, landed_row desc
    ) = 1
)

select $columns
from newest
where $is_present
