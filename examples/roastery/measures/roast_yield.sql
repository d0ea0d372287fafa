-- Weight of roasted coffee over the weight of green coffee that went in.
-- Grain: one row per region supplied, month and roaster.
with batches as (
    select * from staging.operations__roast_batches
)

select
    unit_id as unit,
    date_trunc('month', roast_date) as period,
    roaster,
    sum(weight_out_kg) as numerator,
    sum(weight_in_kg) as denominator
from batches
group by all
