-- The scoring points that each mix of rows of targets.csv makes. Values add up, and are divided with their months; what they
-- score stays. Rows whose points score differently, or are not the same points, make none together.
-- Grain: one row per mix.
with mixes as (
    select distinct mix from period_mix
),

part as (
    select
        mix,
        unnest(mix) as source_row
    from mixes
),

valued as (
    select
        part.mix,
        given_point.position,
        given_point.point,
        given_point.value,
        given_point.score,
        struct_extract(part.source_row, 'target_id') as target_id,
        struct_extract(part.source_row, 'is_seasonal') as is_seasonal,
        struct_extract(part.source_row, 'total') as total,
        struct_extract(part.source_row, 'weight') as weight
    from part
    inner join given_point on struct_extract(part.source_row, 'target_id') = given_point.target_id
),

source as (
    select
        part.mix,
        list(
            struct_pack(
                unit_id := target_row.unit_id,
                per := target_row.per,
                valid_from_date := target_row.valid_from_date,
                share := struct_extract(part.source_row, 'weight') / struct_extract(part.source_row, 'total')
            )
            order by target_row.target_id, struct_extract(part.source_row, 'is_seasonal')
        ) as given_by
    from part
    inner join target_row on struct_extract(part.source_row, 'target_id') = target_row.target_id
    group by part.mix
),

added_by_total as (
    -- A year's points over twelve months must be exactly the year's, so what has one divisor is divided once.
    select
        mix,
        position,
        total,
        is_seasonal,
        min(point) as first_point,
        max(point) as last_point,
        min(score) as lowest_score,
        max(score) as highest_score,
        count(*) as row_count,
        case
            when count(*) = 1 and min(weight) = total then min(value)
            when is_seasonal then sum(value * weight order by target_id) / total
            else sum_of_amounts(value * weight, target_id) / total
        end as value
    from valued
    group by mix, position, total, is_seasonal
),

added as (
    select
        mix,
        position,
        min(first_point) as point,
        min(lowest_score) as score,
        case when count(*) = 1 then min(value) else sum(value order by total, is_seasonal) end as value,
        sum(row_count) = len(mix)
        and min(first_point) = max(last_point)
        and coalesce(min(lowest_score), -1) = coalesce(max(highest_score), -1) as is_alike
    from added_by_total
    group by mix, position
)

select
    mix,
    row_number() over (order by mix) as mix_id,
    list(struct_pack(point := point, value := value, score := score) order by position) as points,
    struct_pack(
        red := min(value) filter (point = 'red'),
        target := min(value) filter (point = 'target'),
        worst := min(value) filter (point = 'worst'),
        best := min(value) filter (point = 'best'),
        min := min(value) filter (point = 'min'),
        max := min(value) filter (point = 'max'),
        baseline := min(value) filter (point = 'baseline'),
        basis := min(value) filter (point = 'basis'),
        low := min(value) filter (point = 'low'),
        high := min(value) filter (point = 'high'),
        tolerance_below := min(value) filter (point = 'tolerance_below'),
        tolerance_above := min(value) filter (point = 'tolerance_above'),
        points := coalesce(
            list(struct_pack(value := value, score := score) order by position)
            filter (point in ('step', 'point')),
            []
        )
    ) as scored_by,
    any_value(source.given_by) as given_by
from added
inner join source using (mix)
group by mix
having bool_and(is_alike)
