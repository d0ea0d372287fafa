-- What customers ordered.
-- Grain: one row per unit and month.
--
-- A measure is one SELECT that yields unit, period (any day of the month) and numerator.
select
    unit,
    date_trunc('month', ordered_on) as period,
    sum(amount) as numerator
from staging.shop__sales_order
group by all
