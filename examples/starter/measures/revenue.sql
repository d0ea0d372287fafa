-- What was delivered: revenue counts on the day of delivery.
-- Grain: one row per unit and month.
select
    unit,
    date_trunc('month', delivered_on) as period,
    sum(amount) as numerator
from staging.shop__sales_order
where delivered_on is not null
group by all
