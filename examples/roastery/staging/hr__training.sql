-- Hours of training.
-- Grain: one row per person and course.
with training as (
    select * from raw.hr__training
)

select
    entry_no,
    course_date as training_date,
    employee_no as employee_key,
    lower(department) as unit_id,
    course,
    hours::decimal(9, 2) as training_hours
from training
