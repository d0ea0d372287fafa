-- Every table that measures are made from, the measures included, nearest first. `$measure_ids`: the measures.
-- Grain: one row per table.
with recursive upstream as (
    select
        'measure.' || unnest($measure_ids::varchar[]) as table_name,
        0 as distance
    union
    select
        lineage.depends_on as table_name,
        upstream.distance + 1 as distance
    from upstream
    inner join quality.table_lineage as lineage on upstream.table_name = lineage.table_name
)

select
    regexp_replace(table_name, '__loads$', '') as table_name,
    min(distance) as distance
from upstream
group by all
order by distance, table_name
