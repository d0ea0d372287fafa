-- People who left, over the mean number employed, as a yearly rate.
-- Grain: one row per department and month that has ended.
-- Owner: People. A month's headcount counts a twelfth, so that a year's rate is its leavers over its mean headcount.
with employees as (
    select * from staging.hr__employees
),

headcount as (
    select * from staging.hr__headcount
),

employed as (
    select
        unit_id,
        date_trunc('month', month_end_date) as month_start_date,
        count(*) as head_count
    from headcount
    group by all
),

gone as (
    select
        unit_id,
        date_trunc('month', leave_date) as month_start_date,
        count(*) as leaver_count
    from employees
    where leave_date is not null
    group by all
)

select
    employed.unit_id as unit,
    employed.month_start_date as period,
    coalesce(gone.leaver_count, 0) as numerator,
    (employed.head_count::decimal(18, 6) / 12)::decimal(18, 6) as denominator,
    employed.head_count as observations
from employed
left join gone on employed.unit_id = gone.unit_id and employed.month_start_date = gone.month_start_date
