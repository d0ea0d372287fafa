-- Values of derived KPIs' terms, placed at the units whose expressions they stand in: the unit's own, its parent's on the
-- period's last day (the organisation's own stands for its parent's), or the organisation's.
-- Grain: one row per KPI, unit, period, grain and term.
with valued as (
    select
        base_value.kpi_id,
        base_value.term_id,
        base_value.unit_id,
        base_value.grain,
        base_value.period_start_date,
        base_value.numerator::double / nullif(base_value.denominator, 0)::double as value,
        base_value.observations_count,
        base_value.is_provisional,
        base_value.data_as_of_date,
        term.of_unit
    from base_value
    inner join term on base_value.kpi_id = term.kpi_id and base_value.term_id = term.term_id
    where term.is_derived
),

above as (
    select
        period.grain,
        period.period_start_date,
        'parent' as of_unit,
        closure.ancestor_unit_id as from_unit_id,
        closure.unit_id
    from scorecard.dim_period as period
    inner join scorecard.unit_closure as closure
        on
            closure.distance = 1
            and period.last_date between closure.valid_from_date and closure.valid_to_date
    union all
    select
        period.grain,
        period.period_start_date,
        'parent' as of_unit,
        unit.unit_id as from_unit_id,
        unit.unit_id
    from scorecard.dim_period as period
    inner join scorecard.dim_unit as unit on unit.level = 0
    union all
    select
        period.grain,
        period.period_start_date,
        'organisation' as of_unit,
        organisation.unit_id as from_unit_id,
        unit.unit_id
    from scorecard.dim_period as period
    inner join scorecard.dim_unit as organisation on organisation.level = 0
    cross join scorecard.dim_unit as unit
)

select
    kpi_id,
    unit_id,
    grain,
    period_start_date,
    term_id,
    value,
    observations_count,
    is_provisional,
    data_as_of_date
from valued
where of_unit = 'unit'
union all
select
    valued.kpi_id,
    above.unit_id,
    valued.grain,
    valued.period_start_date,
    valued.term_id,
    valued.value,
    valued.observations_count,
    valued.is_provisional,
    valued.data_as_of_date
from valued
inner join above
    on
        valued.of_unit = above.of_unit
        and valued.unit_id = above.from_unit_id
        and valued.grain = above.grain
        and valued.period_start_date = above.period_start_date
