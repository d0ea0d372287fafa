-- Months of units with fewer observations of a measure than a KPI over it may show.
-- Grain: one row per measure, unit and month.
select
    component.measure_id,
    component.unit_id,
    component.period_start_date
from measure.component as component
inner join least_observations as least on component.measure_id = least.measure_id
where coalesce(component.observations_count, component.denominator) < least.observations_count
