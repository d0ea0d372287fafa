-- Answers turned into components, by how each KPI reads them: NPS is promoters (9 and 10) minus detractors (0 to 6) over all
-- answers (Reichheld 2003), CSAT the share of the top two of five, a Likert mean the sum of the answers over their number.
-- Grain: one row per KPI, unit and month.
select
    kpi.kpi_id,
    answer.unit_id,
    answer.period_start_date,
    sum(
        case
            when kpi.survey = 'likert_mean' then answer.answer * answer.observations_count::decimal(18, 0)
            when kpi.survey = 'csat' then (answer.answer >= 4)::integer * answer.observations_count
            else ((answer.answer >= 9)::integer - (answer.answer <= 6)::integer) * answer.observations_count
        end::decimal(38, 9)
    )::decimal(38, 9) as numerator,
    sum(answer.observations_count)::decimal(38, 9) as denominator,
    sum(answer.observations_count)::bigint as observations_count
from scorecard.dim_kpi as kpi
inner join measure.answer as answer on kpi.measure_id = answer.measure_id
where kpi.survey in ('nps', 'enps', 'csat', 'likert_mean')
group by kpi.kpi_id, answer.unit_id, answer.period_start_date
