-- What the KPI did to what stands above it: its objective, the perspective and the scorecard, from below.
-- `$kpi_id`, `$unit_id`, `$grain`, `$period_start_date`: of which.
-- Grain: one row per level.
with chain as (
    select
        1 as place,
        'kpi' as child_level,
        kpi.kpi_id as child_id,
        'objective' as parent_level,
        objective.objective_name as parent_name,
        objective.roll_up,
        kpi.gate_score
    from scorecard.dim_kpi as kpi
    inner join scorecard.dim_objective as objective on kpi.objective_id = objective.objective_id
    where kpi.kpi_id = $kpi_id
    union all
    select
        2 as place,
        'objective' as child_level,
        objective.objective_id as child_id,
        'perspective' as parent_level,
        perspective.perspective_name as parent_name,
        perspective.roll_up,
        objective.gate_score
    from scorecard.dim_kpi as kpi
    inner join scorecard.dim_objective as objective on kpi.objective_id = objective.objective_id
    inner join scorecard.dim_perspective as perspective on objective.perspective_id = perspective.perspective_id
    where kpi.kpi_id = $kpi_id
    union all
    select
        3 as place,
        'perspective' as child_level,
        kpi.perspective_id as child_id,
        'scorecard' as parent_level,
        scorecard.scorecard_name as parent_name,
        scorecard.roll_up,
        null as gate_score
    from scorecard.dim_kpi as kpi
    cross join scorecard.dim_scorecard as scorecard
    where kpi.kpi_id = $kpi_id
),

parent as (
    select
        'objective' as level,
        objective_id as node_id,
        unit_id,
        period_start_date,
        grain,
        score,
        band,
        data_state,
        coverage,
        is_gated,
        weakest_child_id
    from scorecard.objective_score
    union all
    select
        'perspective' as level,
        perspective_id as node_id,
        unit_id,
        period_start_date,
        grain,
        score,
        band,
        data_state,
        coverage,
        is_gated,
        weakest_child_id
    from scorecard.perspective_score
    union all
    select
        'scorecard' as level,
        scorecard_id as node_id,
        unit_id,
        period_start_date,
        grain,
        score,
        band,
        data_state,
        coverage,
        is_gated,
        weakest_child_id
    from scorecard.scorecard_score
),

shared as (
    select
        cost.*,
        cost.weight / nullif(sum(cost.weight) over (
            partition by cost.parent_level, cost.parent_id
        ), 0) as given_share
    from scorecard.child_cost as cost
    where cost.unit_id = $unit_id and cost.grain = $grain and cost.period_start_date = $period_start_date
)

select
    chain.parent_level,
    shared.parent_id,
    chain.parent_name,
    chain.roll_up,
    chain.gate_score,
    shared.weight,
    shared.given_share,
    shared.weight_share,
    shared.score as child_score,
    shared.points_lost,
    contribution.contribution,
    parent.score,
    parent.band,
    parent.data_state,
    parent.coverage,
    parent.is_gated,
    parent.weakest_child_id
from chain
inner join shared on chain.child_level = shared.child_level and chain.child_id = shared.child_id
inner join parent
    on
        shared.parent_level = parent.level
        and shared.parent_id = parent.node_id
        and parent.unit_id = $unit_id
        and parent.grain = $grain
        and parent.period_start_date = $period_start_date
left join scorecard.score_contribution as contribution
    on
        shared.child_level = contribution.child_level
        and shared.child_id = contribution.child_id
        and contribution.unit_id = $unit_id
        and contribution.grain = $grain
        and contribution.period_start_date = $period_start_date
order by chain.place
