-- How every KPI stands: what counts, scored with the points that were valid at the end of the period that the actual is of.
-- Grain: one row per KPI, unit that it applies to, closed period and grain.
with held as (
    -- What counts, beside what it is held against: the points of its own period, or of the one that is due, for show.
    select
        counted.kpi_id,
        counted.unit_id,
        counted.grain,
        counted.period_start_date,
        counted.actual,
        counted.value_grain,
        counted.value_period_start_date,
        counted.data_state,
        mixed_point.points,
        mixed_point.scored_by,
        mixed_point.given_by
    from counted_value as counted
    left join point
        on
            counted.kpi_id = point.kpi_id
            and counted.unit_id = point.unit_id
            and point.grain = coalesce(counted.value_grain, counted.due_grain)
            and point.period_start_date = coalesce(counted.value_period_start_date, counted.due_start_date)
    left join mixed_point on point.mix_id = mixed_point.mix_id
),

scored as (
    select
        held.*,
        kpi.rule,
        kpi.frequency,
        kpi.on_track_edge,
        kpi.at_risk_edge,
        score_by_rule(
            kpi.rule,
            kpi.direction,
            kpi.ratio_form,
            kpi.at_zero_target,
            kpi.score_cap,
            held.scored_by,
            held.actual
        ) as score
    from held
    inner join scorecard.dim_kpi as kpi on held.kpi_id = kpi.kpi_id
)

select
    scored.kpi_id,
    scored.unit_id,
    scored.period_start_date,
    scored.grain,
    scored.actual,
    scored.value_grain,
    scored.value_period_start_date,
    scored.rule,
    scored.points,
    scored.given_by as points_given_by,
    scored.scored_by.target,
    scored.scored_by.red,
    scored.scored_by.worst,
    scored.scored_by.best,
    scored.score,
    band_of(scored.score, scored.on_track_edge, scored.at_risk_edge) as band,
    case
        when scored.actual is not null and scored.score is null then 'no_target' else scored.data_state
    end as data_state,
    case when scored.score is null then 0 else 1 end as coverage,
    case when scored.data_state = 'current' then usual.signal end as signal,
    usual.usual_low,
    usual.usual_high,
    usual.usual_mean,
    case when scored.data_state = 'current' then scored.actual - previous.actual end as change_previous,
    case when scored.data_state = 'current' then scored.actual - last_year.actual end as change_last_year
from scored
left join usual_range as usual
    on
        scored.kpi_id = usual.kpi_id
        and scored.unit_id = usual.unit_id
        and scored.value_grain = usual.grain
        and scored.value_period_start_date = usual.period_start_date
left join whole_value as previous
    on
        scored.kpi_id = previous.kpi_id
        and scored.unit_id = previous.unit_id
        and scored.value_grain = previous.grain
        and previous.period_start_date
        = (scored.value_period_start_date - to_months(previous_step_of(scored.value_grain, scored.frequency)))::date
left join whole_value as last_year
    on
        scored.kpi_id = last_year.kpi_id
        and scored.unit_id = last_year.unit_id
        and scored.value_grain = last_year.grain
        and last_year.period_start_date = (scored.value_period_start_date - interval 12 month)::date
order by scored.kpi_id, scored.unit_id, scored.grain, scored.period_start_date
