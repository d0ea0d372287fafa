-- Answer sheets of the pulse survey: how many of the four statements were agreed with (4 or 5), and the recommendation.
-- Grain: one row per answer sheet.
with pulse as (
    select * from raw.hr__pulse
)

select
    answer_no,
    month_end as month_end_date,
    lower(department) as unit_id,
    (i_have_what_i_need >= 4)::integer
    + (my_work_is_recognised >= 4)::integer
    + (i_can_grow_here >= 4)::integer
    + (i_would_stay >= 4)::integer as favourable_count,
    4 as statement_count,
    recommend >= 9 as is_promoter,
    recommend <= 6 as is_detractor
from pulse
