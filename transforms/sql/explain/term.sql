-- What the KPI is computed from. `$kpi_id`: which.
-- Grain: one row per term.
select
    term.term_id,
    term.measure_id,
    term.aggregation,
    term.component,
    term.of_unit,
    term.empty_means,
    measure.kind,
    measure.is_manual,
    measure.dimensions,
    measure.data_as_of_date,
    measure.row_count,
    measure.is_broken,
    measure.error_message
from scorecard.kpi_term as term
inner join measure.dim_measure as measure on term.measure_id = measure.measure_id
where term.kpi_id = $kpi_id
order by term.sort_order
