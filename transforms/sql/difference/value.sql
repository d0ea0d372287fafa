-- Values that two releases report otherwise, and every reason that was given between them; `not_recorded` where an older version
-- of the program gave none, `provisional` where it had been reported as such only. `$kpi_id`, `$unit_id`: only theirs, where given.
-- Grain: KPI, unit, period and grain.
with reason as (
    select
        reported.kpi_id,
        reported.unit_id,
        reported.grain,
        reported.period_start_date,
        list_sort(list_distinct(flatten(array_agg(coalesce(reported.reasons, ['not_recorded']))))) as reasons
    from history.reported_value as reported
    inner join run_between as passed on reported.run_id = passed.run_id
    group by reported.kpi_id, reported.unit_id, reported.grain, reported.period_start_date
)

select
    kpi_id,
    unit_id,
    grain,
    period_start_date,
    case
        when former.run_id is null then 'new'
        when present.run_id is null then 'withdrawn'
        else 'changed'
    end as change,
    former.numerator as numerator_before,
    present.numerator as numerator_after,
    former.denominator as denominator_before,
    present.denominator as denominator_after,
    former.actual as actual_before,
    present.actual as actual_after,
    case
        when former.run_id is null then []::varchar[]
        when len(reason.reasons) > 0 then reason.reasons
        else ['provisional']
    end as reasons
from before_reported_value as former
full outer join after_reported_value as present using (kpi_id, unit_id, grain, period_start_date)
left join reason using (kpi_id, unit_id, grain, period_start_date)
where
    (
        former.run_id is null
        or present.run_id is null
        or former.numerator is distinct from present.numerator
        or former.denominator is distinct from present.denominator
        or former.actual is distinct from present.actual
    )
    and ($kpi_id::varchar is null or kpi_id = $kpi_id)
    and ($unit_id::varchar is null or unit_id = $unit_id)
order by
    former.run_id is null, abs(present.actual - former.actual) / nullif(abs(former.actual), 0) desc nulls last,
    kpi_id, unit_id asc, grain asc, period_start_date asc
