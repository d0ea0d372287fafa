-- Which KPI applies to which unit: as declared; else the organisation and, in every tree in which all that it is computed from
-- has rows, the units down to the level at which it has them. Levels are those in which company.yaml is written: a unit does
-- not gain or lose KPIs by moving.
-- Grain: one row per KPI and unit.
with depth as (
    select
        term.kpi_id,
        term.term_id,
        unit.tree_id,
        max(unit.level) + case term.of_unit when 'parent' then 1 else 0 end as level
    from term
    inner join measured_unit as measured on term.kpi_id = measured.kpi_id and term.term_id = measured.term_id
    inner join written_unit as unit on measured.unit_id = unit.unit_id
    where term.of_unit != 'organisation'
    group by term.kpi_id, term.term_id, term.of_unit, unit.tree_id
),

needed as (
    select
        kpi_id,
        count(*) as term_count
    from term
    where of_unit != 'organisation'
    group by kpi_id
),

reach as (
    select
        depth.kpi_id,
        depth.tree_id,
        min(depth.level) as level
    from depth
    inner join needed on depth.kpi_id = needed.kpi_id
    group by depth.kpi_id, depth.tree_id
    having count(*) = any_value(needed.term_count)
),

inferred as (
    select
        kpi.kpi_id,
        unit.unit_id
    from scorecard.dim_kpi as kpi
    inner join reach on kpi.kpi_id = reach.kpi_id
    inner join written_unit as unit on reach.tree_id = unit.tree_id and reach.level >= unit.level
    where kpi.kpi_id not in (select applies.kpi_id from applies_to as applies)
    union
    select
        kpi.kpi_id,
        unit.unit_id
    from scorecard.dim_kpi as kpi
    inner join scorecard.dim_unit as unit on unit.level = 0
    where kpi.kpi_id not in (select applies.kpi_id from applies_to as applies)
),

declared as (
    select
        applies.kpi_id,
        unit.unit_id
    from applies_to as applies
    inner join scorecard.dim_unit as unit on applies.place_id = unit.unit_id or applies.place_id = unit.tree_id
    union
    select
        applies.kpi_id,
        unit.unit_id
    from applies_to as applies
    inner join scorecard.dim_unit as tree on applies.place_id = tree.tree_id
    inner join scorecard.dim_unit as unit on unit.level = 0
)

select
    kpi_id,
    unit_id
from inferred
union
select
    kpi_id,
    unit_id
from declared
order by kpi_id, unit_id
