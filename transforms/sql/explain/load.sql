-- The loads that raw tables were read from, newest first; and newer ones that were rejected. `$tables`: which, as
-- raw.<source>__<table>.
-- Grain: one row per load.
with named as (
    select
        load.*,
        'raw.' || load.source_id || '__' || load.table_id as table_name,
        max(case when load.is_selected then load.extracted_at end) over (
            partition by load.source_id, load.table_id
        ) as newest_selected_at
    from quality.load as load
)

select
    table_name,
    load_id,
    extracted_at,
    data_as_of_date,
    row_count,
    quarantined_count,
    verdict,
    is_selected
from named
where
    list_contains($tables::varchar[], table_name)
    and (is_selected or newest_selected_at is null or extracted_at > newest_selected_at)
order by table_name asc, extracted_at desc
