-- The period that a change or an index is taken against.
-- Grain: one row per KPI that is a change or an index, period and grain.
select
    kpi.kpi_id,
    period.grain,
    period.period_start_date,
    coalesce(kpi.index_base_grain, period.grain) as base_grain,
    coalesce(
        kpi.index_base_date,
        (
            period.period_start_date
            - to_months(
                case kpi.change_against when 'last_year' then 12 else previous_step_of(period.grain, kpi.frequency) end
            )
        )::date
    ) as base_start_date
from scorecard.dim_kpi as kpi
cross join scorecard.dim_period as period
where kpi.change_against is not null or kpi.index_base_date is not null
