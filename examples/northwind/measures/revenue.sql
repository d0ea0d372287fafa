-- Net revenue by month of ordering, freight excluded.
-- Grain: one row per country, month and product.
-- owner: Head of finance
with lines as (
    select
        unit_id,
        order_month_date,
        product_id,
        net_amount
    from staging.finance__order_lines
)

select
    unit_id as unit,
    order_month_date as period,
    product_id,
    sum(net_amount) as numerator
from lines
group by unit_id, order_month_date, product_id
