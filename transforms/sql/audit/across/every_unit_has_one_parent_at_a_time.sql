-- Units that stand nowhere, or below two others, on some day: their numbers would be lost or counted twice above.
-- Grain: one row per unit and time.
with placed as (
    select
        closure.unit_id,
        closure.valid_from_date,
        closure.valid_to_date,
        lead(closure.valid_from_date) over times as next_from_date,
        row_number() over times as n
    from scorecard.unit_closure as closure
    where closure.distance = 1
    window times as (partition by closure.unit_id order by closure.valid_from_date, closure.ancestor_unit_id)
),

troubled as (
    select
        unit_id,
        'has no parent before ' || valid_from_date as trouble
    from placed
    where n = 1 and valid_from_date > '0001-01-01'
    union all
    select
        unit_id,
        'has no parent, or two, about ' || valid_to_date as trouble
    from placed
    where next_from_date is distinct from valid_to_date + 1 and valid_to_date < '9999-12-31'
    union all
    select
        unit_id,
        'has two parents from ' || next_from_date as trouble
    from placed
    where valid_to_date = '9999-12-31' and next_from_date is not null
    union all
    select
        unit.unit_id,
        'never has a parent' as trouble
    from scorecard.dim_unit as unit
    anti join placed on unit.unit_id = placed.unit_id
    where unit.level > 0
)

select
    'scorecard.unit_closure' as table_name,
    unit_id || ' ' || trouble as found
from troubled
order by all
