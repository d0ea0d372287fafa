-- Why the score of each KPI differs from what stood: why its value does, and what of target and definition changed. A value of
-- another period, or another state of the data, is one of late data; where all that is scored is the same, the rule is another.
-- Points that differ while the KPI's targets are given as before are those of another parent (the tree), or follow a season that
-- has become another (late data).
-- Another way of scoring the same value is a reason where the score moved, beside others; what a definition says of how long a
-- value may stand in explains that it does, or does no longer.
-- `$run_id`: the run that reports.
-- Grain: KPI, unit, period and grain.
with change as (
    select * from score_change
    where level = 'kpi' and has_stood
),

point as (
    select
        node_id,
        unit_id,
        grain,
        period_start_date,
        true as is_now,
        unnest(from_json(points, '[{"point": "VARCHAR", "value": "DOUBLE"}]')) as given
    from change
    where is_redefined and not was_older
    union all
    select
        node_id,
        unit_id,
        grain,
        period_start_date,
        false as is_now,
        unnest(from_json(former_points, '[{"point": "VARCHAR", "value": "DOUBLE"}]')) as given
    from change
    where is_redefined and not was_older
),

named_point as (
    select
        point.node_id,
        point.unit_id,
        point.grain,
        point.period_start_date,
        array_agg(given.value order by given.value) filter (point.is_now) as values_now,
        array_agg(given.value order by given.value) filter (not point.is_now) as values_then
    from point
    group by point.node_id, point.unit_id, point.grain, point.period_start_date, given.point
),

moved_point as (
    -- under another rule only points of the same name can be compared
    select distinct
        node_id,
        unit_id,
        grain,
        period_start_date
    from named_point
    where values_now != values_then
),

judged as (
    select
        change.*,
        coalesce(value.reasons, []::varchar[]) as value_reasons,
        (
            change.has_another_period
            or (
                (change.data_state is distinct from change.former_data_state)
                and (
                    change.data_state in ('stale', 'unverified', 'no_data')
                    or change.former_data_state in ('stale', 'unverified', 'no_data')
                )
            )
        ) as has_other_data,
        case
            when change.is_withdrawn or change.has_another_period then false
            when change.was_older then (change.target is distinct from change.former_target)
            when change.is_redefined then moved_point.node_id is not null
            else (change.points is distinct from change.former_points)
        end as has_other_points,
        change.was_older
        or change.is_redefined
        or change.node_id in (select given.kpi_id from target_change as given) as is_given_otherwise,
        kpi.is_intensive and change.unit_id in (select moved.unit_id from closure_change as moved) as is_moved,
        coalesce(kpi.phasing = 'seasonal', false) as is_seasonal
    from change
    left join scorecard.dim_kpi as kpi on change.node_id = kpi.kpi_id
    left join history.reported_value as value
        on
            value.run_id = $run_id
            and change.node_id = value.kpi_id
            and change.unit_id = value.unit_id
            and change.value_grain = value.grain
            and change.value_period_start_date = value.period_start_date
    left join moved_point
        on
            change.node_id = moved_point.node_id
            and change.unit_id = moved_point.unit_id
            and change.grain = moved_point.grain
            and change.period_start_date = moved_point.period_start_date
),

named as (
    select
        judged.*,
        list_concat(
            judged.value_reasons,
            case
                when judged.is_value_redefined or (judged.is_redefined and judged.has_another_score)
                    then ['changed_definition']
                else []::varchar[]
            end,
            case
                when not judged.has_other_points then []::varchar[]
                when judged.is_given_otherwise or not (judged.is_moved or judged.is_seasonal) then ['changed_target']
                when judged.is_moved then ['changed_unit_tree']
                else ['late_data']
            end,
            case when judged.is_unit_gone then ['changed_unit_tree'] else []::varchar[] end,
            case
                when
                    not judged.is_value_redefined
                    and not judged.is_stood_in_otherwise
                    and not judged.is_unit_gone
                    and (judged.has_other_data or (judged.has_another_actual and judged.value_reasons = []))
                    then ['late_data']
                else []::varchar[]
            end
        ) as causes
    from judged
)

select
    level,
    node_id,
    unit_id,
    grain,
    period_start_date,
    case when causes = [] and has_another_score then ['changed_definition'] else causes end as causes
from named
