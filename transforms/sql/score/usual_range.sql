-- XmR limits and signals (Wheeler, Understanding Variation), each KPI on the length of period that it is measured in. A
-- series is cut where a person begins its baseline anew; each segment has the limits of its first twelve known periods, and no
-- run of points crosses from one into the next. A KPI whose signals are on its change against last year has its limits laid
-- around last year's value.
-- Grain: one row per KPI, unit and period with a whole value, in segments where twelve or more are known.
with whole as (
    select
        value.kpi_id,
        value.unit_id,
        value.grain,
        value.period_start_date,
        value.actual,
        case kpi.signal_on when 'change_yoy' then base.actual else 0 end as base
    from whole_value as value
    inner join scorecard.dim_kpi as kpi on value.kpi_id = kpi.kpi_id and value.grain = kpi.frequency
    left join whole_value as base
        on
            value.kpi_id = base.kpi_id
            and value.unit_id = base.unit_id
            and value.grain = base.grain
            and base.period_start_date = (value.period_start_date - interval 12 month)::date
),

cut as (
    select
        whole.*,
        whole.actual - whole.base as x,
        cutting.valid_from_date as segment
    from whole
    asof left join scorecard.signal_baseline as cutting
        on whole.kpi_id = cutting.kpi_id and whole.period_start_date >= cutting.valid_from_date
    where whole.base is not null
),

ordered as (
    select
        cut.*,
        row_number() over (
            partition by cut.kpi_id, cut.unit_id, cut.segment
            order by cut.period_start_date
        ) as n
    from cut
),

baseline as (
    select
        kpi_id,
        unit_id,
        segment,
        xmr_limits(list(x order by n) filter (n <= 12)) as limits
    from ordered
    group by kpi_id, unit_id, segment
    having count(*) >= 12
),

-- Distances from the mean that arithmetic on doubles alone could make are none.
placed as (
    select
        ordered.kpi_id,
        ordered.unit_id,
        ordered.segment,
        ordered.grain,
        ordered.period_start_date,
        ordered.base,
        ordered.n,
        baseline.limits.mean,
        baseline.limits.reach,
        case
            when
                abs(ordered.x - baseline.limits.mean)
                > 1e-12 * (abs(ordered.actual) + abs(ordered.base) + abs(baseline.limits.mean))
                then ordered.x - baseline.limits.mean
            else 0
        end as distance
    from ordered
    inner join baseline
        on
            ordered.kpi_id = baseline.kpi_id
            and ordered.unit_id = baseline.unit_id
            and ordered.segment is not distinct from baseline.segment
),

counted as (
    select
        kpi_id,
        unit_id,
        grain,
        period_start_date,
        base,
        mean,
        reach,
        distance,
        sum((distance > 0)::integer) over eight as above_count,
        sum((distance < 0)::integer) over eight as below_count,
        sum((distance > reach / 2)::integer) over four as near_high_count,
        sum((distance < -reach / 2)::integer) over four as near_low_count
    from placed
    window
        eight as (partition by kpi_id, unit_id, segment order by n rows between 7 preceding and current row),
        four as (partition by kpi_id, unit_id, segment order by n rows between 3 preceding and current row)
)

select
    kpi_id,
    unit_id,
    grain,
    period_start_date,
    base + mean as usual_mean,
    base + mean - reach as usual_low,
    base + mean + reach as usual_high,
    case
        when distance > reach then 'high'
        when distance < -reach then 'low'
        when above_count = 8 then 'shift_up'
        when below_count = 8 then 'shift_down'
        when near_high_count >= 3 and distance > reach / 2 then 'near_high'
        when near_low_count >= 3 and distance < -reach / 2 then 'near_low'
    end as signal
from counted
