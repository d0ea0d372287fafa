-- Children of one level rolled up into their parents: score, coverage, state, gate, and what is off track below.
-- Grain: one row per parent, unit, closed period and grain.
with child as (
    select
        cost.parent_level,
        cost.parent_id,
        cost.child_id,
        cost.unit_id,
        cost.grain,
        cost.period_start_date,
        cost.weight,
        cost.weight_share,
        cost.points_lost,
        node.roll_up,
        node.sort_order,
        score.score,
        score.coverage,
        score.data_state,
        score.off_track_below_count,
        node.gate_score is not null
        and (score.score is null or compared(score.score) < node.gate_score) as holds_gate
    from scorecard.child_cost as cost
    inner join node on cost.child_level = node.level and cost.child_id = node.node_id
    inner join node_score as score
        on
            cost.child_level = score.level
            and cost.child_id = score.node_id
            and cost.unit_id = score.unit_id
            and cost.grain = score.grain
            and cost.period_start_date = score.period_start_date
    where cost.child_level = $level
),

rolled_up as (
    select
        parent_level,
        parent_id,
        unit_id,
        grain,
        period_start_date,
        case any_value(roll_up)
            when 'worst' then min(score) filter (weight > 0)
            when 'best' then max(score) filter (weight > 0)
            when 'geometric'
                then case
                    when min(score) filter (weight > 0) = 0 then 0
                    else exp(sum(weight_share * ln(nullif(score, 0)) order by sort_order) filter (weight > 0))
                end
            else sum(weight_share * score order by sort_order) filter (weight > 0)
        end as score,
        coalesce(sum(weight * coverage order by sort_order) / nullif(sum(weight order by sort_order), 0), 0)
            as coverage,
        bool_or(data_state = 'unverified' and weight > 0) as is_unverified,
        bool_or(data_state = 'stale' and weight > 0) as is_stale,
        bool_or(holds_gate) as is_gated,
        sum(off_track_below_count)::bigint as off_track_below_count
    from child
    group by parent_level, parent_id, unit_id, grain, period_start_date
),

covered as (
    select
        rolled_up.*,
        case
            when round(rolled_up.coverage, 9) >= scorecard.min_coverage
                then least(greatest(rolled_up.score, 0), 100)
        end as covered_score,
        band_of(
            case when round(rolled_up.coverage, 9) >= scorecard.min_coverage then rolled_up.score end,
            scorecard.on_track_edge,
            scorecard.at_risk_edge
        ) as plain_band
    from rolled_up
    cross join scorecard.dim_scorecard as scorecard
)

select
    parent_level as level,
    parent_id as node_id,
    unit_id,
    grain,
    period_start_date,
    covered_score as score,
    case when is_gated and plain_band = 'on_track' then 'at_risk' else plain_band end as band,
    case
        when is_unverified then 'unverified'
        when is_stale then 'stale'
        when covered_score is null then 'no_data'
        else 'current'
    end as data_state,
    coverage,
    is_gated,
    off_track_below_count
from covered
