-- The market for speciality coffee in each region, as the trade association estimates it.
-- Grain: one row per region and month.
with market as (
    select * from raw.operations__market_benchmark
)

select
    month_end_date,
    unit_id,
    market_amount::decimal(18, 2) as market_amount
from market
