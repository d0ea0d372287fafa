-- The months whose rows a KPI's value is made of: those of the period, of a stock the last; of a change also those of the period
-- that it is taken against, of an index those of its base.
-- Grain: one row per KPI, term, period, grain and month.
with spanned as (
    select
        term.kpi_id,
        term.measure_id,
        term.of_unit,
        period.grain,
        period.period_start_date,
        case term.aggregation when 'last' then date_trunc('month', period.last_date)::date else period.first_date end
            as first_date,
        period.last_date,
        case
            when kpi.change_against = 'last_year' then 12
            when kpi.change_against is not null then previous_step_of(period.grain, kpi.frequency)
        end as step_months,
        kpi.index_base_date,
        grain_months(kpi.index_base_grain) as base_months
    from scorecard.kpi_term as term
    inner join scorecard.dim_kpi as kpi on term.kpi_id = kpi.kpi_id
    cross join scorecard.dim_period as period
),

listed as (
    select
        kpi_id,
        measure_id,
        of_unit,
        grain,
        period_start_date,
        unnest(
            [
                struct_pack(first_date := first_date, last_date := last_date),
                struct_pack(
                    first_date := (first_date - to_months(step_months))::date,
                    last_date := (date_trunc('month', last_date) - to_months(step_months))::date
                ),
                struct_pack(
                    first_date := index_base_date,
                    last_date := (index_base_date + to_months(base_months) - interval 1 day)::date
                )
            ]
        ) as span
    from spanned
)

select distinct
    listed.kpi_id,
    listed.measure_id,
    listed.of_unit,
    listed.grain,
    listed.period_start_date,
    month.period_start_date as month_start_date
from listed
inner join scorecard.dim_period as month
    on
        month.grain = 'month'
        and month.period_start_date
        between struct_extract(listed.span, 'first_date') and struct_extract(listed.span, 'last_date')
