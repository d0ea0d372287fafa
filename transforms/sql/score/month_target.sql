-- The row of targets.csv that counts in each month for KPIs whose points add up: the one for the shortest length, of these the
-- newest valid at the month's end; and what part of it falls to the month, evenly or by the season.
-- Months of a period that began before anything was measured have points, too: a quarter entered once is whole from its first
-- month on.
-- Grain: one row per additive KPI, unit that it applies to and month with points.
with month as (
    select unnest(generate_series(min(first_date), max(last_date), interval 1 month))::date as period_start_date
    from scorecard.dim_period
),

chosen as (
    select
        applies.kpi_id,
        applies.unit_id,
        month.period_start_date as month_start_date,
        target_row.target_id,
        target_row.per,
        target_row.month_count,
        kpi.phasing = 'seasonal' and target_row.per != 'month' as is_seasonal
    from scorecard.kpi_unit as applies
    inner join scorecard.dim_kpi as kpi on applies.kpi_id = kpi.kpi_id and kpi.is_additive
    inner join target_row on applies.kpi_id = target_row.kpi_id and applies.unit_id = target_row.unit_id
    inner join month on target_row.valid_from_date <= last_day(month.period_start_date)
    qualify row_number() over (
        partition by applies.kpi_id, applies.unit_id, month.period_start_date
        order by target_row.month_count asc, target_row.valid_from_date desc
    ) = 1
)

select
    chosen.kpi_id,
    chosen.unit_id,
    chosen.month_start_date,
    chosen.target_id,
    chosen.per,
    coalesce(season.weight, 1) as weight,
    coalesce(season.total, chosen.month_count) as total,
    season.kpi_id is not null as is_seasonal,
    chosen.is_seasonal and season.kpi_id is null as is_phased_evenly
from chosen
left join season
    on
        chosen.is_seasonal
        and chosen.kpi_id = season.kpi_id
        and chosen.unit_id = season.unit_id
        and chosen.per = season.per
        and chosen.month_start_date = season.month_start_date
