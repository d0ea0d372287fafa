-- Complaints and questions, from when to when they were open.
-- Grain: one row per ticket.
with tickets as (
    select * from raw.crm__tickets
),

units as (
    select * from staging.operations__units
)

select
    tickets.id as ticket_id,
    coalesce(units.unit_id, tickets.unit__code) as unit_id,
    tickets.kind,
    tickets.created_at::timestamp as created_at,
    tickets.resolved_at::timestamp as resolved_at
from tickets
left join units on tickets.unit__code = units.unit_code
