-- Employee net promoter score: those who would recommend Kestrel as an employer less those who would not, over all.
-- Grain: one row per department and month.
with pulse as (
    select * from staging.hr__pulse
)

select
    unit_id as unit,
    month_end_date as period,
    count_if(is_promoter) - count_if(is_detractor) as numerator,
    count(*) as denominator,
    count(*) as observations
from pulse
group by all
