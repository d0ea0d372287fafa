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

-- When a person last began the baseline anew, by KPI and period, of which there are few.
own as (
    select distinct
        kpi_id,
        period_start_date
    from whole
),

begun as (
    select
        own.kpi_id,
        own.period_start_date,
        cutting.valid_from_date as segment
    from own
    asof inner join scorecard.signal_baseline as cutting
        on own.kpi_id = cutting.kpi_id and own.period_start_date >= cutting.valid_from_date
),

cut as (
    select
        whole.*,
        whole.actual - whole.base as x,
        begun.segment
    from whole
    left join begun on whole.kpi_id = begun.kpi_id and whole.period_start_date = begun.period_start_date
    where whole.base is not null
),

baseline as (
    select
        kpi_id,
        unit_id,
        segment,
        xmr_limits(arg_min(x, period_start_date, 12)) as limits
    from cut
    group by kpi_id, unit_id, segment
    having count(*) >= 12
),

-- Distances from the mean that arithmetic on doubles alone could make are none.
placed as (
    select
        cut.kpi_id,
        cut.unit_id,
        cut.segment,
        cut.grain,
        cut.period_start_date,
        cut.base,
        baseline.limits.mean,
        baseline.limits.reach,
        case
            when
                abs(cut.x - baseline.limits.mean)
                > 1e-12 * (abs(cut.actual) + abs(cut.base) + abs(baseline.limits.mean))
                then cut.x - baseline.limits.mean
            else 0
        end as distance
    from cut
    inner join baseline
        on
            cut.kpi_id = baseline.kpi_id
            and cut.unit_id = baseline.unit_id
            and cut.segment is not distinct from baseline.segment
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
        eight as (
            partition by kpi_id, unit_id, segment
            order by period_start_date
            rows between 7 preceding and current row
        ),
        four as (
            partition by kpi_id, unit_id, segment
            order by period_start_date
            rows between 3 preceding and current row
        )
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
