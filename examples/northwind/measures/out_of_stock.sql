-- Products without stock, over products not discontinued.
-- The stock list has no date: it is put in the last month with orders.
-- Grain: one row.
with stock as (
    select
        units_in_stock,
        discontinued
    from raw.operations__products_stock
),

orders as (
    select max(order_month_date) as last_month_date
    from staging.crm__orders
)

select
    'northwind' as unit,
    orders.last_month_date as period,
    count(*) filter (stock.units_in_stock = 0) as numerator,
    count(*) as denominator
from stock
cross join orders
where stock.discontinued = 0
group by orders.last_month_date
