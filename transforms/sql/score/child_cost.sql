-- What each child of one level cost its parent: its share of the scored children's weight, times what it lacks to 100.
-- Grain: one row per child, unit, closed period and grain.
with weighed as (
    select
        node.parent_level,
        node.parent_id,
        child.level as child_level,
        child.node_id as child_id,
        child.unit_id,
        child.period_start_date,
        child.grain,
        coalesce(weight.weight, 0) as weight,
        child.score,
        node.sort_order
    from node_score as child
    inner join node on child.level = node.level and child.node_id = node.node_id
    inner join scorecard.dim_period as period
        on child.grain = period.grain and child.period_start_date = period.period_start_date
    asof left join scorecard.weight as weight
        on
            child.level = weight.level
            and child.node_id = weight.node_id
            and period.last_date >= weight.valid_from_date
    where child.level = $level
),

shared as (
    select
        weighed.*,
        case when weighed.score is not null then weighed.weight end
        / nullif(sum(case when weighed.score is not null then weighed.weight end) over siblings, 0) as weight_share
    from weighed
    window
        siblings as (
            partition by weighed.parent_id, weighed.unit_id, weighed.grain, weighed.period_start_date
            order by weighed.sort_order
            rows between unbounded preceding and unbounded following
        )
)

select
    parent_level,
    parent_id,
    child_level,
    child_id,
    unit_id,
    period_start_date,
    grain,
    weight,
    weight_share,
    score,
    weight_share * (100 - score) as points_lost
from shared
order by parent_id, child_id, unit_id, grain, period_start_date
