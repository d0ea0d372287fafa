-- Components of a term as they are published, added up over the months of a period and the units below, each month by its own
-- tree, in the measure's way. Nothing is given where a month of any unit is held back.
-- `$measure_id`, `$aggregation`, `$unit_id`, `$first_date`, `$last_date`: of which.
-- Grain: one row.
with monthly as (
    select
        component.period_start_date,
        sum(component.numerator) as numerator,
        sum(component.denominator) as denominator,
        sum(component.observations_count)::bigint as observations_count,
        bool_or(component.numerator is null) as is_held_back
    from measure.component as component
    inner join scorecard.unit_closure as closure
        on
            component.unit_id = closure.unit_id
            and last_day(component.period_start_date) between closure.valid_from_date and closure.valid_to_date
    where
        component.measure_id = $measure_id
        and closure.ancestor_unit_id = $unit_id
        and component.period_start_date between $first_date and $last_date
    group by component.period_start_date
),

kind as (
    select kind = 'amounts' as is_amount from measure.dim_measure
    where measure_id = $measure_id
)

select
    case $aggregation
        when 'last' then arg_max(monthly.numerator, monthly.period_start_date) else sum(monthly.numerator)
    end as numerator,
    case
        when $aggregation = 'sum' or ($aggregation = 'last' and any_value(kind.is_amount)) then 1
        when $aggregation = 'mean' then count(*)
        when $aggregation = 'last' then arg_max(monthly.denominator, monthly.period_start_date)
        else sum(monthly.denominator)
    end as denominator,
    case $aggregation
        when 'last' then arg_max(monthly.observations_count, monthly.period_start_date)
        else sum(monthly.observations_count)
    end::bigint as observations_count,
    coalesce(bool_or(monthly.is_held_back), false) as is_held_back
from monthly
cross join kind
