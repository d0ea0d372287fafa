-- Share of coffee revenue from coffees that were launched within the last twelve months.
-- Grain: one row per unit, month and channel.
with sales as (
    select * from staging.finance__sales_ledger
)

select
    unit_id as unit,
    date_trunc('month', posting_date) as period,
    channel,
    sum(new_product_amount) as numerator,
    sum(net_amount) as denominator
from sales
where product_group = 'beans'
group by all
