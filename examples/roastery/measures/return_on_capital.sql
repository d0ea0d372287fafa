-- Operating profit over capital employed, as a yearly rate.
-- Grain: one row per month, for the whole organisation.
-- Owner: Finance. A month's capital counts a twelfth, so that a year's rate is its profit over its mean capital.
with sales as (
    select * from staging.finance__sales_ledger
),

costs as (
    select * from staging.finance__cost_entry
),

balances as (
    select * from staging.finance__capital_balance
),

earned as (
    select
        date_trunc('month', posting_date) as month_start_date,
        sum(net_amount - cost_of_goods_amount) as margin_amount
    from sales
    group by all
),

spent as (
    select
        date_trunc('month', posting_date) as month_start_date,
        sum(cost_amount) as cost_amount
    from costs
    group by all
),

employed as (
    select
        date_trunc('month', month_end_date) as month_start_date,
        sum(capital_amount) as capital_amount
    from balances
    group by all
)

select
    'kestrel' as unit,
    employed.month_start_date as period,
    earned.margin_amount - spent.cost_amount as numerator,
    (employed.capital_amount / 12)::decimal(18, 4) as denominator
from employed
inner join earned on employed.month_start_date = earned.month_start_date
inner join spent on employed.month_start_date = spent.month_start_date
