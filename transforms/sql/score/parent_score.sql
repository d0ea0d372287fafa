-- Children of one level rolled up into their parents: score, coverage, state, gate, and what is off track below. A child whose
-- cap lets it score above 100 counts with that score, so that a parent may stand above 100, too; where that must not be,
-- the KPI has no such cap. Every roll-up lies between the lowest and the highest child that counts, and is held there, since
-- arithmetic on doubles may end a last digit beyond. A gate holds whatever the weight of what carries it.
-- Grain: one row per parent, unit, closed period and grain.
with child as (
    select
        cost.parent_level,
        cost.parent_id,
        cost.unit_id,
        cost.grain,
        cost.period_start_date,
        cost.weight,
        cost.weight_share,
        node.roll_up,
        node.sort_order,
        score.score,
        score.coverage,
        score.data_state,
        score.off_track_below_count,
        cost.weight > 0 or node.gate_score is not null as has_a_say,
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
            else
                sum(weight * score order by sort_order) filter (weight > 0)
                / sum(weight order by sort_order) filter (weight > 0 and score is not null)
        end as score,
        round(coalesce(sum(weight * coverage order by sort_order) / nullif(sum(weight order by sort_order), 0), 0), 12)
            as coverage,
        bool_or(data_state = 'unverified' and has_a_say) as is_unverified,
        bool_or(data_state = 'stale' and has_a_say) as is_stale,
        bool_or(holds_gate) as is_gated,
        sum(off_track_below_count)::bigint as off_track_below_count,
        min(score) filter (weight > 0) as lowest_score,
        max(score) filter (weight > 0) as highest_score
    from child
    group by parent_level, parent_id, unit_id, grain, period_start_date
),

covered as (
    select
        rolled_up.*,
        case
            when round(rolled_up.coverage, 9) >= scorecard.min_coverage
                then least(greatest(rolled_up.score, rolled_up.lowest_score), rolled_up.highest_score)
        end as covered_score
    from rolled_up
    cross join scorecard.dim_scorecard as scorecard
),

banded as (
    select
        covered.*,
        band_of(covered.covered_score, scorecard.on_track_edge, scorecard.at_risk_edge) as plain_band
    from covered
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
from banded
