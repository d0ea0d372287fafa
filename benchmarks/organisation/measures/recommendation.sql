-- Answers to the question of recommendation.
-- Grain: one row per unit, month and answer.
select
    unit_id as unit,
    answer_month_date as period,
    recommendation as answer,
    count(*) as observations
from staging.service__answer
where recommendation is not null
group by unit_id, answer_month_date, recommendation
