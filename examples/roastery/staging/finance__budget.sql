-- Budgeted running costs by department.
-- Grain: one row per department and month.
with budgets as (
    select * from raw.finance__budget
),

placed as (
    select
        month_end_date,
        amount::decimal(18, 2) as budget_amount,
        case cost_centre
            when '4110' then 'roasting'
            when '4120' then 'packing'
            when '4130' then 'procurement'
            when '4210' then 'retail'
            when '4220' then 'wholesale'
            when '4230' then 'digital'
            when '4310' then 'research'
            when '4320' then 'people'
            when '4330' then 'finance'
            else 'cost_centre_' || cost_centre
        end as unit_id
    from budgets
)

select
    month_end_date,
    unit_id,
    budget_amount
from placed
