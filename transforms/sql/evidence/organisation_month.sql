-- Every KPI of the organisation month by month, turned so that up is better: its whole actuals, or its scores where its points
-- and not a direction say what is better.
-- Grain: one row per KPI and month with a whole value. A KPI that is measured less often has none.
with scored as (
    select
        score.kpi_id,
        score.period_start_date,
        score.score
    from scorecard.kpi_score as score
    inner join scorecard.dim_scorecard as scorecard on score.unit_id = scorecard.organisation_id
    where
        score.grain = 'month'
        and score.value_grain = 'month'
        and score.value_period_start_date = score.period_start_date
        and score.score is not null
)

select
    value.kpi_id,
    year(value.period_start_date) * 12 + month(value.period_start_date) as month_number,
    case kpi.direction
        when 'higher_is_better' then value.actual
        when 'lower_is_better' then -value.actual
        else scored.score
    end as level
from whole_value as value
inner join scorecard.dim_kpi as kpi on value.kpi_id = kpi.kpi_id and kpi.frequency = 'month'
inner join scorecard.dim_scorecard as scorecard on value.unit_id = scorecard.organisation_id
left join scored on value.kpi_id = scored.kpi_id and value.period_start_date = scored.period_start_date
where value.grain = 'month' and (kpi.direction is not null or scored.score is not null)
order by value.kpi_id, month_number
