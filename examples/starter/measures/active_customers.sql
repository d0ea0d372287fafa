-- Customers with an order.
-- Grain: one row per unit, month and customer.
--
-- A measure for `aggregation: distinct` yields keys: they are counted once in each period, however long it is.
select distinct
    unit,
    date_trunc('month', ordered_on) as period,
    customer_id as key
from staging.shop__sales_order
