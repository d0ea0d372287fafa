-- Complaints per order.
-- Grain: one row per unit and month.
with complaint as (
    select
        unit,
        opened_on as happened_on,
        1 as complaints,
        0 as orders
    from staging.shop__ticket
),

sales_order as (
    select
        unit,
        ordered_on as happened_on,
        0 as complaints,
        1 as orders
    from staging.shop__sales_order
),

combined as (
    select * from complaint
    union all
    select * from sales_order
)

select
    unit,
    date_trunc('month', happened_on) as period,
    sum(complaints) as numerator,
    sum(orders) as denominator
from combined
group by all
