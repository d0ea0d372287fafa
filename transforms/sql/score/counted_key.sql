-- Distinct things, counted anew at every grain. A thing counts in the units above which its unit stood in the month.
-- Grain: one row per series, unit and period.
with series as (
    select *
    from term
    where is_series and aggregation = 'distinct'
),

placed as (
    select
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

followed as (
    select
        *,
        lag(own_start_date) over (
            partition by series_id, unit_id, key
            order by own_start_date
        ) as previous_start_date
    from placed
),

seen as materialized (
    -- How many things were there in each period of their frequency, by when they had been there before. There are few such pairs,
    -- however many things: what follows does not grow with them. A row without a key is no thing.
    select
        series_id,
        unit_id,
        frequency,
        own_start_date,
        previous_start_date,
        count(key) as key_count
    from followed
    where previous_start_date is distinct from own_start_date
    group by series_id, unit_id, frequency, own_start_date, previous_start_date
),

counted as materialized (
    -- A thing is counted where it is met first within the longer period.
    select
        seen.series_id,
        seen.unit_id,
        period.period_id,
        sum(seen.key_count)::bigint as key_count
    from seen
    inner join own_period as period
        on seen.frequency = period.frequency and seen.own_start_date = period.own_start_date
    where seen.previous_start_date is null or seen.previous_start_date < period.first_date
    group by seen.series_id, seen.unit_id, period.period_id
),

first_key as (
    select
        seen.series_id,
        seen.unit_id,
        min(seen.own_start_date) as start_date
    from seen
    group by seen.series_id, seen.unit_id
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
