-- People who were there.
-- Grain: one row per unit and month.
select
    unit_id as unit,
    month_start_date as period,
    count(*) as numerator
from staging.people__person_month
group by unit_id, month_start_date
