-- Values that are held back: those with a part that is. The parts of a value are its terms over measures of which not everything
-- may be shown, each of its own unit, and of the base period, too, where the KPI is a change or an index. Other terms have no say.
-- So whatever is shown is made of numbers that may be shown themselves.
-- Grain: one row per KPI, unit, period and grain.
with guarded_term as (
    select
        term.kpi_id,
        term.of_unit,
        term.measure_id
    from scorecard.kpi_term as term
    inner join least_observations as least on term.measure_id = least.measure_id
),

value as (
    select
        kpi_id,
        unit_id,
        grain,
        period_start_date
    from measured_value
    where kpi_id in (select guarded_term.kpi_id from guarded_term)
),

source as (
    select
        kpi_id,
        unit_id,
        grain,
        period_start_date,
        grain as from_grain,
        period_start_date as from_start_date
    from value
    union all
    select
        value.kpi_id,
        value.unit_id,
        value.grain,
        value.period_start_date,
        base_period.base_grain as from_grain,
        base_period.base_start_date as from_start_date
    from value
    inner join base_period
        on
            value.kpi_id = base_period.kpi_id
            and value.grain = base_period.grain
            and value.period_start_date = base_period.period_start_date
),

part as (
    select
        source.*,
        guarded_term.measure_id,
        case guarded_term.of_unit
            when 'unit' then source.unit_id
            when 'parent' then coalesce(closure.ancestor_unit_id, organisation.unit_id)
            else organisation.unit_id
        end as from_unit_id
    from source
    inner join guarded_term on source.kpi_id = guarded_term.kpi_id
    inner join scorecard.dim_unit as organisation on organisation.level = 0
    left join scorecard.dim_period as period
        on source.from_grain = period.grain and source.from_start_date = period.period_start_date
    left join scorecard.unit_closure as closure
        on
            guarded_term.of_unit = 'parent'
            and source.unit_id = closure.unit_id
            and closure.distance = 1
            and period.last_date between closure.valid_from_date and closure.valid_to_date
),

shown_unit as (
    select distinct
        counted.measure_id,
        counted.unit_id,
        counted.grain,
        counted.period_start_date
    from guarded_count as counted
    anti join hidden_unit as hidden
        on
            counted.measure_id = hidden.measure_id
            and counted.unit_id = hidden.unit_id
            and counted.grain = hidden.grain
            and counted.period_start_date = hidden.period_start_date
)

select distinct
    part.kpi_id,
    part.unit_id,
    part.grain,
    part.period_start_date
from part
anti join shown_unit
    on
        part.measure_id = shown_unit.measure_id
        and part.from_unit_id = shown_unit.unit_id
        and part.from_grain = shown_unit.grain
        and part.from_start_date = shown_unit.period_start_date
