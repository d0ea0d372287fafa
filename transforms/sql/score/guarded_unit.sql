-- Units with observations, in periods in which one of them is held back or has few of its own: with the unit above at the period's
-- last day, and what of their observations is in no unit below. All trees are one here, below the organisation, whose total they
-- make up together.
-- Grain: one row per KPI, unit, period and grain.
with least as (
    select
        term.kpi_id,
        max(guard.observations_count) as least_count
    from scorecard.kpi_term as term
    inner join least_observations as guard on term.measure_id = guard.measure_id
    group by term.kpi_id
),

standing as (
    select
        value.kpi_id,
        value.grain,
        value.period_start_date,
        value.unit_id,
        value.observations_count,
        least.least_count,
        period.last_date
    from measured_value as value
    inner join least on value.kpi_id = least.kpi_id
    inner join scorecard.dim_period as period
        on value.grain = period.grain and value.period_start_date = period.period_start_date
    where value.observations_count > 0
),

placed as (
    select
        standing.*,
        closure.ancestor_unit_id as parent_unit_id
    from standing
    left join scorecard.unit_closure as closure
        on
            standing.unit_id = closure.unit_id
            and closure.distance = 1
            and standing.last_date between closure.valid_from_date and closure.valid_to_date
),

below as (
    select
        kpi_id,
        grain,
        period_start_date,
        parent_unit_id,
        sum(observations_count)::bigint as observations_count
    from placed
    where parent_unit_id is not null
    group by kpi_id, grain, period_start_date, parent_unit_id
),

whole as (
    select
        placed.*,
        below.parent_unit_id is null as is_leaf,
        greatest(placed.observations_count - coalesce(below.observations_count, 0), 0) as own_count
    from placed
    left join below
        on
            placed.kpi_id = below.kpi_id
            and placed.grain = below.grain
            and placed.period_start_date = below.period_start_date
            and placed.unit_id = below.parent_unit_id
)

select *
from whole
qualify
    bool_or(own_count > 0 and own_count < least_count)
        over (partition by kpi_id, grain, period_start_date)
