-- What a run reports of each KPI that stood otherwise at its base release, and why: its part of the ledger. Late data are the
-- reason where neither the definition nor the units explain it; beside a changed tree, also where a unit below changed that is
-- made of the same units as before. Whether a number is held back follows from the units beside and below it, too: where those
-- are others, the tree is the reason.
-- Grain: KPI, unit, period and grain.
with stood as (
    select
        true as is_now,
        ancestor_unit_id,
        unit_id,
        valid_from_date,
        valid_to_date
    from scorecard.unit_closure
    where distance = 1
    union all
    select
        false as is_now,
        ancestor_unit_id,
        unit_id,
        valid_from_date,
        valid_to_date
    from closure_then
    where distance = 1
),

anchored as (
    select
        change.kpi_id,
        change.unit_id,
        change.grain,
        change.period_start_date,
        change.last_date,
        moment.is_now,
        unnest([change.unit_id, stood.ancestor_unit_id]) as anchor_unit_id
    from value_change as change
    cross join (values (true), (false)) as moment (is_now)
    left join stood
        on
            moment.is_now = stood.is_now
            and change.unit_id = stood.unit_id
            and change.last_date between stood.valid_from_date and stood.valid_to_date
    where change.is_held_back_anew
),

family as (
    select
        anchored.kpi_id,
        anchored.unit_id,
        anchored.grain,
        anchored.period_start_date,
        (
            list_sort(list(stood.unit_id) filter (anchored.is_now))
            is distinct from list_sort(list(stood.unit_id) filter (not anchored.is_now))
        ) as is_another
    from anchored
    inner join stood
        on
            anchored.is_now = stood.is_now
            and anchored.anchor_unit_id = stood.ancestor_unit_id
            and anchored.last_date between stood.valid_from_date and stood.valid_to_date
    group by anchored.kpi_id, anchored.unit_id, anchored.grain, anchored.period_start_date
),

explained as (
    select
        change.*,
        present_set.unit_set_id,
        (present_set.unit_set_id is distinct from former_set.unit_set_id)
        or coalesce(family.is_another, false) as is_regrouped
    from value_change as change
    left join family
        on
            change.kpi_id = family.kpi_id
            and change.unit_id = family.unit_id
            and change.grain = family.grain
            and change.period_start_date = family.period_start_date
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
