-- Answers to the customer survey: how likely a customer is to recommend Kestrel, 0 to 10.
-- Grain: one row per answer.
with responses as (
    select * from raw.crm__survey_responses
),

units as (
    select * from staging.operations__units
)

select
    responses.id as response_id,
    coalesce(units.unit_id, responses.unit__code) as unit_id,
    responses.submitted_at::timestamp as submitted_at,
    responses.answers__recommend as recommend_rating
from responses
left join units on responses.unit__code = units.unit_code
