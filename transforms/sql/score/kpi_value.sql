-- What was measured, as it may be shown: values that would reveal a person are held back.
-- Grain: one row per KPI, unit, period and grain.
with marked as (
    select
        value.*,
        bounds.interval_low,
        bounds.interval_high,
        suppressed.kpi_id is not null as is_suppressed
    from measured_value as value
    left join value_interval as bounds
        on
            value.kpi_id = bounds.kpi_id
            and value.unit_id = bounds.unit_id
            and value.grain = bounds.grain
            and value.period_start_date = bounds.period_start_date
    left join suppressed
        on
            value.kpi_id = suppressed.kpi_id
            and value.unit_id = suppressed.unit_id
            and value.grain = suppressed.grain
            and value.period_start_date = suppressed.period_start_date
)

select
    kpi_id,
    unit_id,
    period_start_date,
    grain,
    case when not is_suppressed then numerator end as numerator,
    case when not is_suppressed then denominator end as denominator,
    case when not is_suppressed then observations_count end as observations_count,
    case when not is_suppressed then actual end as actual,
    case when not is_suppressed and actual is not null then interval_low end as interval_low,
    case when not is_suppressed and actual is not null then interval_high end as interval_high,
    is_provisional,
    is_suppressed,
    data_as_of_date
from marked
order by kpi_id, unit_id, grain, period_start_date
