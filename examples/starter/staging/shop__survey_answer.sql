-- Survey answers, grouped into promoters, passives and detractors.
-- Grain: one row per answer.
select
    answer_id,
    lower(region) as unit,
    answered_on,
    score,
    case
        when score >= 9 then 'promoter'
        when score >= 7 then 'passive'
        else 'detractor'
    end as answer_group
from raw.shop__survey_answer
