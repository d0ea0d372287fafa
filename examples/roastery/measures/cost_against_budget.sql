-- Running costs as a share of what was budgeted for them.
-- Grain: one row per department and month that has ended.
with costs as (
    select * from staging.finance__cost_entry
),

budgets as (
    select * from staging.finance__budget
),

spent as (
    select
        unit_id,
        date_trunc('month', posting_date) as month_start_date,
        sum(cost_amount) as cost_amount
    from costs
    group by all
),

planned as (
    select
        unit_id,
        date_trunc('month', month_end_date) as month_start_date,
        sum(budget_amount) as budget_amount
    from budgets
    where month_end_date < $as_of
    group by all
)

select
    coalesce(spent.unit_id, planned.unit_id) as unit,
    coalesce(spent.month_start_date, planned.month_start_date) as period,
    coalesce(spent.cost_amount, 0) as numerator,
    coalesce(planned.budget_amount, 0) as denominator
from spent
full join planned on spent.unit_id = planned.unit_id and spent.month_start_date = planned.month_start_date
