-- Training attended, with the unit of the employee.
-- Grain: one row per employee and course.
select
    training.training_id,
    employee.unit,
    training.held_on,
    training.hours
from raw.people__training as training
inner join staging.people__employee as employee
    on training.employee_id = employee.employee_id
