-- Net promoter score: customers who promote Kestrel less those who detract from it, over all who answered.
-- Grain: one row per unit and month.
with responses as (
    select * from staging.crm__survey_responses
)

select
    unit_id as unit,
    date_trunc('month', submitted_at) as period,
    count_if(is_promoter) - count_if(is_detractor) as numerator,
    count(*) as denominator,
    count(*) as observations
from responses
group by all
