-- Work orders, evenly over the days; none is finished after the last day.
-- Grain: one row per work order.
with released as (
    select
        number,
        getvariable('first') + (number * getvariable('days') // getvariable('work_orders'))::integer as released_on
    from range(getvariable('first_number'), getvariable('past_number')) as numbers (number)
)

select
    number as work_order_id,
    getvariable('leaves')[(hash(number, 'works', getvariable('seed')) % len(getvariable('leaves')))::bigint + 1] as unit_id,
    released_on,
    least(
        released_on + (1 + hash(number, 'days', getvariable('seed')) % 30)::integer,
        getvariable('last')
    ) as finished_on
from released
