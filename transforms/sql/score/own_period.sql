-- The periods at which KPIs of each frequency have values, with the periods of that frequency that they are made of: none is
-- shorter, and a year to date or trailing twelve months end where one of them ends.
-- Grain: one row per frequency in use, grain, period and period of the frequency.
with own as (
    select distinct
        own_month.frequency,
        grain_months(own_month.frequency) as step_months,
        own_month.own_start_date
    from own_month
)

select
    own.frequency,
    dense_rank() over (order by own.frequency, period.grain, period.period_start_date) as period_id,
    period.grain,
    period.period_start_date,
    period.first_date,
    period.last_date,
    own.own_start_date,
    (period.last_date + interval 1 day - to_months(own.step_months))::date as last_own_start_date,
    (1 + date_diff('month', period.first_date, period.last_date)) // own.step_months as own_count
from own
inner join scorecard.dim_period as period on own.own_start_date between period.first_date and period.last_date
where
    case
        when period.grain in ('ytd', 'ttm')
            then
                fiscal_period_start((period.last_date + interval 1 day)::date, $fiscal_start, own.step_months)
                = period.last_date + interval 1 day
        else grain_months(period.grain) >= own.step_months
    end
