-- Children of one level rolled up into their parents: score, coverage, state, gate, and what is off track below. A child whose
-- cap lets it score above 100 counts with that score, so that a parent may stand above 100, too; where that must not be,
-- the KPI has no such cap. Every roll-up lies between the lowest and the highest child that counts, and is held there, since
-- arithmetic on doubles may end a last digit beyond. A gate holds whatever the weight of what carries it.
-- Grain: one row per parent, unit, closed period and grain.
with rolled_up as (
    select
        *,
        case roll_up
            when 'worst' then list_min(scores_of(weighted_children))
            when 'best' then list_max(scores_of(weighted_children))
            when 'geometric'
                then case
                    when list_min(scores_of(weighted_children)) = 0 then 0
                    else geometric_mean_of(weighted_children, scored_weight)
                end
            else mean_of(weighted_children)
        end as score,
        round(coalesce(coverage_of(children), 0), 12) as coverage,
        list_min(scores_of(weighted_children)) as lowest_score,
        list_max(scores_of(weighted_children)) as highest_score,
        weakest_of(weighted_children, scored_weight) as weakest_child_id
    from sibling
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
    off_track_below_count,
    weakest_child_id
from banded
