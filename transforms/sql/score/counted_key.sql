-- Distinct things, counted anew at every grain. A thing counts in the units above which its unit stood in the month.
-- Grain: one row per series, unit and period.
with series as (
    select *
    from term
    where is_series and aggregation = 'distinct'
),

placed as materialized (
    select distinct
        series.series_id,
        closure.ancestor_unit_id as unit_id,
        own_month.frequency,
        own_month.own_start_date,
        measure_key.key
    from series
    inner join measure_key on series.measure_id = measure_key.measure_id
    inner join own_month
        on series.frequency = own_month.frequency and measure_key.period_start_date = own_month.month_start_date
    inner join scorecard.unit_closure as closure
        on
            measure_key.unit_id = closure.unit_id
            and last_day(measure_key.period_start_date) between closure.valid_from_date and closure.valid_to_date
),

counted as materialized (
    select
        placed.series_id,
        placed.unit_id,
        period.period_id,
        count(distinct placed.key) as key_count
    from placed
    inner join own_period as period
        on placed.frequency = period.frequency and placed.own_start_date = period.own_start_date
    group by placed.series_id, placed.unit_id, period.period_id
),

first_key as (
    select
        placed.series_id,
        placed.unit_id,
        min(placed.own_start_date) as start_date
    from placed
    group by placed.series_id, placed.unit_id
),

uncounted as (
    select distinct
        series.series_id,
        term_unit.unit_id,
        period.period_id,
        series.first_date as start_date
    from series
    inner join term_unit on series.kpi_id = term_unit.kpi_id and series.term_id = term_unit.term_id
    inner join own_period as period
        on
            series.frequency = period.frequency
            and series.first_date <= period.last_date
            and series.zero_until_date >= period.first_date
)

select
    counted.series_id,
    counted.unit_id,
    counted.period_id,
    counted.key_count,
    case series.empty_means when 'zero' then series.first_date else first_key.start_date end as start_date
from counted
inner join series on counted.series_id = series.series_id
inner join first_key on counted.series_id = first_key.series_id and counted.unit_id = first_key.unit_id
union all
select
    uncounted.series_id,
    uncounted.unit_id,
    uncounted.period_id,
    0 as key_count,
    uncounted.start_date
from uncounted
anti join counted
    on
        uncounted.series_id = counted.series_id
        and uncounted.unit_id = counted.unit_id
        and uncounted.period_id = counted.period_id
