-- The strategy as a tree: every KPI, objective and perspective under its parent, with the parent's way of rolling up.
-- Grain: one row per node but the scorecard.
select
    'kpi' as level,
    kpi.kpi_id as node_id,
    'objective' as parent_level,
    kpi.objective_id as parent_id,
    objective.roll_up,
    kpi.gate_score,
    kpi.sort_order
from scorecard.dim_kpi as kpi
inner join scorecard.dim_objective as objective on kpi.objective_id = objective.objective_id
union all
select
    'objective' as level,
    objective.objective_id as node_id,
    'perspective' as parent_level,
    objective.perspective_id as parent_id,
    perspective.roll_up,
    objective.gate_score,
    objective.sort_order
from scorecard.dim_objective as objective
inner join scorecard.dim_perspective as perspective on objective.perspective_id = perspective.perspective_id
union all
select
    'perspective' as level,
    perspective.perspective_id as node_id,
    'scorecard' as parent_level,
    scorecard.scorecard_id as parent_id,
    $scorecard_roll_up as roll_up,
    null as gate_score,
    perspective.sort_order
from scorecard.dim_perspective as perspective
cross join scorecard.dim_scorecard as scorecard
