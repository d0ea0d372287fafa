-- Answers to the survey after one ticket in five; not everyone says how satisfied they are.
-- Grain: one row per answer.
select
    number as answer_id,
    getvariable('leaves')[(hash(number, 'answer', getvariable('seed')) % len(getvariable('leaves')))::bigint + 1] as unit_id,
    getvariable('first') + (number * getvariable('days') // getvariable('answers'))::integer as answered_on,
    10 - (hash(number, 'recommend', getvariable('seed')) % 11 * (hash(number, 'twice', getvariable('seed')) % 11) // 10)
        ::bigint as recommendation,
    case
        when hash(number, 'silent', getvariable('seed')) % 10 > 0
            then 1 + (hash(number, 'satisfied', getvariable('seed')) % 5)::bigint
    end as satisfaction
from range(getvariable('first_number'), getvariable('past_number')) as numbers (number)
