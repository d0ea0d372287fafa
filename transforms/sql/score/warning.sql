-- What a reader should know of the points: actuals that none are valid for, and targets that were to follow last year's season
-- and were divided evenly. Every KPI without any row in targets.csv is left to the check of the workspace.
-- Grain: one row per kind, KPI, unit, grain and run of periods.
with unpointed as (
    -- A number that is counted anew at each length has no points for a year to date: there are no rows of that length.
    select
        'no_points' as kind,
        score.kpi_id,
        score.unit_id,
        score.grain,
        score.period_start_date
    from scorecard.kpi_score as score
    where
        score.data_state = 'no_target'
        and score.grain = score.value_grain
        and score.period_start_date = score.value_period_start_date
        and score.kpi_id in (select target_row.kpi_id from target_row)
        and not (score.grain = 'ytd' and score.kpi_id in (select counted.kpi_id from length_kpi as counted))
),

evenly as (
    select distinct
        'phased_evenly' as kind,
        month_target.kpi_id,
        month_target.unit_id,
        span.grain,
        span.period_start_date
    from month_target
    inner join period_month as span
        on month_target.per = span.grain and month_target.month_start_date = span.month_start_date
    where month_target.is_phased_evenly
),

concerned as (
    select
        kind,
        kpi_id,
        unit_id,
        grain,
        period_start_date
    from unpointed
    union all
    select
        kind,
        kpi_id,
        unit_id,
        grain,
        period_start_date
    from evenly
),

numbered as (
    select
        grain,
        period_start_date,
        row_number() over (partition by grain order by period_start_date) as number
    from scorecard.dim_period
),

run as (
    select
        concerned.kind,
        concerned.kpi_id,
        concerned.unit_id,
        concerned.grain,
        concerned.period_start_date,
        numbered.number - row_number() over (
            partition by concerned.kind, concerned.kpi_id, concerned.unit_id, concerned.grain
            order by concerned.period_start_date
        ) as run_number
    from concerned
    inner join numbered
        on concerned.grain = numbered.grain and concerned.period_start_date = numbered.period_start_date
)

select
    kind,
    kpi_id,
    unit_id,
    grain,
    min(period_start_date) as first_period_start_date,
    max(period_start_date) as last_period_start_date,
    case kind
        when 'no_points'
            then
                'No scoring points are valid for ' || kpi_id || ' of ' || unit_id || ' at the grain ' || grain
                || ', though it was measured: add a row to targets.csv, or move valid_from.'
        else
            'The target per ' || grain || ' of ' || kpi_id || ' for ' || unit_id || ' was divided evenly: last year '
            || 'has no amount above 0 in every month. Give targets per month, or write `phasing: even`.'
    end as message
from run
group by kind, kpi_id, unit_id, grain, run_number
order by kind, kpi_id, unit_id, grain, first_period_start_date
