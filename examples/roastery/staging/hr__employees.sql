-- Employments. Who they are about is not here: names were dropped and numbers hashed before they reached the lake.
-- Grain: one row per employment.
with employees as (
    select * from raw.hr__employees
)

select
    employee_no as employee_key,
    lower(department) as unit_id,
    hire_date,
    leave_date,
    weekly_hours
from employees
