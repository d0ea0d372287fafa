-- The months whose rows a KPI's value is made of: those of the period, of a stock the last; of a change also those of the period
-- that it is taken against, of an index those of its base.
-- Grain: one row per KPI, term, period, grain and month.
with stepped as (
    select
        kpi_id,
        case when change_against is null then 0 when change_against = 'last_year' then 12 end as fixed_months,
        case frequency when 'quarter' then 3 when 'half' then 6 when 'year' then 12 else 1 end as frequency_months,
        index_base_date,
        case index_base_grain when 'quarter' then 3 when 'half' then 6 when 'year' then 12 else 1 end as base_months
    from scorecard.dim_kpi
),

spanned as (
    select
        term.kpi_id,
        term.measure_id,
        term.of_unit,
        period.grain,
        period.period_start_date,
        case term.aggregation when 'last' then date_trunc('month', period.last_date)::date else period.first_date end
            as first_date,
        period.last_date,
        coalesce(
            stepped.fixed_months,
            case period.grain
                when 'quarter' then 3
                when 'half' then 6
                when 'year' then 12
                when 'ytd' then 12
                else stepped.frequency_months
            end
        ) as step_months,
        stepped.index_base_date,
        stepped.base_months
    from scorecard.kpi_term as term
    inner join stepped on term.kpi_id = stepped.kpi_id
    cross join scorecard.dim_period as period
)

select
    spanned.kpi_id,
    spanned.measure_id,
    spanned.of_unit,
    spanned.grain,
    spanned.period_start_date,
    month.period_start_date as month_start_date
from spanned
inner join scorecard.dim_period as month
    on month.grain = 'month' and month.period_start_date between spanned.first_date and spanned.last_date
union
select
    spanned.kpi_id,
    spanned.measure_id,
    spanned.of_unit,
    spanned.grain,
    spanned.period_start_date,
    month.period_start_date as month_start_date
from spanned
inner join scorecard.dim_period as month
    on
        month.grain = 'month'
        and month.period_start_date
        between (spanned.first_date - to_months(spanned.step_months))::date
        and (date_trunc('month', spanned.last_date) - to_months(spanned.step_months))::date
where spanned.step_months > 0
union
select
    spanned.kpi_id,
    spanned.measure_id,
    spanned.of_unit,
    spanned.grain,
    spanned.period_start_date,
    month.period_start_date as month_start_date
from spanned
inner join scorecard.dim_period as month
    on
        month.grain = 'month'
        and spanned.index_base_date <= month.period_start_date
        and month.period_start_date < (spanned.index_base_date + to_months(spanned.base_months))::date
