-- Hours of training per employee.
-- Grain: one row per unit and month.
--
-- $as_of is the business date that the run is given; the clock cannot be read, so that every run can be repeated.
with month as (
    select unnest(generate_series(min(date_trunc('month', held_on)), $as_of, interval 1 month)) as period
    from staging.people__training
),

headcount as (
    select
        employee.unit,
        month.period,
        0 as hours,
        count(*) as employees
    from month
    inner join staging.people__employee as employee
        on
            month.period >= employee.hired_on
            and month.period < employee.left_on
    group by all
),

training as (
    select
        unit,
        date_trunc('month', held_on) as period,
        sum(hours) as hours,
        0 as employees
    from staging.people__training
    group by all
),

combined as (
    select * from headcount
    union all
    select * from training
)

select
    unit,
    period,
    sum(hours) as numerator,
    sum(employees) as denominator
from combined
group by all
