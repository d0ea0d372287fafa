-- What remains of revenue after the cost of goods.
-- Grain: one row per unit and month.
--
-- A ratio yields its two components and is divided only at the end, so that a quarter's margin is that of the quarter and
-- not the mean of three months.
select
    unit,
    date_trunc('month', delivered_on) as period,
    sum(amount - cost) as numerator,
    sum(amount) as denominator
from staging.shop__sales_order
where delivered_on is not null
group by all
