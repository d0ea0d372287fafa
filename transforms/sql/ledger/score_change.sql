-- Every score that stands otherwise than at the base release, or did not stand there at all, beside what stood.
-- Grain: level, node, unit, period and grain.
with score as (
    select
        'kpi' as level,
        kpi_id as node_id,
        * replace (to_json(points)::varchar as points)
    from scorecard.kpi_score
    union all by name
    select
        'objective' as level,
        objective_id as node_id,
        *
    from scorecard.objective_score
    union all by name
    select
        'perspective' as level,
        perspective_id as node_id,
        *
    from scorecard.perspective_score
    union all by name
    select
        'scorecard' as level,
        scorecard_id as node_id,
        *
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
        ended.*,
        weight.weight
    from ended
    asof left join scorecard.weight
        on
            ended.level = weight.level
            and ended.node_id = weight.node_id
            and ended.last_date >= weight.valid_from_date
),

definition_now as (
    select
        'kpi' as level,
        kpi_id as node_id,
        definition_id,
        value_definition_id,
        max_age
    from scorecard.dim_kpi
    union all by name
    select
        level,
        node_id,
        definition_id
    from roll_up
),

defined as (
    select
        kpi_id as node_id,
        definition_id,
        run_id
    from stood_reported_value
    union all
    select
        node_id,
        definition_id,
        run_id
    from stood_reported_score
    where level = 'kpi' and definition_id is not null
),

definition_then as (
    select
        'kpi' as level,
        node_id,
        arg_max(definition_id, run_id) as definition_id
    from defined
    group by node_id
),

laid as (
    select
        level,
        node_id,
        unit_id,
        period_start_date,
        grain,
        present.actual,
        present.target,
        present.value_grain,
        present.value_period_start_date,
        present.points,
        definition_now.definition_id,
        definition_now.value_definition_id,
        definition_now.max_age,
        present.weight,
        present.score,
        present.band,
        present.data_state,
        present.coverage,
        present.data_state is null as is_withdrawn,
        base.data_state is not null as has_stood,
        base.definition_id is null as was_older,
        base.target as former_target,
        base.points as former_points,
        base.data_state as former_data_state,
        coalesce(base.definition_id, definition_then.definition_id) as former_definition_id,
        base.weight as former_weight,
        (present.actual is distinct from base.actual) as has_another_actual,
        (
            base.definition_id is not null
            and (
                present.value_grain is distinct from base.value_grain
                or present.value_period_start_date is distinct from base.value_period_start_date
            )
        ) as has_another_period,
        (
            present.score is distinct from base.score
            or present.band is distinct from base.band
            or present.data_state is distinct from base.data_state
            or present.coverage is distinct from base.coverage
        ) as has_another_score
    from present
    full outer join stood_reported_score as base using (level, node_id, unit_id, period_start_date, grain)
    left join definition_now using (level, node_id)
    left join definition_then using (level, node_id)
)

select
    laid.*,
    laid.definition_id is null
    or (laid.definition_id is distinct from coalesce(laid.former_definition_id, laid.definition_id)) as is_redefined,
    case
        when laid.value_definition_id is null or former.value_definition_id is null
            then is_redefined
        else laid.value_definition_id != former.value_definition_id
    end as is_value_redefined,
    (
        laid.data_state is distinct from laid.former_data_state
        and 'stale' in (laid.data_state, laid.former_data_state)
        and (laid.data_state in ('no_data', 'unverified') or laid.former_data_state in ('no_data', 'unverified'))
        and (json_extract_string(former.definition_json, '$.kpi.max_age') is distinct from laid.max_age::varchar)
    ) as is_stood_in_otherwise,
    (laid.weight is distinct from laid.former_weight) as is_reweighted,
    unit.unit_id is null as is_unit_gone
from laid
left join scorecard.dim_unit as unit on laid.unit_id = unit.unit_id
left join history.definition as former
    on
        laid.level = 'kpi'
        and laid.node_id = former.kpi_id
        and laid.former_definition_id = former.definition_id
where
    not laid.has_stood
    or laid.has_another_score
    or laid.has_another_actual
    or laid.has_another_period
    or laid.weight is distinct from laid.former_weight
    or laid.target is distinct from laid.former_target
    or (not laid.was_older and laid.points is distinct from laid.former_points)
    or (not laid.was_older and laid.definition_id is distinct from laid.former_definition_id)
