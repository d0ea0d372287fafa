-- Months of units whose rows of a measure are not shown: with too few observations, or held back for a KPI over the measure, at
-- the grain at which it is measured.
-- Grain: one row per measure, unit and month.
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
    term.measure_id,
    hidden.unit_id,
    period.month_start_date as period_start_date
from suppressed as hidden
inner join scorecard.kpi_term as term on hidden.kpi_id = term.kpi_id
inner join scorecard.dim_kpi as kpi on hidden.kpi_id = kpi.kpi_id and hidden.grain = kpi.frequency
inner join period_month as period
    on hidden.grain = period.grain and hidden.period_start_date = period.period_start_date
inner join least_observations as least on term.measure_id = least.measure_id
