-- Definitions of KPIs, and ways of rolling up, that made the scores of two releases and are not the same. `$kpi_id`: only its own,
-- where given.
-- Grain: node of the strategy.
with kept as (
    select
        'kpi' as level,
        kpi_id as node_id,
        definition_id,
        definition_json
    from history.definition
    union all
    select
        level,
        node_id,
        definition_id,
        definition_json
    from history.roll_up
),

former as (
    select
        level,
        node_id,
        coalesce(max(definition_id), 'not_recorded') as definition_id
    from before_reported_score
    group by level, node_id
),

present as (
    select
        level,
        node_id,
        max(definition_id) as definition_id
    from after_reported_score
    group by level, node_id
)

select
    level,
    node_id,
    former.definition_id as definition_id_before,
    present.definition_id as definition_id_after,
    former_text.definition_json as definition_before,
    present_text.definition_json as definition_after
from former
full outer join present using (level, node_id)
left join kept as former_text
    on
        level = former_text.level
        and node_id = former_text.node_id
        and former.definition_id = former_text.definition_id
left join kept as present_text
    on
        level = present_text.level
        and node_id = present_text.node_id
        and present.definition_id = present_text.definition_id
where
    former.definition_id is distinct from present.definition_id
    and former.definition_id is distinct from 'not_recorded'
    and ($kpi_id::varchar is null or (level = 'kpi' and node_id = $kpi_id))
order by level, node_id
