-- What was measured: components and actuals of every KPI, changes taken against their base, few observations held back.
-- Grain: one row per KPI, unit, period and grain.
with divided as (
    select
        base_value.*,
        base_value.numerator::double / nullif(base_value.denominator, 0)::double as quotient
    from base_value
),

changed as (
    select
        present.kpi_id,
        present.unit_id,
        present.grain,
        present.period_start_date,
        case
            when present.denominator = 1 and base.denominator = 1 then present.numerator - base.numerator
            else (present.quotient - base.quotient)::decimal(38, 9)
        end as numerator,
        case
            when kpi.change_form = 'absolute' then 1::decimal(38, 9)
            when present.denominator = 1 and base.denominator = 1 then abs(base.numerator)
            else abs(base.quotient)::decimal(38, 9)
        end as denominator,
        case
            when present.denominator = 1 and base.denominator = 1
                then
                    (present.numerator - base.numerator)::double
                    / case kpi.change_form when 'absolute' then 1 else nullif(abs(base.numerator), 0)::double end
            else
                (present.quotient - base.quotient)
                / case kpi.change_form when 'absolute' then 1 else nullif(abs(base.quotient), 0) end
        end as actual,
        least(present.observations_count, base.observations_count) as observations_count,
        present.is_provisional or base.is_provisional as is_provisional,
        present.data_as_of_date
    from divided as present
    inner join scorecard.dim_kpi as kpi on present.kpi_id = kpi.kpi_id
    inner join divided as base
        on
            present.kpi_id = base.kpi_id
            and present.unit_id = base.unit_id
            and present.grain = base.grain
            and base.period_start_date = (
                present.period_start_date
                - to_months(
                    case kpi.change_against when 'last_year' then 12 else previous_step(present.grain) end
                )
            )::date
    where kpi.change_against is not null
),

every_value as (
    select
        present.kpi_id,
        present.unit_id,
        present.grain,
        present.period_start_date,
        present.numerator,
        present.denominator,
        present.quotient as actual,
        present.observations_count,
        present.is_provisional,
        present.data_as_of_date
    from divided as present
    inner join scorecard.dim_kpi as kpi on present.kpi_id = kpi.kpi_id
    where kpi.change_against is null
    union all
    select
        kpi_id,
        unit_id,
        grain,
        period_start_date,
        numerator,
        denominator,
        actual,
        observations_count,
        is_provisional,
        data_as_of_date
    from changed
),

marked as (
    select
        every_value.*,
        kpi.min_observations_count > 0
        and coalesce(every_value.observations_count, 0) < kpi.min_observations_count as is_suppressed
    from every_value
    inner join scorecard.dim_kpi as kpi on every_value.kpi_id = kpi.kpi_id
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
    is_provisional,
    is_suppressed,
    data_as_of_date
from marked
order by kpi_id, unit_id, grain, period_start_date
