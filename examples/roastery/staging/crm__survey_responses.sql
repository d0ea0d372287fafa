-- Answers to the customer survey. Who answers 9 or 10 promotes Kestrel, who answers 0 to 6 detracts from it.
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
    responses.answers__recommend as recommend_rating,
    responses.answers__recommend >= 9 as is_promoter,
    responses.answers__recommend <= 6 as is_detractor
from responses
left join units on responses.unit__code = units.unit_code
