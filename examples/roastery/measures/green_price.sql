-- What a kilogram of green coffee in the store was bought for.
-- Grain: one row per month and origin.
with counts as (
    select * from staging.operations__stock_counts
)

select
    'procurement' as unit,
    date_trunc('month', count_date) as period,
    origin,
    sum(stock_amount) as numerator,
    sum(weight_kg) as denominator
from counts
group by all
