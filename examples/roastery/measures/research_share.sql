-- Spending on research and development over revenue.
-- Grain: one row per month, for the whole organisation.
with costs as (
    select * from staging.finance__cost_entry
),

sales as (
    select * from staging.finance__sales_ledger
),

spent as (
    select
        date_trunc('month', posting_date) as month_start_date,
        sum(cost_amount) as cost_amount
    from costs
    where unit_id = 'research'
    group by all
),

earned as (
    select
        date_trunc('month', posting_date) as month_start_date,
        sum(net_amount) as net_amount
    from sales
    group by all
)

select
    'kestrel' as unit,
    spent.month_start_date as period,
    spent.cost_amount as numerator,
    earned.net_amount as denominator
from spent
inner join earned on spent.month_start_date = earned.month_start_date
