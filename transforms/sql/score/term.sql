-- What every KPI is computed from, with what is known of its measure: how often it is measured, and the day that its data reach.
-- A reading entered by hand stands for the whole period that it was entered for; a file that was read and found good holds all
-- that was entered.
-- Terms that are computed alike are one series; its first term is the one that is computed. Months that are zero depend on the
-- units that the KPI applies to, so that a term with `empty: zero` is a series of its own; they end where the data do, and there
-- are none where the data end before the measure's first month.
-- Grain: one row per KPI and term.
with described as (
    select
        term.kpi_id,
        term.term_id,
        term.measure_id,
        term.aggregation,
        term.component,
        term.of_unit,
        term.empty_means,
        kpi.aggregation = 'derived' as is_derived,
        kpi.frequency,
        grain_months(kpi.frequency) as step_months,
        concat_ws(
            ' ',
            term.aggregation,
            term.component,
            kpi.frequency,
            coalesce(kpi.survey, '-'),
            case term.empty_means when 'zero' then term.kpi_id || ' ' || term.of_unit end
        ) as likeness
    from scorecard.kpi_term as term
    inner join scorecard.dim_kpi as kpi on term.kpi_id = kpi.kpi_id
),

measured as (
    select
        described.*,
        measure.kind = 'amounts' or described.component != 'value' as is_amount,
        measure.first_period_start_date as first_month_date,
        measure.data_as_of_date,
        case
            when coalesce(measure.is_manual, false)
                then
                    last_day(
                        (
                            fiscal_period_start(measure.data_as_of_date, $fiscal_start, described.step_months)
                            + to_months(described.step_months - 1)
                        )::date
                    )
            else measure.data_as_of_date
        end as reach_date,
        coalesce(measure.is_manual, false) and coalesce(status.outcome = 'good', false) as is_entered,
        coalesce(measure.is_broken, false) as is_broken,
        measure.error_message is not null as has_failed
    from described
    inner join measure.dim_measure as measure on described.measure_id = measure.measure_id
    left join quality.source_status as status on status.source_id = 'manual' and measure.measure_id = status.table_id
)

select
    kpi_id,
    term_id,
    dense_rank() over (order by measure_id, likeness) as series_id,
    row_number() over (partition by measure_id, likeness order by kpi_id, term_id) = 1 as is_series,
    measure_id,
    aggregation,
    component,
    of_unit,
    empty_means,
    is_derived,
    frequency,
    step_months,
    is_amount,
    fiscal_period_start(first_month_date, $fiscal_start, step_months) as first_date,
    data_as_of_date,
    reach_date,
    case
        when empty_means = 'zero' and first_month_date <= reach_date and first_month_date < $as_of
            then least(reach_date, $as_of - interval 1 day)::date
    end as zero_until_date,
    is_entered,
    is_broken,
    has_failed
from measured
