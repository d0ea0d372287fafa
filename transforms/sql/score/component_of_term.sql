-- Components of every KPI's terms, rows of units as the measure gave them.
-- Grain: one row per KPI, term, unit and month.
select
    term.kpi_id,
    term.term_id,
    component.unit_id,
    component.period_start_date,
    case term.component when 'denominator' then component.denominator else component.numerator end as numerator,
    component.denominator,
    component.observations_count
from term
inner join measure.component as component on term.measure_id = component.measure_id
where term.aggregation != 'distinct'
union all
select
    kpi_id,
    'value' as term_id,
    unit_id,
    period_start_date,
    numerator,
    denominator,
    observations_count
from survey_component
