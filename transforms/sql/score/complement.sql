-- Units that must be held back, too, so that none that is can be worked out as the difference of what is shown (complementary
-- suppression, Cox 1980). What is shown of a tree tells, for each shown unit, exactly one sum over what is hidden: that of the
-- hidden parts for which it is the nearest shown unit above. So that sum must hold enough observations, and more than one hidden
-- child; and a hidden unit must have a hidden part. Rows given for an upper unit itself hide nothing, unless they are too few
-- to be shown: then they are a hidden part of their own. It is asked of each way of counting a measure's observations; what one of
-- them hides is hidden in all.
-- Grain: one row per measure, unit, period and grain.
with standing as (
    select
        unit.*,
        hidden.unit_id is not null as is_hidden,
        not unit.is_leaf and unit.own_count > 0 and unit.own_count < unit.least_count as has_hidden_rows
    from guarded_unit as unit
    left join hidden_unit as hidden
        on
            unit.measure_id = hidden.measure_id
            and unit.unit_id = hidden.unit_id
            and unit.grain = hidden.grain
            and unit.period_start_date = hidden.period_start_date
),

hidden_part as (
    select
        counting_id,
        grain,
        period_start_date,
        last_date,
        unit_id,
        own_count as observations_count
    from standing
    where has_hidden_rows or (is_leaf and is_hidden)
),

above as (
    select
        part.counting_id,
        part.grain,
        part.period_start_date,
        part.observations_count,
        upper_unit.unit_id as upper_unit_id,
        closure.distance,
        min(closure.distance) filter (not upper_unit.is_hidden)
            over (partition by part.counting_id, part.grain, part.period_start_date, part.unit_id) as shown_distance
    from hidden_part as part
    inner join scorecard.unit_closure as closure
        on
            part.unit_id = closure.unit_id
            and part.last_date between closure.valid_from_date and closure.valid_to_date
    inner join standing as upper_unit
        on
            part.counting_id = upper_unit.counting_id
            and part.grain = upper_unit.grain
            and part.period_start_date = upper_unit.period_start_date
            and closure.ancestor_unit_id = upper_unit.unit_id
),

sum_told as (
    select
        counting_id,
        grain,
        period_start_date,
        upper_unit_id as unit_id,
        sum(observations_count) as observations_count
    from above
    where distance = shown_distance
    group by counting_id, grain, period_start_date, upper_unit_id
),

unsure as (
    select distinct
        counting_id,
        grain,
        period_start_date,
        upper_unit_id as unit_id
    from above
    where shown_distance is null or distance < shown_distance
),

child as (
    select
        counting_id,
        grain,
        period_start_date,
        parent_unit_id as unit_id,
        count(*) filter (where is_hidden) as hidden_count,
        arg_min(unit_id, (observations_count, unit_id)) filter (where not is_hidden) as smallest_shown_id
    from standing
    where parent_unit_id is not null
    group by counting_id, grain, period_start_date, parent_unit_id
),

judged as (
    select
        parent.*,
        child.smallest_shown_id,
        parent.is_hidden and unsure.unit_id is null and child.hidden_count = 0 as is_sum_of_shown,
        not parent.is_hidden and sum_told.unit_id is not null
        and (
            child.hidden_count + parent.has_hidden_rows::integer = 1
            or sum_told.observations_count < parent.least_count
        ) as tells_too_much
    from standing as parent
    inner join child
        on
            parent.counting_id = child.counting_id
            and parent.grain = child.grain
            and parent.period_start_date = child.period_start_date
            and parent.unit_id = child.unit_id
    left join sum_told
        on
            parent.counting_id = sum_told.counting_id
            and parent.grain = sum_told.grain
            and parent.period_start_date = sum_told.period_start_date
            and parent.unit_id = sum_told.unit_id
    left join unsure
        on
            parent.counting_id = unsure.counting_id
            and parent.grain = unsure.grain
            and parent.period_start_date = unsure.period_start_date
            and parent.unit_id = unsure.unit_id
    -- a hidden unit that its children tell hides nothing yet: they come first
    qualify is_sum_of_shown or not bool_or(is_sum_of_shown) over (
        partition by parent.counting_id, parent.grain, parent.period_start_date
    )
)

select distinct
    measure_id,
    coalesce(smallest_shown_id, unit_id) as unit_id,
    grain,
    period_start_date
from judged
where is_sum_of_shown or tells_too_much
