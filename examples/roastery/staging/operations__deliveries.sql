-- Deliveries from the roastery, and whether they came by the day that was promised. Those under way are not judged.
-- Grain: one row per delivery.
with deliveries as (
    select * from raw.operations__deliveries
),

units as (
    select * from staging.operations__units
)

select
    deliveries.delivery_no,
    coalesce(units.unit_id, deliveries.unit_code) as unit_id,
    deliveries.ship_method,
    deliveries.delivered_on as delivered_date,
    deliveries.delivered_on <= deliveries.promised_on as is_on_time
from deliveries
left join units on deliveries.unit_code = units.unit_code
where deliveries.delivered_on is not null
