-- The points that each row of targets.csv gives: those that the rule knows, with what each of them scores.
-- Grain: one row per row of targets.csv and point.
with listed as (
    select
        target_row.target_id,
        listed_points(kpi.rule, kpi.direction, given) as points
    from scorecard.target as given
    inner join scorecard.dim_kpi as kpi on given.kpi_id = kpi.kpi_id
    inner join target_row
        on
            given.kpi_id = target_row.kpi_id
            and given.unit_id = target_row.unit_id
            and given.per = target_row.per
            and given.valid_from_date = target_row.valid_from_date
),

numbered as (
    select
        target_id,
        generate_subscripts(points, 1) as position,
        unnest(points) as listed_point
    from listed
)

select
    target_id,
    position,
    struct_extract(listed_point, 'point') as point,
    struct_extract(listed_point, 'value') as value,
    struct_extract(listed_point, 'score') as score
from numbered
