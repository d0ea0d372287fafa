-- Answers to the four statements of the pulse survey, 1 to 5; 4 and 5 are favourable.
-- Grain: one row per answer sheet and statement.
with pulse as (
    select * from staging.hr__pulse
)

select
    unit_id as unit,
    month_end_date as period,
    unnest([need_rating, recognition_rating, growth_rating, stay_rating]) as answer
from pulse
