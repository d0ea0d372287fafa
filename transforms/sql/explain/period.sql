-- The period that a day lies in; without a day the last closed one. Of `ytd` and `ttm` the one that ends with the day's month.
-- `$grain`, `$day`: which.
-- Grain: one row, or none.
select
    grain,
    period_start_date,
    first_date,
    last_date,
    is_closed
from scorecard.dim_period
where
    grain = $grain
    and case
        when $day::date is null then is_headline
        when $grain in ('ytd', 'ttm') then period_start_date = date_trunc('month', $day::date)
        else $day::date between first_date and last_date
    end
