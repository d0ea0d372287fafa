-- Net revenue over orders.
-- Grain: one row per country and month.
with revenue as (
    select
        unit,
        period,
        sum(numerator) as amount
    from measure.revenue
    group by unit, period
),

orders as (
    select
        unit,
        period,
        numerator
    from measure.orders
)

select
    orders.unit,
    orders.period,
    coalesce(revenue.amount, 0) as numerator,
    orders.numerator as denominator
from orders
left join revenue on orders.unit = revenue.unit and orders.period = revenue.period
