-- Share of the people in the shops who hold a valid barista certificate at the month's end.
-- Grain: one row per month that has ended.
with certificates as (
    select * from staging.hr__certificates
),

headcount as (
    select * from staging.hr__headcount
),

held as (
    select
        headcount.month_end_date,
        headcount.unit_id,
        headcount.employee_key,
        bool_or(certificates.certificate_no is not null) as is_certified
    from headcount
    left join certificates
        on
            headcount.employee_key = certificates.employee_key
            and headcount.month_end_date between certificates.earned_date and certificates.valid_until_date
    where headcount.unit_id = 'retail'
    group by headcount.month_end_date, headcount.unit_id, headcount.employee_key
)

select
    unit_id as unit,
    month_end_date as period,
    count_if(is_certified) as numerator,
    count(*) as denominator,
    count(*) as observations
from held
group by all
