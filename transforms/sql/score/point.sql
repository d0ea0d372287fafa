-- The scoring points that were valid at each period's end: the unit's own, else, where the measure is intensive, those of the
-- nearest unit above. Points of additive KPIs add up over the months of the period, unless given for its very length.
-- Grain: one row per KPI, unit, closed period and grain that has points.
with kpi as (
    select
        kpi_id,
        aggregation,
        aggregation = 'sum' and change_against is null as is_additive,
        aggregation = 'distinct' and change_against is null as is_per_grain,
        aggregation in ('ratio', 'score') or coalesce(change_form = 'relative', false) as is_inherited
    from scorecard.dim_kpi
),

given as (
    select
        kpi_id,
        unit_id,
        per,
        valid_from_date,
        coalesce(worst, 2 * red - target) as worst,
        red,
        target,
        coalesce(best, 2 * target - red) as best
    from scorecard.target
),

candidate as (
    select
        applies.kpi_id,
        applies.unit_id,
        given.per,
        given.valid_from_date,
        given.worst,
        given.red,
        given.target,
        given.best,
        unit.level
    from scorecard.kpi_unit as applies
    inner join kpi on applies.kpi_id = kpi.kpi_id
    inner join scorecard.unit_closure as closure
        on applies.unit_id = closure.unit_id and (kpi.is_inherited or applies.unit_id = closure.ancestor_unit_id)
    inner join scorecard.dim_unit as unit on closure.ancestor_unit_id = unit.unit_id
    inner join given on applies.kpi_id = given.kpi_id and closure.ancestor_unit_id = given.unit_id
),

monthly as (
    select
        candidate.kpi_id,
        candidate.unit_id,
        month.period_start_date as month_start_date,
        candidate.per,
        candidate.worst,
        candidate.red,
        candidate.target,
        candidate.best
    from candidate
    inner join kpi on candidate.kpi_id = kpi.kpi_id and kpi.is_additive
    inner join scorecard.dim_period as month on month.grain = 'month' and candidate.valid_from_date <= month.last_date
    qualify row_number() over (
        partition by candidate.kpi_id, candidate.unit_id, month.period_start_date
        order by
            case candidate.per when 'month' then 1 when 'quarter' then 2 else 3 end,
            candidate.valid_from_date desc
    ) = 1
),

divided as (
    select
        kpi_id,
        unit_id,
        month_start_date,
        case per when 'month' then 1 when 'quarter' then 3 else 12 end as months,
        worst::decimal(38, 9) as worst,
        red::decimal(38, 9) as red,
        target::decimal(38, 9) as target,
        best::decimal(38, 9) as best
    from monthly
),

added_by_length as (
    select
        divided.kpi_id,
        divided.unit_id,
        period.grain,
        period.period_start_date,
        divided.months,
        sum(divided.worst)::double / divided.months as worst,
        sum(divided.red)::double / divided.months as red,
        sum(divided.target)::double / divided.months as target,
        sum(divided.best)::double / divided.months as best,
        count(*) as month_count,
        1 + date_diff('month', any_value(period.first_date), any_value(period.last_date)) as month_count_needed
    from divided
    inner join period_month as period on divided.month_start_date = period.month_start_date
    group by divided.kpi_id, divided.unit_id, period.grain, period.period_start_date, divided.months
),

added as (
    select
        kpi_id,
        unit_id,
        grain,
        period_start_date,
        sum(worst order by months) as worst,
        sum(red order by months) as red,
        sum(target order by months) as target,
        sum(best order by months) as best
    from added_by_length
    group by kpi_id, unit_id, grain, period_start_date
    having sum(month_count) = any_value(month_count_needed)
),

level_valued as (
    -- Points of additive KPIs that are given for the very length of a quarter or year stand before the months' sum.
    select
        candidate.kpi_id,
        candidate.unit_id,
        period.grain,
        period.period_start_date,
        candidate.worst,
        candidate.red,
        candidate.target,
        candidate.best
    from candidate
    inner join kpi on candidate.kpi_id = kpi.kpi_id
    inner join scorecard.dim_period as period on candidate.valid_from_date <= period.last_date
    where
        case
            when kpi.is_additive then candidate.per = period.grain and period.grain in ('quarter', 'year')
            when kpi.is_per_grain then candidate.per = case period.grain when 'ttm' then 'year' else period.grain end
            else true
        end
    qualify row_number() over (
        partition by candidate.kpi_id, candidate.unit_id, period.grain, period.period_start_date
        order by
            candidate.level desc,
            candidate.per = case period.grain when 'ttm' then 'year' when 'ytd' then 'year' else period.grain end desc,
            case candidate.per when 'month' then 1 when 'quarter' then 2 else 3 end,
            candidate.valid_from_date desc
    ) = 1
)

select
    kpi_id,
    unit_id,
    grain,
    period_start_date,
    worst,
    red,
    target,
    best
from added
anti join level_valued
    on
        added.kpi_id = level_valued.kpi_id
        and added.unit_id = level_valued.unit_id
        and added.grain = level_valued.grain
        and added.period_start_date = level_valued.period_start_date
union all
select
    kpi_id,
    unit_id,
    grain,
    period_start_date,
    worst,
    red,
    target,
    best
from level_valued
