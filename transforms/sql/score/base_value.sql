-- Components of every KPI's measure at every grain, by the KPI's aggregation, before any change is taken. A period that began
-- before its start is provisional, and no trailing twelve months: amounts start with the unit's first month, rates with the
-- measure's; a stock is what it is at the end.
-- Grain: one row per KPI, unit, period and grain.
with first_month as (
    select
        kpi_id,
        unit_id,
        min(month_start_date) as month_start_date
    from unit_month
    group by kpi_id, unit_id
),

windowed as (
    select
        component.kpi_id,
        component.unit_id,
        period.grain,
        period.period_start_date,
        any_value(period.first_date) as first_date,
        any_value(period.last_date) as last_date,
        sum(component.numerator) as numerator_sum,
        sum(component.denominator) as denominator_sum,
        arg_max(component.numerator, component.month_start_date) as last_numerator,
        arg_max(component.denominator, component.month_start_date) as last_denominator,
        max(component.month_start_date) as last_month,
        count(*) as month_count,
        sum(component.observations_count)::bigint as observations_count,
        arg_max(component.observations_count, component.month_start_date) as last_observations_count
    from unit_month as component
    inner join period_month as period on component.month_start_date = period.month_start_date
    group by component.kpi_id, component.unit_id, period.grain, period.period_start_date
),

added as (
    select
        windowed.kpi_id,
        windowed.unit_id,
        windowed.grain,
        windowed.period_start_date,
        windowed.first_date,
        windowed.last_date,
        case kpi.aggregation when 'last' then windowed.last_numerator else windowed.numerator_sum end as numerator,
        case kpi.aggregation
            when 'sum' then 1
            when 'mean' then windowed.month_count
            when 'last' then windowed.last_denominator
            else windowed.denominator_sum
        end as denominator,
        case kpi.aggregation
            when 'last' then windowed.last_observations_count else windowed.observations_count
        end as observations_count,
        case
            when kpi.aggregation in ('sum', 'mean')
                then windowed.month_count < 1 + date_diff('month', windowed.first_date, windowed.last_date)
            when kpi.aggregation = 'last'
                then windowed.last_month < date_trunc('month', windowed.last_date)
            else false
        end as has_gap,
        case
            when kpi.aggregation in ('sum', 'mean') then first_month.month_start_date
            when kpi.aggregation = 'last' and windowed.grain != 'ttm' then windowed.first_date
            else measure.first_period_start_date
        end as start_date
    from windowed
    inner join scorecard.dim_kpi as kpi on windowed.kpi_id = kpi.kpi_id
    inner join measure.dim_measure as measure on kpi.measure_id = measure.measure_id
    inner join first_month on windowed.kpi_id = first_month.kpi_id and windowed.unit_id = first_month.unit_id
),

placed_key as (
    select
        kpi.kpi_id,
        closure.ancestor_unit_id as unit_id,
        measure_key.period_start_date,
        measure_key.key
    from scorecard.dim_kpi as kpi
    inner join measure_key on kpi.measure_id = measure_key.measure_id
    inner join scorecard.unit_closure as closure on measure_key.unit_id = closure.unit_id
    where kpi.aggregation = 'distinct'
),

counted as (
    select
        placed_key.kpi_id,
        placed_key.unit_id,
        period.grain,
        period.period_start_date,
        any_value(period.first_date) as first_date,
        any_value(period.last_date) as last_date,
        count(distinct placed_key.key) as key_count
    from placed_key
    inner join period_month as period on placed_key.period_start_date = period.month_start_date
    group by placed_key.kpi_id, placed_key.unit_id, period.grain, period.period_start_date
),

first_key as (
    select
        placed_key.kpi_id,
        placed_key.unit_id,
        case any_value(kpi.empty_means)
            when 'zero' then any_value(measure.first_period_start_date) else min(placed_key.period_start_date)
        end as start_date
    from placed_key
    inner join scorecard.dim_kpi as kpi on placed_key.kpi_id = kpi.kpi_id
    inner join measure.dim_measure as measure on kpi.measure_id = measure.measure_id
    group by placed_key.kpi_id, placed_key.unit_id
),

uncounted as (
    select
        kpi.kpi_id,
        applies.unit_id,
        period.grain,
        period.period_start_date,
        period.first_date,
        period.last_date,
        measure.first_period_start_date as start_date
    from scorecard.dim_kpi as kpi
    inner join measure.dim_measure as measure on kpi.measure_id = measure.measure_id
    inner join scorecard.kpi_unit as applies on kpi.kpi_id = applies.kpi_id
    inner join scorecard.dim_period as period
        on
            measure.first_period_start_date <= period.last_date
            and measure.data_as_of_date >= period.first_date
    anti join counted
        on
            kpi.kpi_id = counted.kpi_id
            and applies.unit_id = counted.unit_id
            and period.grain = counted.grain
            and period.period_start_date = counted.period_start_date
    where kpi.aggregation = 'distinct' and kpi.empty_means = 'zero'
),

every_value as (
    select
        kpi_id,
        unit_id,
        grain,
        period_start_date,
        first_date,
        last_date,
        numerator::decimal(38, 9) as numerator,
        denominator::decimal(38, 9) as denominator,
        observations_count,
        has_gap,
        start_date
    from added
    union all
    select
        counted.kpi_id,
        counted.unit_id,
        counted.grain,
        counted.period_start_date,
        counted.first_date,
        counted.last_date,
        counted.key_count::decimal(38, 9) as numerator,
        1::decimal(38, 9) as denominator,
        counted.key_count as observations_count,
        false as has_gap,
        first_key.start_date
    from counted
    inner join first_key on counted.kpi_id = first_key.kpi_id and counted.unit_id = first_key.unit_id
    union all
    select
        kpi_id,
        unit_id,
        grain,
        period_start_date,
        first_date,
        last_date,
        0::decimal(38, 9) as numerator,
        1::decimal(38, 9) as denominator,
        0 as observations_count,
        false as has_gap,
        start_date
    from uncounted
)

select
    every_value.kpi_id,
    every_value.unit_id,
    every_value.grain,
    every_value.period_start_date,
    every_value.numerator,
    every_value.denominator,
    case
        when kpi.aggregation in ('score', 'ratio')
            then coalesce(every_value.observations_count, every_value.denominator::bigint)
        else every_value.observations_count
    end as observations_count,
    (
        every_value.has_gap
        or every_value.first_date < every_value.start_date
        or every_value.last_date >= $as_of
        or every_value.last_date > measure.data_as_of_date
        or measure.data_as_of_date is null
    ) as is_provisional,
    measure.data_as_of_date
from every_value
inner join scorecard.dim_kpi as kpi on every_value.kpi_id = kpi.kpi_id
inner join measure.dim_measure as measure on kpi.measure_id = measure.measure_id
where every_value.grain != 'ttm' or every_value.first_date >= every_value.start_date
