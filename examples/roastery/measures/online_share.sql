-- Share of revenue that comes through the online shop.
-- Grain: one row per month, for the whole organisation.
with sales as (
    select * from staging.finance__sales_ledger
)

select
    'kestrel' as unit,
    date_trunc('month', posting_date) as period,
    coalesce(sum(net_amount) filter (where channel = 'online'), 0) as numerator,
    sum(net_amount) as denominator
from sales
group by all
