-- The units that the measures of KPIs have rows for.
-- Grain: one row per KPI, term and unit.
select distinct
    kpi_id,
    term_id,
    unit_id
from component_of_term
union
select distinct
    term.kpi_id,
    term.term_id,
    measure_key.unit_id
from term
inner join measure_key on term.measure_id = measure_key.measure_id
where term.aggregation = 'distinct'
