-- Orders, evenly over the days, each from one of the customers. One customer in five orders four times as often as the others.
-- Grain: one row per order.
select
    number as order_id,
    1 + (
        hash(number, 'customer', getvariable('seed'))
        % if(hash(number, 'who', getvariable('seed')) % 2 = 0, getvariable('customers') // 5, getvariable('customers'))
    )::bigint as customer_id,
    getvariable('leaves')[(hash(number, 'unit', getvariable('seed')) % len(getvariable('leaves')))::bigint + 1] as unit_id,
    getvariable('first') + (number * getvariable('days') // getvariable('orders'))::integer as ordered_on
from range(getvariable('first_number'), getvariable('past_number')) as numbers (number)
