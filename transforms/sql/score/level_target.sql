-- The row of targets.csv that a period takes as it is, whatever the months: any row where points do not add up; for additive
-- KPIs, and those of length_kpi, only one for the period's very length. Intensive KPIs
-- take it from the nearest unit above, as the tree stood at the period's end, where the unit has none.
-- Grain: one row per KPI, unit that it applies to, period and grain with such a row.
with valid as (
    select
        target_row.kpi_id,
        target_row.unit_id,
        period.grain,
        period.period_start_date,
        period.last_date,
        target_row.target_id
    from target_row
    inner join scorecard.dim_kpi as kpi on target_row.kpi_id = kpi.kpi_id
    left join length_kpi on target_row.kpi_id = length_kpi.kpi_id
    inner join scorecard.dim_period as period on target_row.valid_from_date <= period.last_date
    where
        case
            when kpi.is_additive then target_row.per = period.grain and target_row.per != 'month'
            when length_kpi.kpi_id is not null
                then target_row.per = case period.grain when 'ttm' then 'year' else period.grain end
            else true
        end
    qualify row_number() over (
        partition by target_row.kpi_id, target_row.unit_id, period.grain, period.period_start_date
        order by
            (
                target_row.per = case when period.grain in ('ytd', 'ttm') then 'year' else period.grain end
            ) desc,
            target_row.month_count asc,
            target_row.valid_from_date desc
    ) = 1
),

reach as (
    select
        kpi_id,
        unit_id,
        unit_id as given_unit_id,
        0 as distance,
        '-infinity'::date as valid_from_date,
        'infinity'::date as valid_to_date
    from scorecard.kpi_unit
    union all
    select
        applies.kpi_id,
        applies.unit_id,
        closure.ancestor_unit_id as given_unit_id,
        closure.distance,
        closure.valid_from_date,
        closure.valid_to_date
    from scorecard.kpi_unit as applies
    inner join scorecard.dim_kpi as kpi on applies.kpi_id = kpi.kpi_id and kpi.is_intensive
    inner join scorecard.unit_closure as closure on applies.unit_id = closure.unit_id and closure.distance > 0
)

select
    reach.kpi_id,
    reach.unit_id,
    valid.grain,
    valid.period_start_date,
    arg_min(valid.target_id, reach.distance) as target_id
from reach
inner join valid
    on
        reach.kpi_id = valid.kpi_id
        and reach.given_unit_id = valid.unit_id
        and valid.last_date between reach.valid_from_date and reach.valid_to_date
group by reach.kpi_id, reach.unit_id, valid.grain, valid.period_start_date
