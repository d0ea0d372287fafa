-- Answers to "How likely are you to recommend us?", 0 to 10; `survey: nps` in strategy.yaml makes the score of them.
-- Grain: one row per unit, month and answer.
--
-- Further columns (here answer_group) are dimensions to drill into; they are shown and never scored.
select
    unit,
    date_trunc('month', answered_on) as period,
    answer_group,
    score as answer,
    count(*) as observations
from staging.shop__survey_answer
group by all
