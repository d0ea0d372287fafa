-- Promoters minus detractors, over all answers.
-- Grain: one row per unit, month and answer group.
--
-- Further columns (here answer_group) are dimensions to drill into; they are shown and never scored.
select
    unit,
    date_trunc('month', answered_on) as period,
    answer_group,
    sum(case answer_group when 'promoter' then 1 when 'detractor' then -1 else 0 end) as numerator,
    count(*) as denominator,
    count(*) as observations
from staging.shop__survey_answer
group by all
