-- What a customer in a shop spends at the till.
-- Grain: one row per shop and month.
with sales as (
    select * from staging.finance__sales_ledger
)

select
    unit_id as unit,
    date_trunc('month', posting_date) as period,
    sum(net_amount) as numerator,
    sum(receipts_count) as denominator,
    sum(receipts_count) as observations
from sales
where channel = 'shop'
group by all
