-- What a run reports of each KPI that stood otherwise at its base release, and why: its part of the ledger. Late data are the
-- reason where neither the definition nor the units explain it; beside a changed tree, also where a unit below changed that is
-- made of the same units as before.
-- Grain: KPI, unit, period and grain.
with explained as (
    select
        change.*,
        present_set.unit_set_id,
        (present_set.unit_set_id is distinct from former_set.unit_set_id) as is_regrouped
    from value_change as change
    left join unit_set_now as present_set
        on
            change.kpi_id = present_set.kpi_id
            and change.unit_id = present_set.unit_id
            and change.grain = present_set.grain
            and change.period_start_date = present_set.period_start_date
    left join unit_set_then as former_set
        on
            change.kpi_id = former_set.kpi_id
            and change.unit_id = former_set.unit_id
            and change.grain = former_set.grain
            and change.period_start_date = former_set.period_start_date
),

below as (
    select
        ancestor_unit_id,
        unit_id
    from scorecard.unit_closure
    where distance > 0
    union
    select
        ancestor_unit_id,
        unit_id
    from closure_then
    where distance > 0
),

late_below as (
    select distinct
        explained.kpi_id,
        explained.unit_id,
        explained.grain,
        explained.period_start_date
    from explained
    inner join below on explained.unit_id = below.ancestor_unit_id
    inner join explained as part
        on
            below.unit_id = part.unit_id
            and explained.kpi_id = part.kpi_id
            and explained.grain = part.grain
            and explained.period_start_date = part.period_start_date
    where
        explained.is_regrouped
        and part.is_another
        and part.is_restated
        and not part.is_redefined
        and not part.is_regrouped
)

select
    explained.kpi_id,
    explained.unit_id,
    explained.period_start_date,
    explained.grain,
    explained.numerator,
    explained.denominator,
    explained.actual,
    explained.definition_id,
    explained.value_definition_id,
    explained.is_provisional,
    explained.unit_set_id,
    case
        when not explained.is_restated then []::varchar[]
        else list_concat(
            case when explained.is_redefined then ['changed_definition'] else []::varchar[] end,
            case when explained.is_another and explained.is_regrouped then ['changed_unit_tree'] else []::varchar[] end,
            case
                when
                    explained.is_another
                    and not explained.is_redefined
                    and (not explained.is_regrouped or late_below.kpi_id is not null)
                    then ['late_data']
                else []::varchar[]
            end
        )
    end as reasons,
    explained.is_withdrawn
from explained
left join late_below
    on
        explained.kpi_id = late_below.kpi_id
        and explained.unit_id = late_below.unit_id
        and explained.grain = late_below.grain
        and explained.period_start_date = late_below.period_start_date
order by explained.kpi_id, explained.unit_id, explained.grain, explained.period_start_date
