-- Three lines of every order.
-- Grain: one row per order and line.
select
    number // 3 as order_id,
    number % 3 + 1 as line_number,
    format('P{:05d}', hash(number, 'sku', getvariable('seed')) % 5000) as sku,
    ['shop', 'online', 'partner'][(hash(number // 3, 'channel', getvariable('seed')) % 3)::bigint + 1] as channel,
    1 + (hash(number, 'quantity', getvariable('seed')) % 8)::bigint as quantity,
    ((500 + hash(number, 'price', getvariable('seed')) % 9500) / 100)::decimal(10, 2) as unit_price,
    ((250 + hash(number, 'cost', getvariable('seed')) % 4750) / 100)::decimal(10, 2) as unit_cost,
    hash(number, 'returned', getvariable('seed')) % 20 = 0 as is_returned,
    getvariable('first') + ((number // 3) * getvariable('days') // getvariable('orders'))::integer as ordered_on
from range(getvariable('first_number'), getvariable('past_number')) as numbers (number)
