-- One level of the strategy as it is published: its scores, its weakest child, and what it cost its own parent.
-- Grain: one row per node, unit, closed period and grain.
with weakest as (
    select
        cost.parent_id,
        cost.unit_id,
        cost.grain,
        cost.period_start_date,
        cost.child_id
    from scorecard.child_cost as cost
    inner join node on cost.child_level = node.level and cost.child_id = node.node_id
    where cost.parent_level = $level and cost.weight_share > 0
    qualify row_number() over (
        partition by cost.parent_id, cost.unit_id, cost.grain, cost.period_start_date
        order by cost.score asc, cost.points_lost desc, node.sort_order asc
    ) = 1
)

select
    score.node_id,
    score.unit_id,
    score.period_start_date,
    score.grain,
    score.score,
    score.band,
    score.data_state,
    score.coverage,
    weakest.child_id as weakest_child_id,
    case when $level = 'scorecard' then 100 - score.score else own.points_lost end as points_lost,
    score.off_track_below_count,
    score.is_gated
from node_score as score
left join weakest
    on
        score.node_id = weakest.parent_id
        and score.unit_id = weakest.unit_id
        and score.grain = weakest.grain
        and score.period_start_date = weakest.period_start_date
left join scorecard.child_cost as own
    on
        own.child_level = $level
        and score.node_id = own.child_id
        and score.unit_id = own.unit_id
        and score.grain = own.grain
        and score.period_start_date = own.period_start_date
where score.level = $level
order by score.node_id, score.unit_id, score.grain, score.period_start_date
