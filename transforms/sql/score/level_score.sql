-- One level of the strategy as it is published: its scores, and what it cost its own parent.
-- Grain: one row per node, unit, closed period and grain.
select
    score.node_id,
    score.unit_id,
    score.period_start_date,
    score.grain,
    score.score,
    score.band,
    score.data_state,
    score.coverage,
    score.weakest_child_id,
    case when $level = 'scorecard' then 100 - score.score else own.points_lost end as points_lost,
    score.off_track_below_count,
    score.is_gated
from node_score as score
left join scorecard.child_cost as own
    on
        own.child_level = $level
        and score.node_id = own.child_id
        and score.unit_id = own.unit_id
        and score.grain = own.grain
        and score.period_start_date = own.period_start_date
where score.level = $level
order by score.node_id, score.unit_id, score.grain, score.period_start_date
