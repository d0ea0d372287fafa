-- Complaints for every thousand customers served.
-- Grain: one row per unit and month.
with tickets as (
    select * from staging.crm__tickets
),

sales as (
    select * from staging.finance__sales_ledger
),

complained as (
    select
        unit_id,
        date_trunc('month', created_at) as month_start_date,
        count(*) as complaint_count
    from tickets
    where kind = 'complaint'
    group by all
),

served as (
    select
        unit_id,
        date_trunc('month', posting_date) as month_start_date,
        sum(receipts_count) as receipts_count
    from sales
    group by all
)

select
    served.unit_id as unit,
    served.month_start_date as period,
    coalesce(complained.complaint_count, 0) as numerator,
    (served.receipts_count * 0.001)::decimal(18, 3) as denominator,
    served.receipts_count as observations
from served
left join complained
    on served.unit_id = complained.unit_id and served.month_start_date = complained.month_start_date
