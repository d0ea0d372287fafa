-- Days scheduled and days sick. Rows whose days are no number were held back by the contract.
-- Grain: one row per person and month.
with absence as (
    select * from raw.hr__absence
)

select
    employee_no as employee_key,
    month_end as month_end_date,
    lower(department) as unit_id,
    scheduled_days::decimal(9, 2) as scheduled_days,
    replace(sick_days, ',', '.')::decimal(9, 2) as sick_days
from absence
