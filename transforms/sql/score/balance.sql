-- Balance of weight and of result, from two perspectives up; of result with scores taken as at most 100.
-- Grain: one row per unit, closed period and grain.
with perspective as (
    select
        cost.unit_id,
        cost.period_start_date,
        cost.grain,
        cost.child_id as perspective_id,
        cost.score,
        node.sort_order,
        cost.weight / nullif(sum(cost.weight) over siblings, 0) as weight_share,
        count(*) over siblings as perspective_count
    from scorecard.child_cost as cost
    inner join node on cost.child_level = node.level and cost.child_id = node.node_id
    where cost.child_level = 'perspective'
    window
        siblings as (
            partition by cost.unit_id, cost.grain, cost.period_start_date
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
