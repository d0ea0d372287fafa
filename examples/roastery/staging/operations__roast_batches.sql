-- Roasts: weight in and out, bags packed and bags that failed the check.
-- Grain: one row per batch.
with batches as (
    select * from raw.operations__roast_batches
)

select
    batch_no,
    roaster,
    unit_id,
    started_at::date as roast_date,
    weight_in_kg::decimal(12, 1) as weight_in_kg,
    weight_out_kg::decimal(12, 1) as weight_out_kg,
    bags_packed_count::bigint as bags_packed_count,
    bags_defective_count::bigint as bags_defective_count
from batches
