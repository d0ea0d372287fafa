-- Periods of values and scores that scorecard.dim_period does not have.
-- Grain: one row per table, grain and period.
with used as (
    select
        'scorecard.kpi_value' as table_name,
        grain,
        period_start_date
    from scorecard.kpi_value
    union
    select
        'scorecard.kpi_score' as table_name,
        grain,
        period_start_date
    from scorecard.kpi_score
    union
    select
        'scorecard.kpi_score' as table_name,
        value_grain as grain,
        value_period_start_date as period_start_date
    from scorecard.kpi_score
    where actual is not null
    union
    select
        'scorecard.objective_score' as table_name,
        grain,
        period_start_date
    from scorecard.objective_score
    union
    select
        'scorecard.perspective_score' as table_name,
        grain,
        period_start_date
    from scorecard.perspective_score
    union
    select
        'scorecard.scorecard_score' as table_name,
        grain,
        period_start_date
    from scorecard.scorecard_score
)

select
    used.table_name,
    'there is no ' || coalesce(used.grain, 'grain') || ' ' || coalesce(used.period_start_date::varchar, '?') as found
from used
anti join scorecard.dim_period as period
    on used.grain = period.grain and used.period_start_date = period.period_start_date
order by all
