-- Which KPI applies to which unit: as declared; else the organisation and, in every tree in which the measure has rows,
-- the units down to the level at which it has them.
-- Grain: one row per KPI and unit.
with placed as (
    select distinct
        component.measure_id,
        unit.tree_id,
        unit.level
    from measured_unit as component
    inner join scorecard.dim_unit as unit on component.unit_id = unit.unit_id
),

depth as (
    select
        measure_id,
        tree_id,
        max(level) as level
    from placed
    group by measure_id, tree_id
),

inferred as (
    select
        kpi.kpi_id,
        unit.unit_id
    from scorecard.dim_kpi as kpi
    inner join depth on kpi.measure_id = depth.measure_id
    inner join scorecard.dim_unit as unit on depth.tree_id = unit.tree_id and depth.level >= unit.level
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
