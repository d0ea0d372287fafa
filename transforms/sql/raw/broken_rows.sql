-- The rows of one load that break row rules, numbered in the load's order, with the rule, the reason and the row itself.
-- Grain: one row per row of the load and rule broken.
with concerned as (
    select distinct
        landed_file,
        landed_row
    from broken
),

numbered as (
    select
        landed.landed_file,
        landed.landed_row,
        to_json(struct_pack($fields)) as row_json
    from ($landed) as landed
    inner join concerned
        on
            landed.landed_file = concerned.landed_file
            and landed.landed_row = concerned.landed_row
)

select
    $this_load as load_id,
    file_of_load.file,
    broken.landed_row as file_row_number,
    file_of_load.rows_before + broken.landed_row + 1 as row_number,
    rule.rule_name,
    rule.reason,
    numbered.row_json::varchar as row_json
from broken
inner join numbered
    on
        broken.landed_file = numbered.landed_file
        and broken.landed_row = numbered.landed_row
inner join file_of_load on broken.landed_file = file_of_load.path
inner join rule on broken.rule_number = rule.rule_number
order by row_number, broken.rule_number
