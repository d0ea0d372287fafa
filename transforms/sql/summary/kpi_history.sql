-- What was reported of a KPI and when, newest period first: the changes of its value and of its score, each empty where the run
-- reported no change of it. `$kpi_id`, `$unit_id`, `$grain`: of which.
-- Grain: period and release that changed its value or its score.
with value as (
    select * from history.reported_value
    where kpi_id = $kpi_id and unit_id = $unit_id and grain = $grain
),

score as (
    select * from history.reported_score
    where level = 'kpi' and node_id = $kpi_id and unit_id = $unit_id and grain = $grain
),

told as (
    select
        run_id,
        period_start_date,
        case when value.run_id is not null then struct_pack(value.actual, value.is_withdrawn) end as value_told,
        case when score.run_id is not null then struct_pack(score.score, score.band, score.target) end as score_told,
        case
            when value.reasons is not null or score.reasons is not null
                then list_sort(
                    list_distinct(
                        list_concat(
                            coalesce(value.reasons, []::varchar[]),
                            coalesce(score.reasons, []::varchar[])
                        )
                    )
                )
        end as reasons
    from value
    full outer join score using (run_id, period_start_date)
)

select
    told.run_id,
    told.period_start_date,
    release.reported_at,
    release.release_id,
    release.is_current_line,
    told.reasons,
    told.value_told,
    told.score_told
from told
inner join history.release as release on told.run_id = release.run_id
order by told.period_start_date desc, release.reported_at asc, told.run_id asc
