-- What a run reports of each score that stood otherwise at its base release, and why: its part of the ledger.
-- Grain: level, node, unit, period and grain.
select
    change.level,
    change.node_id,
    change.unit_id,
    change.period_start_date,
    change.grain,
    change.actual,
    change.target,
    change.value_grain,
    change.value_period_start_date,
    change.points,
    coalesce(change.definition_id, change.former_definition_id) as definition_id,
    change.weight,
    change.score,
    change.band,
    change.data_state,
    change.coverage,
    case
        when change.has_stood
            then list_sort(
                list_distinct(
                    list_concat(
                        coalesce(cause.causes, []::varchar[]),
                        case
                            when change.is_reweighted and not change.is_withdrawn then ['changed_weight']
                            else []::varchar[]
                        end
                    )
                )
            )
        else []::varchar[]
    end as reasons,
    change.is_withdrawn
from score_change as change
left join score_cause as cause
    on
        change.level = cause.level
        and change.node_id = cause.node_id
        and change.unit_id = cause.unit_id
        and change.grain = cause.grain
        and change.period_start_date = cause.period_start_date
order by change.level, change.node_id, change.unit_id, change.grain, change.period_start_date
