-- Shipments with the country of their customer.
-- Grain: one row per order.
with shipments as (
    select
        order_id,
        customer_id,
        order_date,
        required_date,
        shipped_date,
        freight
    from raw.operations__shipments
),

customers as (
    select
        customer_id,
        unit_id
    from staging.crm__customers
)

select
    shipments.order_id,
    customers.unit_id,
    shipments.order_date,
    shipments.required_date,
    shipments.shipped_date,
    shipments.freight as freight_amount
from shipments
left join customers on shipments.customer_id = customers.customer_id
