-- Share of revenue that is left after the cost of coffee and goods.
-- Grain: one row per unit, month and product group.
with sales as (
    select * from staging.finance__sales_ledger
)

select
    unit_id as unit,
    date_trunc('month', posting_date) as period,
    product_group,
    sum(net_amount - cost_of_goods_amount) as numerator,
    sum(net_amount) as denominator
from sales
group by all
