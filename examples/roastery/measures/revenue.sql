-- Net revenue from sales, credit notes taken off.
-- Grain: one row per unit, month, channel and product group.
-- channel: Shop, online shop or wholesale.
with sales as (
    select * from staging.finance__sales_ledger
)

select
    unit_id as unit,
    date_trunc('month', posting_date) as period,
    channel,
    product_group,
    sum(net_amount) as numerator
from sales
group by all
