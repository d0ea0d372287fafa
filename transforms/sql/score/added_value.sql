-- Components of every series at every grain, added up in its own way; of a stock the last reading. Gaps are counted in periods
-- of the KPI's frequency.
-- Grain: one row per series, unit and period.
with first_month as (
    select
        series_id,
        unit_id,
        min(own_start_date) as start_date
    from unit_month
    group by series_id, unit_id
),

series as (
    select *
    from term
    where is_series and aggregation != 'distinct'
),

windowed as (
    select
        component.series_id,
        component.unit_id,
        period.period_id,
        sum(component.numerator) as numerator,
        sum(component.denominator) as denominator,
        sum(component.observations_count)::bigint as observations_count,
        max(component.own_start_date) as last_read_date,
        count(*) as read_count
    from unit_month as component
    inner join series on component.series_id = series.series_id
    inner join own_period as period
        on series.frequency = period.frequency and component.own_start_date = period.own_start_date
    group by component.series_id, component.unit_id, period.period_id
),

framed as (
    select distinct
        period_id,
        grain,
        first_date,
        last_own_start_date,
        own_count
    from own_period
)

select
    windowed.series_id,
    windowed.unit_id,
    windowed.period_id,
    case series.aggregation when 'last' then reading.numerator else windowed.numerator end::decimal(38, 9) as numerator,
    case
        when series.aggregation = 'mean' then windowed.read_count
        when series.aggregation = 'sum' or series.is_amount then 1
        when series.aggregation = 'last' then reading.denominator
        else windowed.denominator
    end::decimal(38, 9) as denominator,
    case
        when series.aggregation = 'last' then reading.observations_count
        when series.aggregation in ('score', 'ratio') and not series.is_amount
            then coalesce(windowed.observations_count, try_cast(windowed.denominator as bigint))
        else windowed.observations_count
    end as observations_count,
    case
        when series.aggregation in ('sum', 'mean') then windowed.read_count < framed.own_count
        when series.aggregation = 'last' then windowed.last_read_date < framed.last_own_start_date
        else false
    end as has_gap,
    case
        when series.aggregation in ('sum', 'mean') then first_month.start_date
        when series.aggregation = 'last' and framed.grain != 'ttm' then framed.first_date
        else series.first_date
    end as start_date
from windowed
inner join series on windowed.series_id = series.series_id
inner join framed on windowed.period_id = framed.period_id
inner join first_month on windowed.series_id = first_month.series_id and windowed.unit_id = first_month.unit_id
left join unit_month as reading
    on
        series.aggregation = 'last'
        and windowed.series_id = reading.series_id
        and windowed.unit_id = reading.unit_id
        and windowed.last_read_date = reading.own_start_date
