-- How often each answer was given, over the months of a period and the units below. `$measure_id`, `$unit_id`, `$first_date`,
-- `$last_date`: of which.
-- Grain: one row per answer.
select
    answer.answer,
    sum(answer.observations_count)::bigint as observations_count,
    bool_or(answer.observations_count is null) as is_held_back
from measure.answer as answer
inner join scorecard.unit_closure as closure
    on
        answer.unit_id = closure.unit_id
        and last_day(answer.period_start_date) between closure.valid_from_date and closure.valid_to_date
where
    answer.measure_id = $measure_id
    and closure.ancestor_unit_id = $unit_id
    and answer.period_start_date between $first_date and $last_date
group by answer.answer
order by answer.answer
