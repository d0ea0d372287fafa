-- Scores that two releases report otherwise, the biggest changes first, and every reason that was given between them;
-- `not_recorded` where an older version of the program gave none. `$kpi_id`, `$unit_id`: only theirs, where given.
-- Grain: level, node, unit, period and grain.
with reason as (
    select
        reported.level,
        reported.node_id,
        reported.unit_id,
        reported.grain,
        reported.period_start_date,
        list_sort(list_distinct(flatten(array_agg(coalesce(reported.reasons, ['not_recorded']))))) as reasons
    from history.reported_score as reported
    inner join run_between as passed on reported.run_id = passed.run_id
    group by reported.level, reported.node_id, reported.unit_id, reported.grain, reported.period_start_date
)

select
    level,
    node_id,
    unit_id,
    grain,
    period_start_date,
    case
        when former.run_id is null then 'new'
        when present.run_id is null then 'withdrawn'
        else 'changed'
    end as change,
    former.score as score_before,
    present.score as score_after,
    former.band as band_before,
    present.band as band_after,
    former.data_state as data_state_before,
    present.data_state as data_state_after,
    former.coverage as coverage_before,
    present.coverage as coverage_after,
    former.actual as actual_before,
    present.actual as actual_after,
    former.points as points_before,
    present.points as points_after,
    former.weight as weight_before,
    present.weight as weight_after,
    case when former.run_id is null then []::varchar[] else coalesce(reason.reasons, []::varchar[]) end as reasons
from before_reported_score as former
full outer join after_reported_score as present using (level, node_id, unit_id, grain, period_start_date)
left join reason using (level, node_id, unit_id, grain, period_start_date)
where
    (
        former.run_id is null
        or present.run_id is null
        or former.score is distinct from present.score
        or former.band is distinct from present.band
        or former.data_state is distinct from present.data_state
        or former.coverage is distinct from present.coverage
        or former.actual is distinct from present.actual
        or former.target is distinct from present.target
        or former.points is distinct from coalesce(present.points, former.points)
        or former.weight is distinct from present.weight
    )
    and ($kpi_id::varchar is null or (level = 'kpi' and node_id = $kpi_id))
    and ($unit_id::varchar is null or unit_id = $unit_id)
order by
    former.run_id is null, abs(present.score - former.score) desc nulls last,
    case level when 'scorecard' then 1 when 'perspective' then 2 when 'objective' then 3 else 4 end,
    node_id, unit_id asc, grain asc, period_start_date asc
