-- Share of bags that failed the check after packing.
-- Grain: one row per region supplied, month and roaster.
with batches as (
    select * from staging.operations__roast_batches
)

select
    unit_id as unit,
    date_trunc('month', roast_date) as period,
    roaster,
    sum(bags_defective_count) as numerator,
    sum(bags_packed_count) as denominator,
    sum(bags_packed_count) as observations
from batches
group by all
