-- How each objective, perspective and the scorecard is rolled up: what, beside scores and weights, makes a parent's score.
-- Grain: one row per objective, perspective and scorecard.
with child as (
    select
        'objective' as level,
        objective_id as node_id,
        kpi_id as child_id,
        gate_score
    from scorecard.dim_kpi
    union all
    select
        'perspective' as level,
        perspective_id as node_id,
        objective_id as child_id,
        gate_score
    from scorecard.dim_objective
    union all
    select
        'scorecard' as level,
        scorecard.scorecard_id as node_id,
        perspective.perspective_id as child_id,
        null as gate_score
    from scorecard.dim_perspective as perspective
    cross join scorecard.dim_scorecard as scorecard
),

children as (
    select
        level,
        node_id,
        array_agg(struct_pack(child_id, gate_score) order by child_id) as children
    from child
    group by level, node_id
),

node as (
    select
        'objective' as level,
        objective_id as node_id,
        roll_up
    from scorecard.dim_objective
    union all
    select
        'perspective' as level,
        perspective_id as node_id,
        roll_up
    from scorecard.dim_perspective
    union all
    select
        'scorecard' as level,
        scorecard_id as node_id,
        roll_up
    from scorecard.dim_scorecard
),

written as (
    select
        node.level,
        node.node_id,
        to_json(
            struct_pack(
                node.roll_up,
                scorecard.min_coverage,
                scorecard.on_track_edge,
                scorecard.at_risk_edge,
                children.children
            )
        )::varchar as definition_json
    from node
    cross join scorecard.dim_scorecard as scorecard
    left join children on node.level = children.level and node.node_id = children.node_id
)

select
    level,
    node_id,
    'u-' || left(sha256(definition_json), 12) as definition_id,
    definition_json
from written
