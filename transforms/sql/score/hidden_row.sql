-- Rows of one measure that are not shown: those of months held back, and of parts of a month that rest on too few observations.
-- Where a part is too few, the next larger ones go, too, until two are hidden that are enough together: it were the month's total
-- less the others.
-- Grain: one row per row of the measure.
with part as (
    select
        unit_id,
        period_start_date,
        part,
        sum(observations_count) as observations_count
    from measured_part
    group by unit_id, period_start_date, part
),

ranked as (
    select
        unit_id,
        period_start_date,
        part,
        observations_count,
        min(observations_count) over (partition by unit_id, period_start_date) as fewest_count,
        row_number() over smaller as place,
        coalesce(
            sum(observations_count) over (smaller rows between unbounded preceding and 1 preceding), 0
        ) as smaller_count
    from part
    where observations_count > 0
    window smaller as (partition by unit_id, period_start_date order by observations_count, part)
),

hidden_part as (
    select
        unit_id,
        period_start_date,
        part
    from ranked
    where observations_count < $least or (fewest_count < $least and (place <= 2 or smaller_count < $least))
    union
    select
        unit_id,
        period_start_date,
        part
    from part
    where observations_count = 0
)

select measured_part.row_number
from measured_part
inner join hidden_part
    on
        measured_part.unit_id = hidden_part.unit_id
        and measured_part.period_start_date = hidden_part.period_start_date
        and measured_part.part = hidden_part.part
union
select measured_part.row_number
from measured_part
inner join held_back
    on
        held_back.measure_id = $measure
        and measured_part.unit_id = held_back.unit_id
        and measured_part.period_start_date = held_back.period_start_date
