-- The months that each period is made of.
-- Grain: one row per grain, period and month.
select
    period.grain,
    period.period_start_date,
    month.period_start_date as month_start_date
from scorecard.dim_period as period
inner join scorecard.dim_period as month
    on
        month.grain = 'month'
        and month.period_start_date between period.first_date and period.last_date
