-- Components of every series by unit, with everything below it, and period of the KPI's frequency: the month, unless it is
-- measured less often. A month's rows belong to the units above which their unit stood on the month's last day; a level that
-- is read once in a longer period, to those at that period's end. Periods without rows are zero where the KPI says so, up to the
-- day that the data reach.
-- Grain: one row per series, unit and period of the KPI's frequency.
with series as (
    select *
    from term
    where is_series and aggregation != 'distinct'
),

placed as (
    select
        series.series_id,
        component.unit_id,
        component.period_start_date,
        own_month.own_start_date,
        series.aggregation,
        series.step_months,
        series.step_months > 1 and series.aggregation in ('last', 'mean') as is_read_once,
        component.numerator,
        component.denominator,
        component.observations_count
    from component_of_term as component
    inner join series on component.kpi_id = series.kpi_id and component.term_id = series.term_id
    inner join own_month
        on series.frequency = own_month.frequency and component.period_start_date = own_month.month_start_date
),

reading as (
    select
        series_id,
        unit_id,
        own_start_date,
        last_day(period_start_date) as stood_date,
        numerator,
        denominator,
        observations_count
    from placed
    where not is_read_once
    union all
    select
        series_id,
        unit_id,
        own_start_date,
        last_day((own_start_date + to_months(any_value(step_months) - 1))::date) as stood_date,
        case
            when any_value(aggregation) = 'last' then arg_max(numerator, period_start_date)
            when count(*) = 1 then max(numerator)
            else (sum(numerator)::double / count(*))::decimal(38, 9)
        end as numerator,
        arg_max(denominator, period_start_date) as denominator,
        case
            when any_value(aggregation) = 'last' then arg_max(observations_count, period_start_date)
            else sum(observations_count)
        end::bigint as observations_count
    from placed
    where is_read_once
    group by series_id, unit_id, own_start_date
),

rolled_up as (
    select
        reading.series_id,
        closure.ancestor_unit_id as unit_id,
        reading.own_start_date,
        sum(reading.numerator) as numerator,
        sum(reading.denominator) as denominator,
        sum(reading.observations_count)::bigint as observations_count
    from reading
    inner join scorecard.unit_closure as closure
        on
            reading.unit_id = closure.unit_id
            and reading.stood_date between closure.valid_from_date and closure.valid_to_date
    group by reading.series_id, closure.ancestor_unit_id, reading.own_start_date
),

own as (
    select distinct
        frequency,
        own_start_date
    from own_month
),

grid as (
    select
        series.series_id,
        term_unit.unit_id,
        own.own_start_date,
        series.is_amount
    from series
    inner join term_unit on series.kpi_id = term_unit.kpi_id and series.term_id = term_unit.term_id
    inner join own
        on
            series.frequency = own.frequency
            and own.own_start_date between series.first_date and series.zero_until_date
)

select
    rolled_up.series_id,
    rolled_up.unit_id,
    rolled_up.own_start_date,
    rolled_up.numerator::decimal(38, 9) as numerator,
    case when series.is_amount then 1 else rolled_up.denominator end::decimal(38, 9) as denominator,
    rolled_up.observations_count
from rolled_up
inner join series on rolled_up.series_id = series.series_id
union all
select
    grid.series_id,
    grid.unit_id,
    grid.own_start_date,
    0::decimal(38, 9) as numerator,
    case when grid.is_amount then 1 else 0 end::decimal(38, 9) as denominator,
    0 as observations_count
from grid
anti join rolled_up
    on
        grid.series_id = rolled_up.series_id
        and grid.unit_id = rolled_up.unit_id
        and grid.own_start_date = rolled_up.own_start_date
