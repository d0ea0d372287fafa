-- Which scoring points are given otherwise than at the base release: a part of the ledger.
-- Grain: KPI, unit, length of period and date of validity.
with given as (
    select
        * exclude (points),
        nullif(points, []) as points
    from scorecard.target
),

present as (
    select
        kpi_id,
        unit_id,
        per,
        valid_from_date,
        json_merge_patch(
            '{}'::json,
            to_json(
                struct_pack(
                    red, target, worst, best, min, max, baseline, basis, low, high, tolerance_below, tolerance_above,
                    points
                )
            )
        )::varchar as points
    from given
)

select
    kpi_id,
    unit_id,
    per,
    valid_from_date,
    present.points,
    present.points is null as is_withdrawn
from present
full outer join stood_reported_target as base using (kpi_id, unit_id, per, valid_from_date)
where present.points is distinct from base.points
order by kpi_id, unit_id, per, valid_from_date
