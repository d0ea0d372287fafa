-- Orders: typed, with the unit that each belongs to.
-- Grain: one row per order.
--
-- A staging file is one SELECT that cleans, types and renames a raw table. `unit` must be an id of company.yaml.
select
    order_id,
    lower(region) as unit,
    customer_id,
    ordered_on,
    promised_on,
    delivered_on,
    amount,
    cost
from raw.shop__sales_order
