-- Tables and columns of the warehouse that say nothing of themselves.
-- Grain: one row per table or column without a comment.
select
    tables.schema_name || '.' || tables.table_name as table_name,
    'the table has no comment' as found
from duckdb_tables() as tables
where
    tables.database_name = current_database()
    and not tables.internal
    and coalesce(trim(tables.comment), '') = ''
union all
select
    columns.schema_name || '.' || columns.table_name as table_name,
    'the column ' || columns.column_name || ' has no comment' as found
from duckdb_columns() as columns
where
    columns.database_name = current_database()
    and not columns.internal
    and coalesce(trim(columns.comment), '') = ''
order by all
