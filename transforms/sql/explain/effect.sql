-- What the KPI did to what stands above it: its objective, the perspective and the scorecard, from below.
-- `$kpi_id`, `$unit_id`, `$grain`, `$period_start_date`: of which.
-- Grain: one row per level.
with chain as (
    select
        1 as place,
        'kpi' as child_level,
        kpi.kpi_id as child_id,
        kpi.gate_score,
        objective.objective_name as parent_name,
        objective.roll_up,
        score.* exclude (objective_id, points_lost)
    from scorecard.dim_kpi as kpi
    inner join scorecard.dim_objective as objective on kpi.objective_id = objective.objective_id
    inner join scorecard.objective_score as score on kpi.objective_id = score.objective_id
    where kpi.kpi_id = $kpi_id
    union all by name
    select
        2 as place,
        'objective' as child_level,
        objective.objective_id as child_id,
        objective.gate_score,
        perspective.perspective_name as parent_name,
        perspective.roll_up,
        score.* exclude (perspective_id, points_lost)
    from scorecard.dim_kpi as kpi
    inner join scorecard.dim_objective as objective on kpi.objective_id = objective.objective_id
    inner join scorecard.dim_perspective as perspective on kpi.perspective_id = perspective.perspective_id
    inner join scorecard.perspective_score as score on kpi.perspective_id = score.perspective_id
    where kpi.kpi_id = $kpi_id
    union all by name
    select
        3 as place,
        'perspective' as child_level,
        kpi.perspective_id as child_id,
        null as gate_score,
        scorecard.scorecard_name as parent_name,
        scorecard.roll_up,
        score.* exclude (scorecard_id, points_lost)
    from scorecard.dim_kpi as kpi
    cross join scorecard.dim_scorecard as scorecard
    inner join scorecard.scorecard_score as score on scorecard.scorecard_id = score.scorecard_id
    where kpi.kpi_id = $kpi_id
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
    shared.parent_level,
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
    chain.score,
    chain.band,
    chain.data_state,
    chain.coverage,
    chain.is_gated,
    chain.weakest_child_id
from chain
inner join shared
    on
        chain.child_level = shared.child_level
        and chain.child_id = shared.child_id
        and chain.unit_id = shared.unit_id
        and chain.grain = shared.grain
        and chain.period_start_date = shared.period_start_date
left join scorecard.score_contribution as contribution
    on
        shared.child_level = contribution.child_level
        and shared.child_id = contribution.child_id
        and shared.unit_id = contribution.unit_id
        and shared.grain = contribution.grain
        and shared.period_start_date = contribution.period_start_date
order by chain.place
