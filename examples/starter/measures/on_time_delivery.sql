-- Deliveries on or before the promised day.
-- Grain: one row per unit and month.
select
    unit,
    date_trunc('month', delivered_on) as period,
    count(*) filter (where delivered_on <= promised_on) as numerator,
    count(*) as denominator
from staging.shop__sales_order
where delivered_on is not null
group by all
