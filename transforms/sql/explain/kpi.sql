-- A KPI as it is defined, with the names of what it stands under. `$kpi_id`: which.
-- Grain: one row, or none.
select
    kpi.kpi_id,
    kpi.kpi_name,
    kpi.description,
    kpi.owner_name,
    objective.objective_name,
    perspective.perspective_name,
    kpi.aggregation,
    kpi.expression,
    kpi.survey,
    kpi.frequency,
    kpi.change_against,
    kpi.change_form,
    kpi.index_base_date,
    kpi.index_base_grain,
    kpi.direction,
    kpi.measured_in,
    kpi.decimals,
    kpi.rule,
    kpi.ratio_form,
    kpi.at_zero_target,
    kpi.score_cap,
    kpi.on_track_edge,
    kpi.at_risk_edge,
    scorecard.on_track_edge as parents_on_track_edge,
    scorecard.at_risk_edge as parents_at_risk_edge,
    kpi.gate_score,
    kpi.is_additive,
    kpi.empty_means,
    kpi.min_observations_count,
    kpi.max_age,
    kpi.definition_id,
    scorecard.currency_code,
    scorecard.locale
from scorecard.dim_kpi as kpi
inner join scorecard.dim_objective as objective on kpi.objective_id = objective.objective_id
inner join scorecard.dim_perspective as perspective on kpi.perspective_id = perspective.perspective_id
cross join scorecard.dim_scorecard as scorecard
where kpi.kpi_id = $kpi_id
