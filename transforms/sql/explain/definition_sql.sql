-- The workspace's SQL behind tables. `$tables`: which.
-- Grain: one row per table that has SQL.
select
    'measure.' || measure_id as table_name,
    description,
    sql_text,
    row_count
from measure.dim_measure
where list_contains($tables::varchar[], 'measure.' || measure_id)
union all
select
    'staging.' || staging_id as table_name,
    description,
    sql_text,
    row_count
from quality.staging_table
where list_contains($tables::varchar[], 'staging.' || staging_id)
order by table_name
