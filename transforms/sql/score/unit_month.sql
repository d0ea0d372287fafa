-- Components of every KPI by unit, with everything below it, and month. Months without rows are zero where the KPI says so, up
-- to the day that the data reach.
-- Grain: one row per KPI, unit and month.
with rolled_up as (
    select
        component.measure_id,
        closure.ancestor_unit_id as unit_id,
        component.period_start_date as month_start_date,
        sum(component.numerator) as numerator,
        sum(component.denominator) as denominator,
        sum(component.observations_count)::bigint as observations_count
    from measure.component as component
    inner join scorecard.unit_closure as closure on component.unit_id = closure.unit_id
    group by component.measure_id, closure.ancestor_unit_id, component.period_start_date
),

given as (
    select
        kpi.kpi_id,
        rolled_up.unit_id,
        rolled_up.month_start_date,
        rolled_up.numerator,
        case when measure.kind = 'amounts' then 1 else rolled_up.denominator end as denominator,
        rolled_up.observations_count
    from scorecard.dim_kpi as kpi
    inner join measure.dim_measure as measure on kpi.measure_id = measure.measure_id
    inner join rolled_up on kpi.measure_id = rolled_up.measure_id
    where kpi.aggregation != 'distinct'
),

grid as (
    select
        kpi.kpi_id,
        applies.unit_id,
        month.period_start_date as month_start_date,
        measure.kind
    from scorecard.dim_kpi as kpi
    inner join measure.dim_measure as measure on kpi.measure_id = measure.measure_id
    inner join scorecard.kpi_unit as applies on kpi.kpi_id = applies.kpi_id
    inner join scorecard.dim_period as month
        on
            month.grain = 'month'
            and month.period_start_date between measure.first_period_start_date and measure.data_as_of_date
    where kpi.empty_means = 'zero' and kpi.aggregation != 'distinct'
)

select
    kpi_id,
    unit_id,
    month_start_date,
    numerator::decimal(38, 9) as numerator,
    denominator::decimal(38, 9) as denominator,
    observations_count
from given
union all
select
    grid.kpi_id,
    grid.unit_id,
    grid.month_start_date,
    0::decimal(38, 9) as numerator,
    case when grid.kind = 'amounts' then 1 else 0 end::decimal(38, 9) as denominator,
    0 as observations_count
from grid
anti join given
    on
        grid.kpi_id = given.kpi_id
        and grid.unit_id = given.unit_id
        and grid.month_start_date = given.month_start_date
