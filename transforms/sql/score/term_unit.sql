-- The units that each term is needed of: those that the KPI applies to; a share of a whole needs the whole, too.
-- Grain: one row per KPI, term and unit.
select
    term.kpi_id,
    term.term_id,
    applies.unit_id
from term
inner join scorecard.kpi_unit as applies on term.kpi_id = applies.kpi_id
where term.of_unit = 'unit'
union all
select
    term.kpi_id,
    term.term_id,
    unit.unit_id
from term
cross join scorecard.dim_unit as unit
where term.of_unit != 'unit'
