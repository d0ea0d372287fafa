-- What it costs to roast, pack and send a kilogram of coffee.
-- Grain: one row per month, for the whole organisation.
with costs as (
    select * from staging.finance__cost_entry
),

batches as (
    select * from staging.operations__roast_batches
),

spent as (
    select
        date_trunc('month', posting_date) as month_start_date,
        sum(cost_amount) as cost_amount
    from costs
    where unit_id in ('roasting', 'packing')
    group by all
),

roasted as (
    select
        date_trunc('month', roast_date) as month_start_date,
        sum(weight_out_kg) as weight_kg
    from batches
    group by all
)

select
    'kestrel' as unit,
    spent.month_start_date as period,
    spent.cost_amount as numerator,
    roasted.weight_kg as denominator
from spent
inner join roasted on spent.month_start_date = roasted.month_start_date
