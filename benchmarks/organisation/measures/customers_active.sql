-- Customers with an order in the month.
-- Grain: one row per unit, month and customer.
select distinct
    unit_id as unit,
    order_month_date as period,
    customer_id as key
from staging.sales__order
