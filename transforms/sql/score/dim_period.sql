-- Every period from the first month with rows to the month of the day before the business date.
-- Grain: one row per grain and period.
with bounds as (
    select
        date_trunc('month', $as_of - interval 1 day)::date as last_month,
        coalesce(min(first_period_start_date), date_trunc('month', $as_of - interval 1 month)::date) as first_month
    from measure.dim_measure
    where first_period_start_date < $as_of
),

months as (
    select unnest(generate_series(first_month, last_month, interval 1 month))::date as month_start_date
    from bounds
),

periods as (
    select
        'month' as grain,
        month_start_date as period_start_date,
        month_start_date as first_date,
        last_day(month_start_date) as last_date
    from months
    union all
    select distinct
        'quarter' as grain,
        fiscal_quarter_start(month_start_date, $fiscal_start) as period_start_date,
        fiscal_quarter_start(month_start_date, $fiscal_start) as first_date,
        last_day((fiscal_quarter_start(month_start_date, $fiscal_start) + interval 2 month)::date) as last_date
    from months
    union all
    select distinct
        'half' as grain,
        fiscal_half_start(month_start_date, $fiscal_start) as period_start_date,
        fiscal_half_start(month_start_date, $fiscal_start) as first_date,
        last_day((fiscal_half_start(month_start_date, $fiscal_start) + interval 5 month)::date) as last_date
    from months
    union all
    select distinct
        'year' as grain,
        fiscal_year_start(month_start_date, $fiscal_start) as period_start_date,
        fiscal_year_start(month_start_date, $fiscal_start) as first_date,
        last_day((fiscal_year_start(month_start_date, $fiscal_start) + interval 11 month)::date) as last_date
    from months
    union all
    select
        'ytd' as grain,
        month_start_date as period_start_date,
        fiscal_year_start(month_start_date, $fiscal_start) as first_date,
        last_day(month_start_date) as last_date
    from months
    union all
    select
        'ttm' as grain,
        month_start_date as period_start_date,
        (month_start_date - interval 11 month)::date as first_date,
        last_day(month_start_date) as last_date
    from months
)

select
    grain,
    period_start_date,
    first_date,
    last_date,
    last_date < $as_of as is_closed,
    last_date < $as_of
    and period_start_date = max(period_start_date) filter (last_date < $as_of) over (partition by grain) as is_headline
from periods
where list_contains($grains, grain)
