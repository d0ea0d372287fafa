-- One actual scored by one rule, with the macros that score the warehouse.
-- Grain: one row.
with given as (
    -- A macro repeats what it is given, so it is given columns.
    select
        $rule::varchar as rule,
        $direction::varchar as direction,
        $form::varchar as form,
        $at_zero_target::varchar as at_zero_target,
        $cap::double as cap,
        $actual::double as actual,
        struct_pack(
            red := $red::double,
            target := $target::double,
            worst := $worst::double,
            best := $best::double,
            min := $min::double,
            max := $max::double,
            baseline := $baseline::double,
            basis := $basis::double,
            low := $low::double,
            high := $high::double,
            tolerance_below := coalesce($tolerance_below, $tolerance)::double,
            tolerance_above := coalesce($tolerance_above, $tolerance)::double,
            points := $points::struct(value double, score double)[]
        ) as points
)

select score_by_rule(rule, direction, form, at_zero_target, cap, points, actual) as score
from given
