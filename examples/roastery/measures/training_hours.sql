-- Hours of training per person employed, in a month.
-- Grain: one row per department and month that has ended.
with training as (
    select * from staging.hr__training
),

headcount as (
    select * from staging.hr__headcount
),

trained as (
    select
        unit_id,
        date_trunc('month', training_date) as month_start_date,
        sum(training_hours) as training_hours
    from training
    group by all
),

employed as (
    select
        unit_id,
        date_trunc('month', month_end_date) as month_start_date,
        count(*) as head_count
    from headcount
    group by all
)

select
    employed.unit_id as unit,
    employed.month_start_date as period,
    coalesce(trained.training_hours, 0) as numerator,
    employed.head_count as denominator,
    employed.head_count as observations
from employed
left join trained on employed.unit_id = trained.unit_id and employed.month_start_date = trained.month_start_date
