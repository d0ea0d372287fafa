-- What each child of one level cost its parent: its share of the scored children's weight, times what it lacks to 100.
-- Grain: one row per child, unit, closed period and grain.
with single as (
    select
        parent_level,
        parent_id,
        unit_id,
        period_start_date,
        grain,
        scored_weight,
        unnest(children) as child
    from sibling
),

shared as (
    select
        *,
        struct_extract(child, 'child_id') as child_id,
        struct_extract(child, 'weight') as weight,
        struct_extract(child, 'score') as score,
        case when score is not null then weight end / nullif(scored_weight, 0) as weight_share
    from single
)

select
    parent_level,
    parent_id,
    $level as child_level,
    child_id,
    unit_id,
    period_start_date,
    grain,
    weight,
    weight_share,
    score,
    weight_share * (100 - score) as points_lost
from shared
order by parent_id, child_id, unit_id, grain, period_start_date
