-- Answer sheets of the pulse survey over the people employed at the month's end, who were all asked.
-- Grain: one row per department and month that has ended.
with pulse as (
    select * from staging.hr__pulse
),

headcount as (
    select * from staging.hr__headcount
),

answered as (
    select
        department_id as unit_id,
        date_trunc('month', month_end_date) as month_start_date,
        count(*) as sheet_count
    from pulse
    group by all
),

asked as (
    select
        unit_id,
        date_trunc('month', month_end_date) as month_start_date,
        count(*) as head_count
    from headcount
    group by all
)

select
    asked.unit_id as unit,
    asked.month_start_date as period,
    coalesce(answered.sheet_count, 0) as numerator,
    asked.head_count as denominator
from asked
left join answered on asked.unit_id = answered.unit_id and asked.month_start_date = answered.month_start_date
