-- Components of every term at every grain, before any expression, change or index is taken of them. A period that began before
-- its start is provisional, and no trailing twelve months: amounts start with the unit's first month, rates with the measure's;
-- a stock is what it is at the end.
-- Grain: one row per KPI, term, unit, period and grain.
with every_value as (
    select
        series_id,
        unit_id,
        period_id,
        numerator,
        denominator,
        observations_count,
        has_gap,
        start_date
    from added_value
    union all
    select
        series_id,
        unit_id,
        period_id,
        key_count::decimal(38, 9) as numerator,
        1::decimal(38, 9) as denominator,
        key_count as observations_count,
        false as has_gap,
        start_date
    from counted_key
),

framed as (
    select distinct
        period_id,
        grain,
        period_start_date,
        first_date,
        last_date
    from own_period
)

select
    term.kpi_id,
    term.term_id,
    every_value.unit_id,
    framed.grain,
    framed.period_start_date,
    every_value.numerator,
    every_value.denominator,
    every_value.observations_count,
    (
        every_value.has_gap
        or framed.first_date < every_value.start_date
        or framed.last_date >= $as_of
        or framed.last_date > term.reach_date
        or term.reach_date is null
    ) as is_provisional,
    term.data_as_of_date
from every_value
inner join term on every_value.series_id = term.series_id
inner join framed on every_value.period_id = framed.period_id
where framed.grain != 'ttm' or framed.first_date >= every_value.start_date
