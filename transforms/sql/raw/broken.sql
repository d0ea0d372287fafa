-- Rows of one load for which a row rule does not hold.
-- Grain: one row per row of the load and rule broken.
create or replace temp table broken as
with judged as (
    select
        landed_file,
        landed_row,
        unnest(list_filter([$broken_rules], lambda number: number is not null)) as rule_number
    from ($landed) as landed -- noqa: AL05
)

select
    judged.landed_file,
    judged.landed_row,
    judged.rule_number
from judged
