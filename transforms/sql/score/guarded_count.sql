-- How many observations a measure of which not everything may be shown has by unit, with everything below it, at every grain.
-- They are the measure's own, so that all KPIs over it count alike; but a reading at a period's end rests on that reading's alone,
-- and things that are counted once are their own observations. Each such way of counting is a row here.
-- Grain: one row per measure, way of counting, unit, period and grain.
with way as (
    select distinct
        term.measure_id,
        term.frequency,
        case
            when term.aggregation in ('last', 'distinct') then term.aggregation
            when term.aggregation = 'mean' and term.step_months > 1 then 'mean'
            else 'sum'
        end as counting,
        term.step_months > 1 and term.aggregation in ('last', 'mean') as is_read_once
    from term
    inner join least_observations as least on term.measure_id = least.measure_id
),

counted as (
    select
        component.measure_id,
        component.unit_id,
        component.period_start_date,
        coalesce(
            component.observations_count, case measure.kind when 'components' then component.denominator end, 0
        )::decimal(38, 9) as observations_count,
        coalesce(component.numerator != 0, false) as has_value
    from measure.component as component
    inner join measure.dim_measure as measure on component.measure_id = measure.measure_id
    union all
    select
        measure_id,
        unit_id,
        period_start_date,
        sum(observations_count)::decimal(38, 9) as observations_count,
        false as has_value
    from measure.answer
    group by measure_id, unit_id, period_start_date
),

placed as (
    select
        way.*,
        own_month.own_start_date,
        counted.unit_id,
        counted.period_start_date,
        counted.observations_count,
        counted.has_value
    from counted
    inner join way on counted.measure_id = way.measure_id and way.counting != 'distinct'
    inner join own_month
        on way.frequency = own_month.frequency and counted.period_start_date = own_month.month_start_date
),

reading as (
    select
        measure_id,
        frequency,
        counting,
        own_start_date,
        unit_id,
        last_day(period_start_date) as stood_date,
        observations_count,
        has_value
    from placed
    where not is_read_once
    union all
    select
        measure_id,
        frequency,
        counting,
        own_start_date,
        unit_id,
        last_day((own_start_date + to_months(grain_months(frequency) - 1))::date) as stood_date,
        case counting
            when 'last' then arg_max(observations_count, period_start_date)
            else sum(observations_count)
        end as observations_count,
        bool_or(has_value) as has_value
    from placed
    where is_read_once
    group by measure_id, frequency, counting, own_start_date, unit_id
),

rolled_up as (
    select
        reading.measure_id,
        reading.frequency,
        reading.counting,
        reading.own_start_date,
        closure.ancestor_unit_id as unit_id,
        sum(reading.observations_count) as observations_count,
        bool_or(reading.has_value) as has_value
    from reading
    inner join scorecard.unit_closure as closure
        on
            reading.unit_id = closure.unit_id
            and reading.stood_date between closure.valid_from_date and closure.valid_to_date
    group by
        reading.measure_id, reading.frequency, reading.counting, reading.own_start_date, closure.ancestor_unit_id
),

every_count as (
    select
        rolled_up.measure_id,
        rolled_up.frequency,
        rolled_up.counting,
        rolled_up.unit_id,
        period.grain,
        period.period_start_date,
        case rolled_up.counting
            when 'last' then arg_max(rolled_up.observations_count, rolled_up.own_start_date)
            else sum(rolled_up.observations_count)
        end as observations_count,
        bool_or(rolled_up.has_value) as has_value
    from rolled_up
    inner join own_period as period
        on rolled_up.frequency = period.frequency and rolled_up.own_start_date = period.own_start_date
    group by
        rolled_up.measure_id, rolled_up.frequency, rolled_up.counting, rolled_up.unit_id,
        period.grain, period.period_start_date
    union all
    select
        way.measure_id,
        way.frequency,
        way.counting,
        closure.ancestor_unit_id as unit_id,
        period.grain,
        period.period_start_date,
        count(distinct measure_key.key) as observations_count,
        false as has_value
    from way
    inner join measure_key on way.measure_id = measure_key.measure_id
    inner join own_month
        on way.frequency = own_month.frequency and measure_key.period_start_date = own_month.month_start_date
    inner join own_period as period
        on way.frequency = period.frequency and own_month.own_start_date = period.own_start_date
    inner join scorecard.unit_closure as closure
        on
            measure_key.unit_id = closure.unit_id
            and last_day(measure_key.period_start_date) between closure.valid_from_date and closure.valid_to_date
    where way.counting = 'distinct'
    group by
        way.measure_id, way.frequency, way.counting, closure.ancestor_unit_id, period.grain, period.period_start_date
)

select
    dense_rank() over (order by every_count.measure_id, every_count.counting, every_count.frequency) as counting_id,
    every_count.measure_id,
    every_count.unit_id,
    every_count.grain,
    every_count.period_start_date,
    every_count.observations_count::decimal(38, 9) as observations_count,
    every_count.has_value or every_count.observations_count > 0 as is_filled,
    least.observations_count as least_count
from every_count
inner join least_observations as least on every_count.measure_id = least.measure_id
