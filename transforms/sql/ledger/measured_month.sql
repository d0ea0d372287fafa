-- Months in which units have rows of a measure: those in no tree count too, and units that stood in a tree and are no more, for
-- what they had is not known any longer.
-- Grain: one row per measure, unit and month.
with vanished as (
    select distinct closure.unit_id
    from closure_then as closure
    anti join scorecard.dim_unit as unit on closure.unit_id = unit.unit_id
)

select
    measure_id,
    unit_id,
    period_start_date as month_start_date
from measure.component
union
select
    measure_id,
    unit_id,
    period_start_date as month_start_date
from measure.answer
union
select
    measure_id,
    unit_id,
    period_start_date as month_start_date
from measure.unplaced
union
select
    measure_id,
    unit_id,
    month_start_date
from keyed_month
union
select
    measure.measure_id,
    vanished.unit_id,
    month.period_start_date as month_start_date
from vanished
cross join measure.dim_measure as measure
inner join scorecard.dim_period as month on month.grain = 'month'
