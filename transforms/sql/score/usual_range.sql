-- XmR limits and signals (Wheeler): mean +/- 2.66 times the mean moving range of the first twelve months. A KPI whose signals
-- are on its change against last year has its limits laid around last year's value.
-- Grain: one row per KPI, unit and month with a whole value, where twelve or more are known.
with whole as (
    select
        value.kpi_id,
        value.unit_id,
        value.period_start_date,
        value.actual,
        case kpi.signal_on when 'change_yoy' then base.actual else 0 end as base,
        value.actual - case kpi.signal_on when 'change_yoy' then base.actual else 0 end as x
    from scorecard.kpi_value as value
    inner join kpi_signal as kpi on value.kpi_id = kpi.kpi_id
    left join scorecard.kpi_value as base
        on
            value.kpi_id = base.kpi_id
            and value.unit_id = base.unit_id
            and base.grain = 'month'
            and base.actual is not null
            and not base.is_provisional
            and base.period_start_date = (value.period_start_date - interval 12 month)::date
    where value.grain = 'month' and value.actual is not null and not value.is_provisional
),

ordered as (
    select
        kpi_id,
        unit_id,
        period_start_date,
        base,
        x,
        row_number() over series as n,
        abs(x - lag(x) over series) as moving_range
    from whole
    where x is not null
    window series as (partition by kpi_id, unit_id order by period_start_date)
),

baseline as (
    select
        kpi_id,
        unit_id,
        avg(x order by n) filter (n <= 12) as mean,
        avg(moving_range order by n) filter (n <= 12) as mean_moving_range
    from ordered
    group by kpi_id, unit_id
    having count(*) >= 12
),

placed as (
    select
        ordered.kpi_id,
        ordered.unit_id,
        ordered.period_start_date,
        ordered.base,
        ordered.x,
        ordered.n,
        baseline.mean,
        2.66 * baseline.mean_moving_range as reach
    from ordered
    inner join baseline on ordered.kpi_id = baseline.kpi_id and ordered.unit_id = baseline.unit_id
),

counted as (
    select
        kpi_id,
        unit_id,
        period_start_date,
        base,
        x,
        mean,
        reach,
        sum((x > mean)::integer) over eight as above_count,
        sum((x < mean)::integer) over eight as below_count,
        sum((x > mean + reach / 2)::integer) over four as near_high_count,
        sum((x < mean - reach / 2)::integer) over four as near_low_count
    from placed
    window
        eight as (partition by kpi_id, unit_id order by n rows between 7 preceding and current row),
        four as (partition by kpi_id, unit_id order by n rows between 3 preceding and current row)
)

select
    kpi_id,
    unit_id,
    period_start_date,
    base + mean as usual_mean,
    base + mean - reach as usual_low,
    base + mean + reach as usual_high,
    case
        when x > mean + reach then 'high'
        when x < mean - reach then 'low'
        when above_count = 8 then 'shift_up'
        when below_count = 8 then 'shift_down'
        when near_high_count >= 3 and x > mean + reach / 2 then 'near_high'
        when near_low_count >= 3 and x < mean - reach / 2 then 'near_low'
    end as signal
from counted
