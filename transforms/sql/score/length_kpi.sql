-- KPIs that are another number over a month than over a year, and do not add up: what is counted anew at each length, a flow over
-- a stock (revenue per head), and expressions of flows that neither add up nor are rates (a product, a difference to the whole's).
-- Their points count for the very length only that they were given for.
-- Grain: one row per KPI.
with made_of as (
    select
        kpi_id,
        bool_or(aggregation = 'distinct') as has_distinct,
        bool_or(aggregation = 'sum' or component != 'value') as has_flow,
        bool_or(aggregation != 'sum' and component = 'value') as has_level
    from scorecard.kpi_term
    group by kpi_id
)

select kpi.kpi_id
from scorecard.dim_kpi as kpi
inner join made_of on kpi.kpi_id = made_of.kpi_id
where
    kpi.change_against is null
    and kpi.index_base_date is null
    and (
        made_of.has_distinct
        or (
            kpi.aggregation = 'derived'
            and made_of.has_flow
            and (made_of.has_level or not (kpi.is_additive or kpi.is_intensive))
        )
    )
