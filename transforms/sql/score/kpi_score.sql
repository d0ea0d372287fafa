-- How every KPI stands: the actual of the period, or the last good one where the data do not reach it, scored with the
-- points that were valid at the end of the period that the actual is of.
-- Grain: one row per KPI, unit that it applies to, closed period and grain.
with due as (
    select
        applies.kpi_id,
        applies.unit_id,
        period.grain,
        period.period_start_date,
        period.last_date,
        measure.data_as_of_date is null or period.last_date > measure.data_as_of_date as is_late,
        measure.is_broken,
        measure.error_message is not null as has_failed,
        kpi.max_age_months
    from scorecard.kpi_unit as applies
    inner join scorecard.dim_kpi as kpi on applies.kpi_id = kpi.kpi_id
    inner join measure.dim_measure as measure on kpi.measure_id = measure.measure_id
    cross join scorecard.dim_period as period
    where period.is_closed
),

unplaced as (
    select distinct
        kpi.kpi_id,
        period.grain,
        period.period_start_date
    from measure.unplaced as missing
    inner join scorecard.dim_kpi as kpi on missing.measure_id = kpi.measure_id
    inner join period_month as period on missing.period_start_date = period.month_start_date
),

whole as (
    select
        value.kpi_id,
        value.unit_id,
        value.grain,
        value.period_start_date,
        value.actual,
        period.last_date
    from scorecard.kpi_value as value
    inner join scorecard.dim_period as period
        on value.grain = period.grain and value.period_start_date = period.period_start_date
    anti join unplaced
        on
            value.kpi_id = unplaced.kpi_id
            and value.grain = unplaced.grain
            and value.period_start_date = unplaced.period_start_date
    where value.actual is not null and not value.is_provisional
),

met as (
    select
        due.*,
        unplaced.kpi_id is not null as is_unplaced,
        whole.period_start_date as value_period_start_date,
        whole.actual,
        date_diff('month', whole.last_date, due.last_date) as age_months
    from due
    left join unplaced
        on
            due.kpi_id = unplaced.kpi_id
            and due.grain = unplaced.grain
            and due.period_start_date = unplaced.period_start_date
    asof left join whole
        on
            due.kpi_id = whole.kpi_id
            and due.unit_id = whole.unit_id
            and due.grain = whole.grain
            and due.period_start_date >= whole.period_start_date
),

judged as (
    select
        kpi_id,
        unit_id,
        grain,
        period_start_date,
        actual,
        value_period_start_date,
        case
            when is_unplaced or has_failed then 'unverified'
            when value_period_start_date = period_start_date then 'current'
            when is_late and age_months <= max_age_months then 'stale'
            when is_late and is_broken then 'unverified'
            else 'no_data'
        end as data_state
    from met
),

counting as (
    select
        kpi_id,
        unit_id,
        grain,
        period_start_date,
        data_state,
        case when data_state in ('current', 'stale') then actual end as actual,
        case when data_state in ('current', 'stale') then value_period_start_date end as value_period_start_date
    from judged
),

scored as (
    select
        counting.kpi_id,
        counting.unit_id,
        counting.grain,
        counting.period_start_date,
        counting.actual,
        counting.value_period_start_date,
        coalesce(point.worst, due_point.worst) as worst,
        coalesce(point.red, due_point.red) as red,
        coalesce(point.target, due_point.target) as target,
        coalesce(point.best, due_point.best) as best,
        score_linear(counting.actual, point.worst, point.red, point.target, point.best) as score,
        case
            when counting.actual is not null and point.target is null then 'no_target' else counting.data_state
        end as data_state
    from counting
    left join point
        on
            counting.kpi_id = point.kpi_id
            and counting.unit_id = point.unit_id
            and counting.grain = point.grain
            and counting.value_period_start_date = point.period_start_date
    left join point as due_point
        on
            counting.actual is null
            and counting.kpi_id = due_point.kpi_id
            and counting.unit_id = due_point.unit_id
            and counting.grain = due_point.grain
            and counting.period_start_date = due_point.period_start_date
)

select
    scored.kpi_id,
    scored.unit_id,
    scored.period_start_date,
    scored.grain,
    scored.actual,
    scored.value_period_start_date,
    scored.red,
    scored.target,
    scored.worst,
    scored.best,
    kpi.rule,
    scored.score,
    band_of(scored.score, kpi.on_track_edge, kpi.at_risk_edge) as band,
    scored.data_state,
    case when scored.score is null then 0 else 1 end as coverage,
    case when scored.data_state in ('current', 'no_target') then usual.signal end as signal,
    usual.usual_low,
    usual.usual_high,
    usual.usual_mean,
    case
        when scored.data_state in ('current', 'no_target') then scored.actual - previous.actual
    end as change_previous,
    case
        when scored.data_state in ('current', 'no_target') then scored.actual - last_year.actual
    end as change_last_year
from scored
inner join scorecard.dim_kpi as kpi on scored.kpi_id = kpi.kpi_id
left join usual_range as usual
    on
        scored.grain = 'month'
        and scored.kpi_id = usual.kpi_id
        and scored.unit_id = usual.unit_id
        and scored.period_start_date = usual.period_start_date
left join whole as previous
    on
        scored.kpi_id = previous.kpi_id
        and scored.unit_id = previous.unit_id
        and scored.grain = previous.grain
        and previous.period_start_date
        = (scored.period_start_date - to_months(previous_step(scored.grain)))::date
left join whole as last_year
    on
        scored.kpi_id = last_year.kpi_id
        and scored.unit_id = last_year.unit_id
        and scored.grain = last_year.grain
        and last_year.period_start_date = (scored.period_start_date - interval 12 month)::date
order by scored.kpi_id, scored.unit_id, scored.grain, scored.period_start_date
