-- Each link of the strategy map with the KPIs that stand for its two objectives: those named, else each objective's heaviest at
-- the headline month's end, the first in the strategy among equals.
-- Grain: one row per link.
with weighed as (
    select
        kpi.objective_id,
        kpi.kpi_id,
        kpi.sort_order,
        coalesce(weight.weight, 0) as weight,
        last_day(scorecard.headline_period_start_date) as last_date
    from scorecard.dim_kpi as kpi
    cross join scorecard.dim_scorecard as scorecard
    asof left join scorecard.weight as weight
        on
            weight.level = 'kpi'
            and kpi.kpi_id = weight.node_id
            and last_day(scorecard.headline_period_start_date) >= weight.valid_from_date
),

heaviest as (
    select
        objective_id,
        kpi_id
    from weighed
    qualify row_number() over (partition by objective_id order by weight desc, sort_order asc) = 1
)

select
    link.cause_objective_id,
    link.effect_objective_id,
    link.lag_months,
    coalesce(link.cause_kpi_id, cause.kpi_id) as cause_kpi_id,
    coalesce(link.effect_kpi_id, effect.kpi_id) as effect_kpi_id
from scorecard.strategy_link as link
left join heaviest as cause on link.cause_objective_id = cause.objective_id
left join heaviest as effect on link.effect_objective_id = effect.objective_id
order by link.cause_objective_id, link.effect_objective_id
