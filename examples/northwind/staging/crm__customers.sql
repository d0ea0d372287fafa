-- Customers with the unit of their country.
-- Grain: one row per customer.
with customers as (
    select
        id,
        address__country
    from raw.crm__customers
)

select
    id as customer_id,
    replace(lower(address__country), ' ', '_') as unit_id
from customers
