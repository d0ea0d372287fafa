-- Balance of weight and of result, from two perspectives up; of result with scores taken as at most 100. A perspective that has
-- no KPI yet has its weight all the same; one whose KPIs do not apply to the unit is absent.
-- Grain: one row per unit, closed period and grain.
with scored as (
    select
        cost.unit_id,
        cost.period_start_date,
        cost.grain,
        cost.child_id as perspective_id,
        cost.score,
        cost.weight
    from scorecard.child_cost as cost
    where cost.child_level = 'perspective'
),

without_kpi as (
    select perspective.perspective_id
    from scorecard.dim_perspective as perspective
    anti join scorecard.dim_kpi as kpi on perspective.perspective_id = kpi.perspective_id
),

seen as (
    select distinct
        unit_id,
        period_start_date,
        grain
    from scored
),

present as (
    select
        unit_id,
        period_start_date,
        grain,
        perspective_id,
        score,
        weight
    from scored
    union all
    select
        seen.unit_id,
        seen.period_start_date,
        seen.grain,
        empty.perspective_id,
        null as score,
        coalesce(weight.weight, 0) as weight
    from seen
    inner join scorecard.dim_period as period
        on seen.grain = period.grain and seen.period_start_date = period.period_start_date
    cross join without_kpi as empty
    asof left join scorecard.weight as weight
        on
            weight.level = 'perspective'
            and empty.perspective_id = weight.node_id
            and period.last_date >= weight.valid_from_date
),

perspective as (
    select
        present.*,
        node.sort_order,
        present.weight / nullif(sum(present.weight) over siblings, 0) as weight_share,
        count(*) over siblings as perspective_count
    from present
    inner join node on node.level = 'perspective' and present.perspective_id = node.node_id
    window
        siblings as (
            partition by present.unit_id, present.grain, present.period_start_date
            order by node.sort_order
            rows between unbounded preceding and unbounded following
        )
)

select
    unit_id,
    period_start_date,
    grain,
    0 - sum(case when weight_share > 0 then weight_share * ln(weight_share) else 0 end order by sort_order)
    / ln(any_value(perspective_count)) * 100 as weight_balance,
    case when count(score) > 1 then 100 - (least(max(score), 100) - least(min(score), 100)) end as result_balance,
    case
        when count(score) > 1
            then (array_agg(perspective_id order by score desc, sort_order asc) filter (score is not null))[1]
    end as highest_perspective_id,
    case
        when count(score) > 1
            then (array_agg(perspective_id order by score asc, sort_order desc) filter (score is not null))[1]
    end as lowest_perspective_id
from perspective
where perspective_count > 1
group by unit_id, period_start_date, grain
order by unit_id, grain, period_start_date
