-- 95 % intervals of what surveys say, from the answers of all units below, each month by its own tree, and all months.
-- Shares (CSAT, response rate): Wilson 1927, Probable inference, JASA 22. NPS and eNPS: the adjusted Wald interval of Rocks 2016,
-- Interval estimation for the net promoter score, The American Statistician 70(4): three answers are added, 3/4 promoters,
-- 3/4 detractors and 6/4 passives. Means: Student 1908, with n - 1 degrees of freedom; its quantiles are given up to 30 degrees,
-- beyond by the expansion of Cornish and Fisher 1938, which is within 0.00001 there.
-- Grain: one row per KPI, unit, period and grain.
with surveyed as (
    select
        kpi_id,
        measure_id,
        survey,
        1.959963984540054::double as z
    from scorecard.dim_kpi
    where survey is not null and change_against is null and index_base_date is null
),

share as (
    select
        value.kpi_id,
        value.unit_id,
        value.grain,
        value.period_start_date,
        surveyed.z,
        value.denominator::double as answer_count,
        value.numerator::double / value.denominator::double as share
    from measured_value as value
    inner join surveyed on value.kpi_id = surveyed.kpi_id
    where
        surveyed.survey in ('csat', 'response_rate')
        and value.denominator > 0
        and value.numerator between 0 and value.denominator
),

wilson as (
    select
        kpi_id,
        unit_id,
        grain,
        period_start_date,
        (share + z * z / (2 * answer_count)) / (1 + z * z / answer_count) as middle,
        z * sqrt(share * (1 - share) / answer_count + z * z / (4 * answer_count * answer_count))
        / (1 + z * z / answer_count) as half,
        0.0::double as lowest,
        1.0::double as highest
    from share
),

answered as (
    select
        surveyed.kpi_id,
        any_value(surveyed.survey) as survey,
        any_value(surveyed.z) as z,
        closure.ancestor_unit_id as unit_id,
        period.grain,
        period.period_start_date,
        answer.answer,
        sum(answer.observations_count)::double as answer_count
    from surveyed
    inner join measure.answer as answer on surveyed.measure_id = answer.measure_id
    inner join scorecard.unit_closure as closure
        on
            answer.unit_id = closure.unit_id
            and last_day(answer.period_start_date) between closure.valid_from_date and closure.valid_to_date
    inner join period_month as period on answer.period_start_date = period.month_start_date
    where surveyed.survey in ('nps', 'enps', 'likert_mean')
    group by surveyed.kpi_id, closure.ancestor_unit_id, period.grain, period.period_start_date, answer.answer
),

weighed as (
    select
        kpi_id,
        unit_id,
        grain,
        period_start_date,
        any_value(z) as z,
        (coalesce(sum(answer_count) filter (answer >= 9), 0) + 0.75) / (sum(answer_count) + 3) as promoter_share,
        (coalesce(sum(answer_count) filter (answer <= 6), 0) + 0.75) / (sum(answer_count) + 3) as detractor_share,
        sum(answer_count) + 3 as answer_count
    from answered
    where survey != 'likert_mean'
    group by kpi_id, unit_id, grain, period_start_date
),

rocks as (
    select
        kpi_id,
        unit_id,
        grain,
        period_start_date,
        promoter_share - detractor_share as middle,
        z * sqrt(
            (promoter_share + detractor_share - (promoter_share - detractor_share) ** 2) / answer_count
        ) as half,
        -1.0::double as lowest,
        1.0::double as highest
    from weighed
),

averaged as (
    select
        *,
        sum(answer_count) over value as total_count,
        sum(answer::double * answer_count) over value / sum(answer_count) over value as average
    from answered
    where survey = 'likert_mean' and answer_count > 0
    window value as (
        partition by kpi_id, unit_id, grain, period_start_date
        order by answer rows between unbounded preceding and unbounded following
    )
),

spread as (
    select
        kpi_id,
        unit_id,
        grain,
        period_start_date,
        any_value(z) as z,
        any_value(total_count) as total_count,
        any_value(average) as average,
        sqrt(
            sum(answer_count * (answer::double - average) ** 2 order by answer) / nullif(any_value(total_count) - 1, 0)
        ) as deviation,
        any_value(total_count) - 1 as freedom
    from averaged
    group by kpi_id, unit_id, grain, period_start_date
),

student as (
    select
        kpi_id,
        unit_id,
        grain,
        period_start_date,
        average as middle,
        deviation / sqrt(total_count) * case
            when freedom <= 30
                then
                    [
                        12.706204736, 4.302652730, 3.182446305, 2.776445105, 2.570581836, 2.446911851,
                        2.364624252, 2.306004135, 2.262157163, 2.228138852, 2.200985160, 2.178812830,
                        2.160368656, 2.144786688, 2.131449546, 2.119905299, 2.109815578, 2.100922040,
                        2.093024054, 2.085963447, 2.079613845, 2.073873068, 2.068657610, 2.063898562,
                        2.059538553, 2.055529439, 2.051830516, 2.048407142, 2.045229642, 2.042272456
                    ][freedom::integer]::double
            else
                z
                + (z ** 3 + z) / (4 * freedom)
                + (5 * z ** 5 + 16 * z ** 3 + 3 * z) / (96 * freedom ** 2)
                + (3 * z ** 7 + 19 * z ** 5 + 17 * z ** 3 - 15 * z) / (384 * freedom ** 3)
        end as half,
        null::double as lowest,
        null::double as highest
    from spread
),

every_interval as (
    select * from wilson
    union all
    select * from rocks
    union all
    select * from student
)

select
    kpi_id,
    unit_id,
    grain,
    period_start_date,
    case when lowest is null then middle - half else greatest(middle - half, lowest) end as interval_low,
    case when highest is null then middle + half else least(middle + half, highest) end as interval_high
from every_interval
where half is not null
