-- Which rows of targets.csv each period's points are made of: one as it is, or for additive KPIs the rows of its months, with
-- the part of each; only where every month has one.
-- Grain: one row per KPI, unit, period and grain that has points.
with part as (
    select
        month_target.kpi_id,
        month_target.unit_id,
        period.grain,
        period.period_start_date,
        month_target.target_id,
        month_target.total,
        month_target.is_seasonal,
        sum(month_target.weight order by month_target.month_start_date) as weight,
        count(*) as month_count,
        1 + date_diff('month', any_value(period.first_date), any_value(period.last_date)) as month_count_needed
    from month_target
    inner join scorecard.dim_period as period
        on month_target.month_start_date between period.first_date and period.last_date
    group by
        month_target.kpi_id,
        month_target.unit_id,
        period.grain,
        period.period_start_date,
        month_target.target_id,
        month_target.total,
        month_target.is_seasonal
),

added as (
    select
        kpi_id,
        unit_id,
        grain,
        period_start_date,
        list(
            struct_pack(target_id := target_id, is_seasonal := is_seasonal, total := total, weight := weight)
            order by target_id, is_seasonal, total
        ) as mix
    from part
    group by kpi_id, unit_id, grain, period_start_date
    having sum(month_count) = any_value(month_count_needed)
)

select
    kpi_id,
    unit_id,
    grain,
    period_start_date,
    mix
from added
anti join level_target using (kpi_id, unit_id, grain, period_start_date)
union all
select
    kpi_id,
    unit_id,
    grain,
    period_start_date,
    [struct_pack(target_id := target_id, is_seasonal := false, total := 1.0::double, weight := 1.0::double)] as mix
from level_target
