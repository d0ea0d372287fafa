-- Who was employed on the last day of each month that has ended.
-- Grain: one row per person and month.
with employees as (
    select * from staging.hr__employees
),

months as (
    select
        unnest(
            generate_series(date '2023-10-01', $as_of - interval 1 month, interval 1 month)
        )::date as month_start_date
)

select
    employees.employee_key,
    employees.unit_id,
    last_day(months.month_start_date) as month_end_date
from months
inner join employees
    on
        last_day(months.month_start_date) >= employees.hire_date
        and last_day(months.month_start_date) < coalesce(employees.leave_date, date '9999-12-31')
