-- Customers, where they belong and since when.
-- Grain: one row per customer.
with customers as (
    select * from raw.crm__customers
),

units as (
    select * from staging.operations__units
)

select
    customers.id as customer_id,
    customers.segment,
    coalesce(units.unit_id, customers.home_unit__code) as unit_id,
    customers.created_at::timestamp as created_at
from customers
left join units on customers.home_unit__code = units.unit_code
