-- Why the scores of parents differ from what stood: why their children's do, which weights of theirs changed against each other,
-- and whether the roll-up did. `$level`: the children's level.
-- Grain: parent, unit, period and grain.
with child as (
    select
        cost.parent_level as level,
        cost.parent_id as node_id,
        cost.unit_id,
        cost.grain,
        cost.period_start_date,
        cost.child_id,
        cost.weight,
        stood.weight as former_weight,
        cost.weight / nullif(sum(cost.weight) over siblings, 0) as share,
        stood.weight / nullif(sum(stood.weight) over siblings, 0) as former_share
    from scorecard.child_cost as cost
    left join stood_reported_score as stood
        on
            cost.child_level = stood.level
            and cost.child_id = stood.node_id
            and cost.unit_id = stood.unit_id
            and cost.grain = stood.grain
            and cost.period_start_date = stood.period_start_date
    where cost.child_level = $level
    window
        siblings as (
            partition by cost.parent_id, cost.unit_id, cost.grain, cost.period_start_date
            order by cost.child_id
            rows between unbounded preceding and unbounded following
        )
),

below as (
    select
        child.level,
        child.node_id,
        child.unit_id,
        child.grain,
        child.period_start_date,
        array_agg(cause.causes) filter (where child.weight > 0 or child.former_weight > 0) as causes,
        bool_or(abs(child.share - child.former_share) > 1e-9) as is_shared_otherwise,
        bool_or(child.weight != child.former_weight) as is_weighed_otherwise
    from child
    left join score_cause as cause
        on
            cause.level = $level
            and child.child_id = cause.node_id
            and child.unit_id = cause.unit_id
            and child.grain = cause.grain
            and child.period_start_date = cause.period_start_date
    group by child.level, child.node_id, child.unit_id, child.grain, child.period_start_date
),

named as (
    select
        change.*,
        list_concat(
            coalesce(flatten(below.causes), []::varchar[]),
            case when change.is_redefined then ['changed_definition'] else []::varchar[] end,
            case
                when case when change.is_redefined then below.is_weighed_otherwise else below.is_shared_otherwise end
                    then ['changed_weight']
                else []::varchar[]
            end,
            case when change.is_unit_gone then ['changed_unit_tree'] else []::varchar[] end
        ) as causes
    from score_change as change
    left join below
        on
            change.level = below.level
            and change.node_id = below.node_id
            and change.unit_id = below.unit_id
            and change.grain = below.grain
            and change.period_start_date = below.period_start_date
    where
        change.has_stood
        and change.level
        = case $level when 'kpi' then 'objective' when 'objective' then 'perspective' else 'scorecard' end
)

select
    level,
    node_id,
    unit_id,
    grain,
    period_start_date,
    case when causes = [] and has_another_score then ['late_data'] else causes end as causes
from named
