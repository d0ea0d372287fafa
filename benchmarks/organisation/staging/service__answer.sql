-- Answers to the survey with their month.
-- Grain: one row per answer.
select
    answer_id,
    unit_id,
    date_trunc('month', answered_on)::date as answer_month_date,
    recommendation,
    satisfaction
from raw.service__answer
