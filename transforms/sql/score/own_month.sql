-- The period of its own frequency in which each month lies: what a KPI that is measured quarterly counts in is quarters.
-- Grain: one row per frequency in use and month.
with used as (
    select distinct
        frequency,
        step_months
    from term
)

select
    used.frequency,
    month.period_start_date as month_start_date,
    fiscal_period_start(month.period_start_date, $fiscal_start, used.step_months) as own_start_date
from used
cross join scorecard.dim_period as month
where month.grain = 'month'
