-- Kestrel's revenue over all sales of speciality coffee in the region, as the trade association estimates them.
-- Grain: one row per region and month.
with sales as (
    select * from staging.finance__sales_ledger
),

units as (
    select distinct
        unit_id,
        region_id
    from staging.operations__units
),

market as (
    select * from staging.operations__market_benchmark
),

sold as (
    select
        units.region_id,
        date_trunc('month', sales.posting_date) as month_start_date,
        sum(sales.net_amount) as net_amount
    from sales
    inner join units on sales.unit_id = units.unit_id
    group by all
)

select
    market.unit_id as unit,
    date_trunc('month', market.month_end_date) as period,
    coalesce(sold.net_amount, 0) as numerator,
    market.market_amount as denominator
from market
left join sold
    on
        market.unit_id = sold.region_id
        and date_trunc('month', market.month_end_date) = sold.month_start_date
