-- Scores above what a cap lets them have: a KPI's its own, a parent's the highest among the KPIs below it.
-- Grain: one row per node, unit, period and grain.
with capped as (
    select
        kpi_id,
        objective_id,
        perspective_id,
        coalesce(score_cap, 'inf'::double) as score_cap
    from scorecard.dim_kpi
),

highest as (
    select max(score_cap) as score_cap from capped
),

score as (
    select
        'scorecard.kpi_score' as table_name,
        score.kpi_id as node_id,
        score.unit_id,
        score.grain,
        score.period_start_date,
        score.score,
        capped.score_cap
    from scorecard.kpi_score as score
    inner join capped on score.kpi_id = capped.kpi_id
    union all
    select
        'scorecard.objective_score' as table_name,
        score.objective_id as node_id,
        score.unit_id,
        score.grain,
        score.period_start_date,
        score.score,
        max(capped.score_cap) as score_cap
    from scorecard.objective_score as score
    inner join capped on score.objective_id = capped.objective_id
    group by all
    union all
    select
        'scorecard.perspective_score' as table_name,
        score.perspective_id as node_id,
        score.unit_id,
        score.grain,
        score.period_start_date,
        score.score,
        max(capped.score_cap) as score_cap
    from scorecard.perspective_score as score
    inner join capped on score.perspective_id = capped.perspective_id
    group by all
    union all
    select
        'scorecard.scorecard_score' as table_name,
        score.scorecard_id as node_id,
        score.unit_id,
        score.grain,
        score.period_start_date,
        score.score,
        highest.score_cap
    from scorecard.scorecard_score as score
    cross join highest
)

select
    table_name,
    node_id || ' of ' || unit_id || ' in the ' || grain || ' ' || period_start_date || ' has the score '
    || score || ', more than ' || score_cap as found
from score
where score > score_cap
order by all
