-- Money that lies in the store as green coffee: the mean of the month's counts.
-- Grain: one row per month and origin.
with counts as (
    select * from staging.operations__stock_counts
)

select
    'procurement' as unit,
    date_trunc('month', count_date) as period,
    origin,
    (sum(stock_amount) / count(distinct count_date))::decimal(18, 2) as numerator
from counts
group by all
