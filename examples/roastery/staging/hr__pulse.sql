-- Answer sheets of the pulse survey: four statements from 1 (no) to 5 (yes), and the recommendation from 0 to 10.
-- Grain: one row per answer sheet.
-- unit_id: The department; departments of fewer than ten people are counted for the whole alone, since who they are is known.
with pulse as (
    select * from raw.hr__pulse
)

select
    answer_no,
    month_end as month_end_date,
    case
        when lower(department) in ('roasting', 'packing', 'retail') then lower(department)
        else 'kestrel'
    end as unit_id,
    lower(department) as department_id,
    i_have_what_i_need as need_rating,
    my_work_is_recognised as recognition_rating,
    i_can_grow_here as growth_rating,
    i_would_stay as stay_rating,
    recommend as recommend_rating
from pulse
