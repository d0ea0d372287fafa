-- What each unit contributed to the change of a KPI's value in the unit above it, by tree; with the part `other` a tree's parts
-- add up to the change. With n and d the unit's components, N and D those of the unit above, A its value before:
--   amounts: n / D now - n / D before.
--   quotients: (n - A d) / D now - (n - A d) / D before, so that a unit moves a rate by what it adds beyond the rate before,
--     be it better or larger.
-- A unit is below where it stands on the later period's last day. What is in no unit below on both sides is `other`: rows of
-- the upper unit itself, things counted in two units, units that are held back, and what units that moved brought or took away.
-- KPIs whose components do not add up over units (changes of quotients, indices, derived quotients of anything but sums) have
-- no rows.
-- Grain: one row per KPI, upper unit, tree, part, closed period (month, quarter, half, year) whose value and the one before
-- are whole.
with kpi as (
    select
        kpi.kpi_id,
        kpi.aggregation in ('ratio', 'score')
        or kpi.is_quotient_of_sums
        or coalesce(kpi.change_form = 'relative', false)
        or coalesce(kpi.aggregation = 'last' and measure.kind = 'components', false) as is_quotient,
        kpi.change_against is not null as is_change,
        kpi.aggregation = 'last' or kpi.change_against is not null as needs_whole
    from scorecard.dim_kpi as kpi
    left join measure.dim_measure as measure on kpi.measure_id = measure.measure_id
    where
        kpi.index_base_date is null
        and case
            when kpi.aggregation = 'derived' then kpi.is_additive or kpi.is_quotient_of_sums
            when kpi.change_against is not null
                then kpi.aggregation not in ('ratio', 'score') and measure.kind is distinct from 'components'
            else true
        end
),

period as (
    select
        grain,
        period_start_date,
        last_date,
        (period_start_date - to_months(previous_step(grain)))::date as before_start_date
    from scorecard.dim_period
    where is_closed and grain in ('month', 'quarter', 'half', 'year')
),

value as (
    select
        value.kpi_id,
        value.unit_id,
        value.grain,
        value.period_start_date,
        value.numerator::double as numerator,
        value.denominator::double as denominator,
        value.actual,
        not value.is_suppressed and not (kpi.needs_whole and value.is_provisional) as is_usable
    from scorecard.kpi_value as value
    inner join kpi on value.kpi_id = kpi.kpi_id
    inner join scorecard.kpi_unit as applies on value.kpi_id = applies.kpi_id and value.unit_id = applies.unit_id
    where value.grain in ('month', 'quarter', 'half', 'year')
),

whole as (
    select value.*
    from value
    inner join whole_value
        on
            value.kpi_id = whole_value.kpi_id
            and value.unit_id = whole_value.unit_id
            and value.grain = whole_value.grain
            and value.period_start_date = whole_value.period_start_date
),

parent as (
    select
        present.kpi_id,
        present.unit_id,
        present.grain,
        present.period_start_date,
        period.before_start_date,
        period.last_date,
        present.actual,
        present.denominator,
        before.actual as actual_before,
        before.denominator as denominator_before
    from whole as present
    inner join period on present.grain = period.grain and present.period_start_date = period.period_start_date
    inner join whole as before
        on
            present.kpi_id = before.kpi_id
            and present.unit_id = before.unit_id
            and present.grain = before.grain
            and period.before_start_date = before.period_start_date
),

child as (
    select
        parent.kpi_id,
        parent.unit_id as parent_unit_id,
        unit.tree_id,
        unit.unit_id,
        parent.grain,
        parent.period_start_date,
        parent.actual - parent.actual_before as parent_change,
        abs(parent.actual) + abs(parent.actual_before) as parent_size,
        before.actual as actual_before,
        present.actual,
        case
            when kpi.is_quotient
                then
                    coalesce(present.numerator - parent.actual_before * present.denominator, 0) / parent.denominator
                    - coalesce(before.numerator - parent.actual_before * before.denominator, 0)
                    / parent.denominator_before
            else
                coalesce(present.numerator, 0) / parent.denominator
                - coalesce(before.numerator, 0) / parent.denominator_before
        end as contribution
    from parent
    inner join kpi on parent.kpi_id = kpi.kpi_id
    inner join scorecard.unit_closure as closure
        on
            parent.unit_id = closure.ancestor_unit_id
            and closure.distance = 1
            and parent.last_date between closure.valid_from_date and closure.valid_to_date
    inner join scorecard.dim_unit as unit on closure.unit_id = unit.unit_id
    left join value as present
        on
            parent.kpi_id = present.kpi_id
            and closure.unit_id = present.unit_id
            and parent.grain = present.grain
            and parent.period_start_date = present.period_start_date
    left join value as before
        on
            parent.kpi_id = before.kpi_id
            and closure.unit_id = before.unit_id
            and parent.grain = before.grain
            and parent.before_start_date = before.period_start_date
    where
        (present.kpi_id is not null or before.kpi_id is not null)
        and coalesce(present.is_usable, not kpi.is_change)
        and coalesce(before.is_usable, not kpi.is_change)
),

-- The parts in the order of units, so that their sum is the same in every run.
added as (
    select
        kpi_id,
        parent_unit_id,
        tree_id,
        grain,
        period_start_date,
        any_value(parent_change) as parent_change,
        any_value(parent_size) as parent_size,
        list_transform(
            list_sort(list(struct_pack(unit_id := unit_id, contribution := contribution))),
            lambda sorted: struct_extract(sorted, 'contribution')
        ) as contributions
    from child
    group by kpi_id, parent_unit_id, tree_id, grain, period_start_date
),

-- What is left over is no part where arithmetic on doubles alone could make it.
rest as (
    select
        kpi_id,
        parent_unit_id,
        tree_id,
        grain,
        period_start_date,
        parent_change - list_sum(contributions) as contribution,
        1e-12 * (parent_size + list_sum(list_transform(contributions, lambda each: abs(each)))) as negligible
    from added
),

part as (
    select
        kpi_id,
        parent_unit_id,
        tree_id,
        'unit' as part,
        unit_id,
        grain,
        period_start_date,
        actual_before,
        actual,
        contribution
    from child
    union all
    select
        kpi_id,
        parent_unit_id,
        tree_id,
        'other' as part,
        parent_unit_id as unit_id,
        grain,
        period_start_date,
        null as actual_before,
        null as actual,
        case when abs(contribution) <= negligible then 0 else contribution end as contribution
    from rest
)

select
    kpi_id,
    parent_unit_id,
    tree_id,
    part,
    unit_id,
    period_start_date,
    grain,
    actual_before,
    actual,
    contribution
from part
order by kpi_id, parent_unit_id, tree_id, part, unit_id, grain, period_start_date
