-- What was measured: components and actuals of every KPI, changes and indices taken against their base; nothing is held back
-- yet. An index of amounts compares them per month, so that a quarter is not three times its base month.
-- Grain: one row per KPI, unit, period and grain.
with divided as (
    select
        base_value.kpi_id,
        base_value.unit_id,
        base_value.grain,
        base_value.period_start_date,
        base_value.numerator,
        base_value.denominator,
        base_value.numerator::double / nullif(base_value.denominator, 0)::double as quotient,
        base_value.denominator = 1 as is_exact,
        base_value.observations_count,
        base_value.is_provisional,
        base_value.data_as_of_date
    from base_value
    inner join term on base_value.kpi_id = term.kpi_id and base_value.term_id = term.term_id
    where not term.is_derived
    union all
    select
        kpi_id,
        unit_id,
        grain,
        period_start_date,
        numerator,
        denominator,
        quotient,
        false as is_exact,
        observations_count,
        is_provisional,
        data_as_of_date
    from derived_value
),

based as (
    select
        present.kpi_id,
        present.unit_id,
        present.grain,
        present.period_start_date,
        present.numerator,
        present.quotient,
        base.numerator as base_numerator,
        base.quotient as base_quotient,
        base.grain as base_grain,
        present.is_exact and base.is_exact as is_exact,
        least(present.observations_count, base.observations_count) as observations_count,
        present.is_provisional or base.is_provisional as is_provisional,
        present.data_as_of_date
    from divided as present
    inner join base_period
        on
            present.kpi_id = base_period.kpi_id
            and present.grain = base_period.grain
            and present.period_start_date = base_period.period_start_date
    inner join divided as base
        on
            present.kpi_id = base.kpi_id
            and present.unit_id = base.unit_id
            and base_period.base_grain = base.grain
            and base_period.base_start_date = base.period_start_date
),

changed as (
    select
        based.*,
        case
            when based.is_exact then based.numerator - based.base_numerator
            else try_cast(based.quotient - based.base_quotient as decimal(38, 9))
        end as upper,
        case
            when kpi.change_form = 'absolute' then 1::decimal(38, 9)
            when based.is_exact then abs(based.base_numerator)
            else try_cast(abs(based.base_quotient) as decimal(38, 9))
        end as lower,
        case
            when based.is_exact
                then
                    (based.numerator - based.base_numerator)::double
                    / case kpi.change_form when 'absolute' then 1 else nullif(abs(based.base_numerator), 0)::double end
            else
                (based.quotient - based.base_quotient)
                / case kpi.change_form when 'absolute' then 1 else nullif(abs(based.base_quotient), 0) end
        end as actual
    from based
    inner join scorecard.dim_kpi as kpi on based.kpi_id = kpi.kpi_id
    where kpi.change_against is not null
),

lasting as (
    select
        grain,
        period_start_date,
        1 + date_diff('month', first_date, last_date) as month_count
    from scorecard.dim_period
),

indexed as (
    select
        based.*,
        100 * based.quotient / case when flow.kpi_id is null then 1 else lasting.month_count end as upper,
        based.base_quotient / case when flow.kpi_id is null then 1 else grain_months(based.base_grain) end as lower
    from based
    inner join scorecard.dim_kpi as kpi on based.kpi_id = kpi.kpi_id
    inner join lasting on based.grain = lasting.grain and based.period_start_date = lasting.period_start_date
    left join flow on based.kpi_id = flow.kpi_id
    where kpi.index_base_date is not null and based.base_quotient > 0
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
    where kpi.change_against is null and kpi.index_base_date is null
    union all
    select
        kpi_id,
        unit_id,
        grain,
        period_start_date,
        upper as numerator,
        lower as denominator,
        actual,
        observations_count,
        is_provisional,
        data_as_of_date
    from changed
    union all
    select
        kpi_id,
        unit_id,
        grain,
        period_start_date,
        try_cast(upper as decimal(38, 9)) as numerator,
        try_cast(lower as decimal(38, 9)) as denominator,
        upper / lower as actual,
        observations_count,
        is_provisional,
        data_as_of_date
    from indexed
)

select
    kpi_id,
    unit_id,
    grain,
    period_start_date,
    numerator,
    denominator,
    finite(actual) as actual,
    observations_count,
    is_provisional,
    data_as_of_date
from every_value
