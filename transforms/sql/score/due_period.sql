-- Which value each closed period shows: its own, or, of a KPI that is measured less often, that of the last period of its
-- frequency that had closed by then; for year to date and trailing twelve months those at that period's end.
-- Grain: one row per frequency in use, closed period and grain.
with used as (
    select distinct
        frequency,
        step_months
    from term
),

due as (
    select
        used.frequency,
        used.step_months,
        period.grain,
        period.period_start_date,
        fiscal_period_start((period.last_date + interval 1 day)::date, $fiscal_start, used.step_months) as open_date
    from used
    cross join scorecard.dim_period as period
    where period.is_closed
)

select
    frequency,
    step_months,
    grain,
    period_start_date,
    case when grain_months(grain) < step_months then frequency else grain end as due_grain,
    case
        when grain in ('ytd', 'ttm') then (open_date - interval 1 month)::date
        when grain_months(grain) < step_months then (open_date - to_months(step_months))::date
        else period_start_date
    end as due_start_date,
    (open_date - interval 1 day)::date as due_last_date
from due
