-- People, hired over the first two thirds of the days; one in four has left.
-- Grain: one row per person.
with hired as (
    select
        number,
        getvariable('first')
        + (hash(number, 'hired', getvariable('seed')) % (getvariable('days') * 2 // 3))::integer as hired_on
    from range(getvariable('first_number'), getvariable('past_number')) as numbers (number)
)

select
    number as person_id,
    getvariable('leaves')[(hash(number, 'person', getvariable('seed')) % len(getvariable('leaves')))::bigint + 1] as unit_id,
    hired_on,
    case
        when hash(number, 'left', getvariable('seed')) % 4 = 0
            then
                hired_on
                + (hash(number, 'stayed', getvariable('seed')) % (getvariable('days') // 3))::integer
    end as left_on,
    getvariable('last') as known_on
from hired
