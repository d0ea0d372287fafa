-- Complaints, with the unit that each belongs to.
-- Grain: one row per complaint.
select
    ticket_id,
    lower(region) as unit,
    opened_on,
    kind
from raw.shop__ticket
