-- What counts for every KPI: the actual that is due in the period, or the last good one where the data do not reach it, and the
-- state of the data. A value may stand in for `max_age` periods of the length that is due: months, quarters, half-years, years;
-- for year to date and trailing twelve months those of the KPI's frequency.
-- Grain: one row per KPI, unit that it applies to, closed period and grain.
with source as (
    select
        kpi_id,
        any_value(frequency) as frequency,
        case when count(reach_date) = count(*) then min(reach_date) end as reach_date,
        bool_and(is_entered) as is_entered,
        bool_or(is_broken) as is_broken,
        bool_or(has_failed) as has_failed
    from term
    group by kpi_id
),

due as (
    select
        applies.kpi_id,
        applies.unit_id,
        period.grain,
        period.period_start_date,
        period.due_grain,
        period.due_start_date,
        period.due_last_date,
        case
            when period.due_grain in ('ytd', 'ttm') then period.step_months
            else grain_months(period.due_grain)
        end as due_months,
        -- what nobody entered is not late: it is missing
        (source.reach_date is null or period.due_last_date > source.reach_date) and not source.is_entered as is_late,
        source.is_broken,
        source.has_failed,
        kpi.max_age
    from scorecard.kpi_unit as applies
    inner join scorecard.dim_kpi as kpi on applies.kpi_id = kpi.kpi_id
    inner join source on applies.kpi_id = source.kpi_id
    inner join due_period as period on source.frequency = period.frequency
),

met as (
    select
        due.*,
        unplaced.kpi_id is not null as is_unplaced,
        whole.period_start_date as value_period_start_date,
        whole.actual,
        date_diff('month', whole.last_date, due.due_last_date) // due.due_months as age
    from due
    left join unplaced_period as unplaced
        on
            due.kpi_id = unplaced.kpi_id
            and due.due_grain = unplaced.grain
            and due.due_start_date = unplaced.period_start_date
    asof left join whole_value as whole
        on
            due.kpi_id = whole.kpi_id
            and due.unit_id = whole.unit_id
            and due.due_grain = whole.grain
            and due.due_start_date >= whole.period_start_date
),

judged as (
    select
        kpi_id,
        unit_id,
        grain,
        period_start_date,
        due_grain,
        due_start_date,
        actual,
        value_period_start_date,
        case
            when is_unplaced or has_failed then 'unverified'
            when value_period_start_date = due_start_date then 'current'
            when is_late and age <= max_age then 'stale'
            when is_late and is_broken then 'unverified'
            else 'no_data'
        end as data_state
    from met
)

select
    kpi_id,
    unit_id,
    grain,
    period_start_date,
    due_grain,
    due_start_date,
    data_state,
    case when data_state in ('current', 'stale') then due_grain end as value_grain,
    case when data_state in ('current', 'stale') then actual end as actual,
    case when data_state in ('current', 'stale') then value_period_start_date end as value_period_start_date
from judged
