-- Tickets of the service desk, evenly over the days; one in fifty is still open.
-- Grain: one row per ticket.
with opened as (
    select
        number,
        (getvariable('first') + (number * getvariable('days') // getvariable('tickets'))::integer)::timestamp
        + to_minutes((hash(number, 'minute', getvariable('seed')) % 1440)::bigint) as opened_at
    from range(getvariable('first_number'), getvariable('past_number')) as numbers (number)
)

select
    number as ticket_id,
    getvariable('leaves')[(hash(number, 'ticket', getvariable('seed')) % len(getvariable('leaves')))::bigint + 1] as unit_id,
    opened_at,
    opened_at + interval 2 day as due_at,
    case
        when hash(number, 'open', getvariable('seed')) % 50 > 0
            then opened_at + to_minutes((15 + hash(number, 'taken', getvariable('seed')) % 3600)::bigint)
    end as closed_at
from opened
