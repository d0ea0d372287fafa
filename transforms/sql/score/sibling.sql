-- The children of one level beside their siblings, as a list in the strategy's order: sums over it come out the same in every
-- run, and the rows are sorted once for all of them. With what is the same in any order: state, gate, and what is off track below.
-- Grain: one row per parent, unit, closed period and grain.
with node_weight as (
    -- By period, of which there are few: the children themselves need not be sorted for it.
    select
        node.node_id,
        period.grain,
        period.period_start_date,
        coalesce(weight.weight, 0) as weight
    from node
    cross join scorecard.dim_period as period
    asof left join scorecard.weight as weight
        on
            node.level = weight.level
            and node.node_id = weight.node_id
            and period.last_date >= weight.valid_from_date
    where node.level = $level
),

child as (
    select
        node.parent_level,
        node.parent_id,
        node.roll_up,
        node.sort_order,
        score.node_id,
        score.unit_id,
        score.grain,
        score.period_start_date,
        node_weight.weight,
        score.score,
        score.coverage,
        score.data_state,
        score.off_track_below_count,
        node_weight.weight > 0 or node.gate_score is not null as has_a_say,
        node.gate_score is not null
        and (score.score is null or compared(score.score) < node.gate_score) as holds_gate
    from node_score as score
    inner join node on score.level = node.level and score.node_id = node.node_id
    inner join node_weight
        on
            score.node_id = node_weight.node_id
            and score.grain = node_weight.grain
            and score.period_start_date = node_weight.period_start_date
    where score.level = $level
),

beside as (
    select
        any_value(parent_level) as parent_level,
        parent_id,
        unit_id,
        grain,
        period_start_date,
        any_value(roll_up) as roll_up,
        list_sort(
            list(
                struct_pack(
                    sort_order := sort_order,
                    child_id := node_id,
                    weight := weight,
                    score := score,
                    coverage := coverage
                )
            )
        ) as children,
        bool_or(data_state = 'unverified' and has_a_say) as is_unverified,
        bool_or(data_state = 'stale' and has_a_say) as is_stale,
        bool_or(holds_gate) as is_gated,
        sum(off_track_below_count)::bigint as off_track_below_count
    from child
    group by parent_id, unit_id, grain, period_start_date
)

select
    *,
    weighted(children) as weighted_children,
    scored_weight_of(children) as scored_weight
from beside
