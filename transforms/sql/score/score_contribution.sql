-- What each child contributed to the change of its parent's score since the period before (for `ytd` the same months a year
-- before); a parent's contributions add up to its change. P is the parent's score before, shares are of the weight of the
-- scored children.
--   weighted mean: share now x (score now - P) - share before x (score before - P), so that shifted weights are the child's, too.
--   worst, best: children are put from before to now one after the other, in the strategy's order; each is due what its own
--     step changes. A step that leaves no scored child changes nothing, the next that has one takes it.
--   geometric: the same form in logarithms, times the logarithmic mean of both parent scores (LMDI, Ang 2004). Logarithms know
--     no zero: where one of the two parent scores is 0, the change is due to the children that were at 0 then, by weight.
-- Grain: one row per child, unit, closed period and grain.
with parent as (
    select
        present.level,
        present.node_id,
        present.unit_id,
        present.grain,
        present.period_start_date,
        (present.period_start_date - to_months(previous_step(present.grain)))::date as before_start_date,
        present.score,
        before.score as score_before
    from node_score as present
    left join node_score as before
        on
            present.level = before.level
            and present.node_id = before.node_id
            and present.unit_id = before.unit_id
            and present.grain = before.grain
            and before.period_start_date
            = (present.period_start_date - to_months(previous_step(present.grain)))::date
    where present.level != 'kpi'
),

child as (
    select
        cost.parent_level,
        cost.parent_id,
        cost.child_level,
        cost.child_id,
        cost.unit_id,
        cost.period_start_date,
        cost.grain,
        node.roll_up,
        node.sort_order,
        cost.score,
        before.score as score_before,
        parent.score as parent_score,
        parent.score_before as parent_score_before,
        coalesce(cost.weight_share, 0) as share,
        coalesce(before.weight_share, 0) as share_before,
        case when cost.weight_share > 0 then cost.score end as counted,
        case when before.weight_share > 0 then before.score end as counted_before
    from scorecard.child_cost as cost
    inner join node on cost.child_level = node.level and cost.child_id = node.node_id
    inner join parent
        on
            cost.parent_level = parent.level
            and cost.parent_id = parent.node_id
            and cost.unit_id = parent.unit_id
            and cost.grain = parent.grain
            and cost.period_start_date = parent.period_start_date
    left join scorecard.child_cost as before
        on
            cost.child_level = before.child_level
            and cost.child_id = before.child_id
            and cost.unit_id = before.unit_id
            and cost.grain = before.grain
            and parent.before_start_date = before.period_start_date
),

-- By joins and not by windows: a window costs the more the smaller its partitions are, and siblings are few.
paired as (
    select
        child.parent_level,
        child.parent_id,
        child.child_id,
        child.unit_id,
        child.grain,
        child.period_start_date,
        child.roll_up,
        child.sort_order,
        other.sort_order as other_sort_order,
        case when other.sort_order <= child.sort_order then other.counted else other.counted_before end as replaced,
        case when other.counted = 0 then other.share end as zero_share,
        case when other.counted_before = 0 then other.share_before end as zero_share_before
    from child
    inner join child as other
        on
            child.parent_level = other.parent_level
            and child.parent_id = other.parent_id
            and child.unit_id = other.unit_id
            and child.grain = other.grain
            and child.period_start_date = other.period_start_date
    where child.roll_up != 'weighted_mean' and other.roll_up != 'weighted_mean'
),

replaced as (
    select
        parent_level,
        parent_id,
        child_id,
        unit_id,
        grain,
        period_start_date,
        any_value(sort_order) as sort_order,
        case any_value(roll_up) when 'worst' then min(replaced) when 'best' then max(replaced) end as parent_replaced,
        sum(zero_share order by other_sort_order) as zero_share,
        sum(zero_share_before order by other_sort_order) as zero_share_before
    from paired
    group by parent_level, parent_id, child_id, unit_id, grain, period_start_date
),

stepped as (
    select
        replaced.parent_level,
        replaced.parent_id,
        replaced.child_id,
        replaced.unit_id,
        replaced.grain,
        replaced.period_start_date,
        any_value(replaced.zero_share) as zero_share,
        any_value(replaced.zero_share_before) as zero_share_before,
        arg_max(other.parent_replaced, other.sort_order) filter (other.sort_order <= replaced.sort_order)
            as parent_stepped,
        arg_max(other.parent_replaced, other.sort_order) filter (other.sort_order < replaced.sort_order)
            as parent_before_step
    from replaced
    inner join replaced as other
        on
            replaced.parent_level = other.parent_level
            and replaced.parent_id = other.parent_id
            and replaced.unit_id = other.unit_id
            and replaced.grain = other.grain
            and replaced.period_start_date = other.period_start_date
    group by
        replaced.parent_level,
        replaced.parent_id,
        replaced.child_id,
        replaced.unit_id,
        replaced.grain,
        replaced.period_start_date
),

every_child as (
    select
        child.*,
        stepped.zero_share,
        stepped.zero_share_before,
        stepped.parent_stepped,
        stepped.parent_before_step
    from child
    left join stepped
        on
            child.parent_level = stepped.parent_level
            and child.parent_id = stepped.parent_id
            and child.child_id = stepped.child_id
            and child.unit_id = stepped.unit_id
            and child.grain = stepped.grain
            and child.period_start_date = stepped.period_start_date
)

select
    parent_level,
    parent_id,
    child_level,
    child_id,
    unit_id,
    period_start_date,
    grain,
    score_before,
    score,
    case
        when parent_score is null or parent_score_before is null then null
        when roll_up = 'weighted_mean'
            then
                share * coalesce(counted - parent_score_before, 0)
                - share_before * coalesce(counted_before - parent_score_before, 0)
        when roll_up in ('worst', 'best')
            then
                coalesce(parent_stepped, parent_score_before)
                - coalesce(parent_before_step, parent_score_before)
        when parent_score = 0 and parent_score_before = 0 then 0
        when parent_score = 0
            then case when counted = 0 then -parent_score_before * share / zero_share else 0 end
        when parent_score_before = 0
            then case when counted_before = 0 then parent_score * share_before / zero_share_before else 0 end
        else
            logarithmic_mean(parent_score_before, parent_score)
            * (
                share * coalesce(ln(nullif(counted, 0) / parent_score_before), 0)
                - share_before * coalesce(ln(nullif(counted_before, 0) / parent_score_before), 0)
            )
    end as contribution
from every_child
order by parent_level, child_id, unit_id, grain, period_start_date
