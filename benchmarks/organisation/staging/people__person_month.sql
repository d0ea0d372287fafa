-- People in every month in which they were there at its beginning or were hired.
-- Grain: one row per person and month.
select
    person_id,
    unit_id,
    unnest(
        generate_series(
            date_trunc('month', hired_on),
            date_trunc('month', coalesce(left_on, known_on)),
            interval 1 month
        )
    )::date as month_start_date
from raw.people__person
