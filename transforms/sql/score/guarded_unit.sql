-- Units with observations, or values, of a measure, in periods in which one of them is held back or has few of its own: with the
-- unit above at the period's last day, and what of their observations is in no unit below. All trees are one here, below the
-- organisation, whose total they make up together.
-- Grain: one row per measure, way of counting, unit, period and grain.
with placed as (
    select
        counted.counting_id,
        counted.measure_id,
        counted.unit_id,
        counted.grain,
        counted.period_start_date,
        counted.observations_count,
        counted.least_count,
        period.last_date,
        closure.ancestor_unit_id as parent_unit_id
    from guarded_count as counted
    inner join scorecard.dim_period as period
        on counted.grain = period.grain and counted.period_start_date = period.period_start_date
    left join scorecard.unit_closure as closure
        on
            counted.unit_id = closure.unit_id
            and closure.distance = 1
            and period.last_date between closure.valid_from_date and closure.valid_to_date
    where counted.is_filled
),

below as (
    select
        counting_id,
        grain,
        period_start_date,
        parent_unit_id,
        sum(observations_count) as observations_count
    from placed
    where parent_unit_id is not null
    group by counting_id, grain, period_start_date, parent_unit_id
),

whole as (
    select
        placed.*,
        below.parent_unit_id is null as is_leaf,
        greatest(placed.observations_count - coalesce(below.observations_count, 0), 0) as own_count
    from placed
    left join below
        on
            placed.counting_id = below.counting_id
            and placed.grain = below.grain
            and placed.period_start_date = below.period_start_date
            and placed.unit_id = below.parent_unit_id
)

select
    counting_id,
    measure_id,
    unit_id,
    parent_unit_id,
    grain,
    period_start_date,
    last_date,
    observations_count,
    own_count,
    least_count,
    is_leaf
from whole
qualify
    bool_or((is_leaf or own_count > 0) and own_count < least_count)
        over (partition by measure_id, grain, period_start_date)
