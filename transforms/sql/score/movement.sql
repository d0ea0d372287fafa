-- How each KPI moved since the period before, on the length of period that it is measured in, split into signal and noise: a
-- change without a signal is no change, whatever its size. Signals on the same side in periods that follow each other are one.
-- Grain: one row per KPI, unit and closed period (of the KPI's own length) with a value of its own.
with own as (
    select
        score.kpi_id,
        score.unit_id,
        score.grain,
        score.period_start_date,
        (score.period_start_date - to_months(previous_step(score.grain)))::date as before_start_date,
        score.data_state in ('current', 'no_target') as is_known,
        score.score,
        score.band,
        score.change_previous,
        score.signal,
        score.usual_mean is not null as has_range,
        case
            when score.signal in ('high', 'shift_up', 'near_high') then 'up'
            when score.signal in ('low', 'shift_down', 'near_low') then 'down'
        end as side,
        kpi.direction
    from scorecard.kpi_score as score
    inner join scorecard.dim_kpi as kpi on score.kpi_id = kpi.kpi_id and score.grain = kpi.frequency
),

beside as (
    select
        own.*,
        before.score as score_before,
        before.band as band_before,
        coalesce(own.side = before.side, false) as is_kept
    from own
    left join own as before
        on
            own.kpi_id = before.kpi_id
            and own.unit_id = before.unit_id
            and own.grain = before.grain
            and own.before_start_date = before.period_start_date
),

run as (
    select
        beside.*,
        last_value(
            case
                when not beside.is_kept
                    then struct_pack(first_date := beside.period_start_date, score_before := beside.score_before)
            end
            ignore nulls
        ) over so_far as since
    from beside
    window
        so_far as (
            partition by beside.kpi_id, beside.unit_id
            order by beside.period_start_date
            rows between unbounded preceding and current row
        )
)

select
    kpi_id,
    unit_id,
    period_start_date,
    grain,
    case
        when side is not null then if(is_kept, 'kept_signal', 'new_signal')
        when has_range then 'no_change'
        else 'too_short'
    end as kind,
    signal,
    case when side is not null then struct_extract(since, 'first_date') end as since_date,
    case
        when side is null then null
        when direction is not null then (side = 'up') = (direction = 'higher_is_better')
        when score != struct_extract(since, 'score_before') then score > struct_extract(since, 'score_before')
    end as is_better,
    change_previous,
    score_before,
    score,
    band_before,
    band
from run
where is_known
order by kpi_id, unit_id, period_start_date
