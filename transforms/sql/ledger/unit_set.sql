-- The units that a value is made of, by one way to place them (`placement`): those that have rows of the KPI's measures in the
-- months of the period and stood under the unit at each month's end.
-- Grain: one row per KPI, unit, period and grain that is about to be reported.
with placed as (
    select
        measured.measure_id,
        measured.month_start_date,
        placement.ancestor_unit_id as unit_id,
        string_agg(distinct measured.unit_id, ' ' order by measured.unit_id) as members
    from measured_month as measured
    inner join placement
        on
            measured.unit_id = placement.unit_id
            and last_day(measured.month_start_date) between placement.valid_from_date and placement.valid_to_date
    group by measured.measure_id, measured.month_start_date, placement.ancestor_unit_id
),

maker as (
    select
        change.kpi_id,
        change.unit_id,
        change.grain,
        change.period_start_date,
        month.measure_id,
        month.month_start_date,
        case month.of_unit
            when 'organisation' then scorecard.organisation_id
            when 'parent' then parent.ancestor_unit_id
            else change.unit_id
        end as maker_unit_id
    from value_change as change
    inner join value_month as month
        on
            change.kpi_id = month.kpi_id
            and change.grain = month.grain
            and change.period_start_date = month.period_start_date
    cross join scorecard.dim_scorecard as scorecard
    left join placement as parent
        on
            month.of_unit = 'parent'
            and change.unit_id = parent.unit_id
            and parent.distance = 1
            and last_day(month.month_start_date) between parent.valid_from_date and parent.valid_to_date
)

select
    maker.kpi_id,
    maker.unit_id,
    maker.grain,
    maker.period_start_date,
    'u-' || left(
        md5(
            string_agg(
                placed.measure_id || ' ' || placed.month_start_date || ': ' || placed.members, '; '
                order by placed.measure_id, placed.month_start_date, placed.unit_id
            )
        ),
        12
    ) as unit_set_id
from maker
inner join placed
    on
        maker.measure_id = placed.measure_id
        and maker.month_start_date = placed.month_start_date
        and maker.maker_unit_id = placed.unit_id
group by maker.kpi_id, maker.unit_id, maker.grain, maker.period_start_date
