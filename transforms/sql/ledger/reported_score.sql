-- What a run reports of each score that stood otherwise at its base release: its part of the ledger.
-- `$line`: the run ids of the base release and of those it builds on, newest first; empty for a first release.
-- Grain: level, node, unit, period and grain.
with score as (
    select
        'kpi' as level,
        kpi_id as node_id,
        unit_id,
        period_start_date,
        grain,
        actual,
        target,
        score,
        band,
        data_state,
        coverage
    from scorecard.kpi_score
    union all by name
    select
        'objective' as level,
        objective_id as node_id,
        unit_id,
        period_start_date,
        grain,
        score,
        band,
        data_state,
        coverage
    from scorecard.objective_score
    union all by name
    select
        'perspective' as level,
        perspective_id as node_id,
        unit_id,
        period_start_date,
        grain,
        score,
        band,
        data_state,
        coverage
    from scorecard.perspective_score
    union all by name
    select
        'scorecard' as level,
        scorecard_id as node_id,
        unit_id,
        period_start_date,
        grain,
        score,
        band,
        data_state,
        coverage
    from scorecard.scorecard_score
),

ended as (
    select
        score.*,
        dim_period.last_date
    from score
    inner join scorecard.dim_period
        on
            score.grain = dim_period.grain
            and score.period_start_date = dim_period.period_start_date
),

present as (
    select
        ended.level,
        ended.node_id,
        ended.unit_id,
        ended.period_start_date,
        ended.grain,
        ended.actual,
        ended.target,
        weight.weight,
        ended.score,
        ended.band,
        ended.data_state,
        ended.coverage
    from ended
    asof left join scorecard.weight
        on
            ended.level = weight.level
            and ended.node_id = weight.node_id
            and ended.last_date >= weight.valid_from_date
),

line as (
    select
        reported_score.*,
        list_position($line::varchar[], reported_score.run_id) as age
    from history.reported_score
    where list_contains($line::varchar[], reported_score.run_id)
),

newest as (
    select *
    from line
    qualify row_number() over (partition by level, node_id, unit_id, period_start_date, grain order by age) = 1
),

base as (
    select * from newest
    where not is_withdrawn
)

select
    level,
    node_id,
    unit_id,
    period_start_date,
    grain,
    present.actual,
    present.target,
    present.weight,
    present.score,
    present.band,
    present.data_state,
    present.coverage,
    present.data_state is null as is_withdrawn
from present
full outer join base using (level, node_id, unit_id, period_start_date, grain)
where
    present.data_state is distinct from base.data_state
    or present.actual is distinct from base.actual
    or present.target is distinct from base.target
    or present.weight is distinct from base.weight
    or present.score is distinct from base.score
    or present.band is distinct from base.band
    or present.coverage is distinct from base.coverage
order by level, node_id, unit_id, grain, period_start_date
