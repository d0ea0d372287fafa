-- Answers to "Would you recommend Kestrel as an employer?", 0 to 10.
-- Grain: one row per answer sheet.
with pulse as (
    select * from staging.hr__pulse
)

select
    unit_id as unit,
    month_end_date as period,
    recommend_rating as answer
from pulse
