-- Orders of wholesale customers and club members, with the time from order to delivery.
-- Grain: one row per order.
with orders as (
    select * from raw.crm__orders
),

units as (
    select * from staging.operations__units
),

typed as (
    select
        id as order_id,
        customer__id as customer_id,
        fulfilment__unit_code as unit_code,
        fulfilment__ship_method as ship_method,
        total__amount::decimal(18, 2) as order_amount,
        ordered_at::timestamp as ordered_at,
        delivered_at::timestamp as delivered_at
    from orders
)

select
    typed.order_id,
    typed.customer_id,
    coalesce(units.unit_id, typed.unit_code) as unit_id,
    typed.ship_method,
    typed.order_amount,
    typed.ordered_at,
    typed.delivered_at,
    (date_diff('minute', typed.ordered_at, typed.delivered_at)::decimal(18, 4) / 1440)::decimal(18, 4) as delivery_days
from typed
left join units on typed.unit_code = units.unit_code
