-- Share of favourable answers (4 or 5 of 5) to the four statements of the pulse survey.
-- Grain: one row per department and month.
with pulse as (
    select * from staging.hr__pulse
)

select
    unit_id as unit,
    month_end_date as period,
    sum(favourable_count) as numerator,
    sum(statement_count) as denominator,
    count(*) as observations
from pulse
group by all
