-- Order lines with unit and month of their order, and what they bring and cost.
-- Grain: one row per order and line.
with line as (
    select
        order_id,
        line_number,
        quantity,
        unit_price,
        unit_cost,
        is_returned
    from raw.sales__order_line
),

sales_order as (
    select
        order_id,
        unit_id,
        order_month_date
    from staging.sales__order
)

select
    line.order_id,
    line.line_number,
    sales_order.unit_id,
    sales_order.order_month_date,
    (line.quantity * line.unit_price)::decimal(18, 2) as revenue_amount,
    (line.quantity * line.unit_cost)::decimal(18, 2) as cost_amount,
    line.is_returned
from line
inner join sales_order on line.order_id = sales_order.order_id
