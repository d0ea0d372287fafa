-- Green coffee in the store, by Sunday's count.
-- Grain: one row per origin and count.
with counts as (
    select * from raw.operations__stock_counts
)

select
    counted_on as count_date,
    origin,
    weight_kg::decimal(18, 2) as weight_kg,
    value_amount::decimal(18, 2) as stock_amount
from counts
