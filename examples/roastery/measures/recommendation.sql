-- Answers to "How likely are you to recommend Kestrel to a friend?", 0 to 10.
-- Grain: one row per unit, month and answer.
with responses as (
    select * from staging.crm__survey_responses
)

select
    unit_id as unit,
    date_trunc('month', submitted_at) as period,
    recommend_rating as answer,
    count(*) as observations
from responses
group by all
