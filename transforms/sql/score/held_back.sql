-- Months of units whose rows of a measure are not shown: with too few observations, or held back with others that have, at
-- a grain at which a KPI measures it.
-- Grain: one row per measure, unit and month.
with used as (
    select distinct
        measure_id,
        frequency
    from term
)

select
    component.measure_id,
    component.unit_id,
    component.period_start_date
from measure.component as component
inner join least_observations as least on component.measure_id = least.measure_id
where coalesce(component.observations_count, component.denominator, 0) < least.observations_count
union
select
    answer.measure_id,
    answer.unit_id,
    answer.period_start_date
from measure.answer as answer
inner join least_observations as least on answer.measure_id = least.measure_id
group by answer.measure_id, answer.unit_id, answer.period_start_date, least.observations_count
having sum(answer.observations_count) < least.observations_count
union
select
    hidden.measure_id,
    hidden.unit_id,
    period.month_start_date as period_start_date
from hidden_unit as hidden
inner join used
    on hidden.measure_id = used.measure_id and hidden.grain = used.frequency
inner join period_month as period
    on hidden.grain = period.grain and hidden.period_start_date = period.period_start_date
