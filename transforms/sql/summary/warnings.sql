-- What a reader should know of how numbers were made, in short.
-- Grain: one row per kind and KPI.
select
    kind,
    kpi_id,
    list(distinct unit_id order by unit_id) as unit_ids,
    min(first_period_start_date) as first_period_start_date,
    max(last_period_start_date) as last_period_start_date,
    arg_min(
        message,
        struct_pack(
            grain_number := list_position(['month', 'quarter', 'half', 'year', 'ytd', 'ttm'], grain),
            unit_id := unit_id,
            started := first_period_start_date
        )
    ) as message
from quality.warning
group by kind, kpi_id
order by kind, kpi_id
