-- Net revenue of the company over employees hired by the end of the month.
-- Grain: one row per month.
with revenue as (
    select
        period,
        sum(numerator) as amount
    from measure.revenue
    group by period
),

employees as (
    select hire_date
    from raw.hr__employees
)

select
    'northwind' as unit,
    revenue.period,
    revenue.amount as numerator,
    count(employees.hire_date) as denominator
from revenue
left join employees on last_day(revenue.period) >= employees.hire_date
group by revenue.period, revenue.amount
