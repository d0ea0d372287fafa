-- Closed tickets with the month of closing and how long they took.
-- Grain: one row per closed ticket.
select
    ticket_id,
    unit_id,
    date_trunc('month', closed_at)::date as closed_month_date,
    date_diff('minute', opened_at, closed_at) as open_minutes,
    closed_at <= due_at as is_in_time
from raw.service__ticket
where closed_at is not null
