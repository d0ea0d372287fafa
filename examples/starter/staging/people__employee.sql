-- Employees with the time in which they were employed; names never reach the lake.
-- Grain: one row per employee.
select
    employee_id,
    lower(region) as unit,
    hired_on,
    coalesce(left_on, date '9999-12-31') as left_on
from raw.people__employee
