-- The scorecard of the whole organisation in the last closed month.
-- Grain: one row, or none.
select
    scorecard_score.period_start_date,
    scorecard_score.score,
    scorecard_score.band,
    scorecard_score.coverage
from scorecard.scorecard_score
inner join scorecard.dim_scorecard
    on
        scorecard_score.scorecard_id = dim_scorecard.scorecard_id
        and scorecard_score.unit_id = dim_scorecard.organisation_id
        and scorecard_score.period_start_date = dim_scorecard.headline_period_start_date
where scorecard_score.grain = 'month'
