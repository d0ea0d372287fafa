-- The calendar and the scoring rules, each defined once. Grain: none, these are functions.

-- Months that a period lasts; a year to date and trailing twelve months are as long as their months.
create or replace temp macro grain_months(grain) as
(case grain when 'month' then 1 when 'quarter' then 3 when 'half' then 6 when 'year' then 12 end)::integer;

-- First month of the fiscal period of so many months (3, 6, 12) that a month lies in.
create or replace temp macro fiscal_period_start(month_start_date, start_month, months) as
(month_start_date - to_months(((month(month_start_date) - start_month + 12) % 12 % months)::integer))::date;

create or replace temp macro fiscal_year_start(month_start_date, start_month) as
fiscal_period_start(month_start_date, start_month, 12);

create or replace temp macro fiscal_half_start(month_start_date, start_month) as
fiscal_period_start(month_start_date, start_month, 6);

create or replace temp macro fiscal_quarter_start(month_start_date, start_month) as
fiscal_period_start(month_start_date, start_month, 3);

-- Months from a period to the one before it; a year to date is compared with the same months a year before.
create or replace temp macro previous_step(grain) as
(case grain when 'ttm' then 1 when 'ytd' then 12 else grain_months(grain) end)::integer;

-- The same for a KPI that is measured less often than monthly: its trailing twelve months come once in its own period.
create or replace temp macro previous_step_of(grain, frequency) as
(case grain when 'ttm' then grain_months(frequency) else previous_step(grain) end)::integer;

-- A number that can be shown: neither inf nor nan.
create or replace temp macro finite(number) as case when isfinite(number) then number end;

-- Two decimals, half away from zero: how scores are compared with edges.
create or replace temp macro compared(score) as round(score, 2);

create or replace temp macro band_of(score, on_track_edge, at_risk_edge) as
case
    when score is null then null
    when compared(score) >= on_track_edge then 'on_track'
    when compared(score) >= at_risk_edge then 'at_risk'
    else 'off_track'
end;

-- How the rules below stay within their bounds, and never give inf or nan. A score between two points is reached only by an
-- actual that lies strictly between them, so nothing is divided by zero even where two points have become one double. What a
-- quotient may leave beyond the largest double is clamped. What is not there gives null, never a score: `least` and `greatest`
-- would pass over it, so every rule asks for its points by comparison first. An actual that is no finite number has no score.

-- The score of an actual between two points, by the straight line through them.
create or replace temp macro score_between(actual, low, low_score, high, high_score) as
low_score + (actual - low) / (high - low) * (high_score - low_score);

-- 0 to the cap, or without an upper end where there is none.
create or replace temp macro clamped(score, cap) as
greatest(0.0, least(score, coalesce(cap, 1.7976931348623157e308)))::double;

-- `linear`: `worst` left out is as far beyond the red flag as the red flag is from the target, `best` as far beyond the target.
create or replace temp macro worst_or_mirrored(worst, red, target) as coalesce(worst, 2 * red - target);
create or replace temp macro best_or_mirrored(best, red, target) as coalesce(best, 2 * target - red);

-- `linear`: piecewise linear through (worst, 0) (red, 33.33) (target, 66.67) (best, 100). Points fall where lower is better,
-- so everything is mirrored by the sign of target - red.
create or replace temp macro score_linear(actual, worst, red, target, best) as
case
    when actual is null or worst is null or red is null or target is null or best is null then null
    when (actual - worst) * sign(target - red) <= 0 then 0.0
    when (actual - red) * sign(target - red) <= 0 then score_between(actual, worst, 0.0, red, 100 / 3)
    when (actual - target) * sign(target - red) <= 0 then score_between(actual, red, 100 / 3, target, 200 / 3)
    when (actual - best) * sign(target - red) < 0 then score_between(actual, target, 200 / 3, best, 100.0)
    else 100.0
end;

-- The straight line through (zero_at, 0) and (full_at, 100), flat beyond them, whichever is the greater.
create or replace temp macro score_line(actual, zero_at, full_at) as
case
    when actual is null or zero_at is null or full_at is null then null
    when (actual - zero_at) * sign(full_at - zero_at) <= 0 then 0.0
    when (actual - full_at) * sign(full_at - zero_at) < 0 then score_between(actual, zero_at, 0.0, full_at, 100.0)
    else 100.0
end;

-- `min_max`: from 0 at `min` to 100 at `max`; the other way round where lower is better.
create or replace temp macro score_min_max(actual, direction, lowest, highest) as
case direction
    when 'lower_is_better' then score_line(actual, highest, lowest) else score_line(actual, lowest, highest)
end;

-- `progress`: the share of the way from `baseline` (0) to `target` (100); the points say which way it leads.
create or replace temp macro score_progress(actual, baseline, target) as score_line(actual, baseline, target);

-- `binary`: 100 from the target on, else 0.
create or replace temp macro score_binary(actual, direction, target) as
case
    when actual is null or target is null then null
    when direction = 'lower_is_better' then case when actual <= target then 100.0 else 0.0 end
    when actual >= target then 100.0
    else 0.0
end;

-- `ratio`: the actual as a share of the target. With a basis: the share of the way from it (0) to the target (100), whatever
-- their signs; it may pass 100, up to the cap. Without one a target of 0 is met or missed, where `at_zero_target` says so, and
-- a target below 0 has no score, nor has one of 0 else: the check refuses both. `inverse` gives the cap from 0 downwards.
create or replace temp macro score_ratio(actual, direction, form, at_zero_target, cap, basis, target) as
case
    when actual is null or target is null then null
    when basis = target then null
    when basis is not null then clamped((basis - actual) / (basis - target) * 100, cap)
    when target = 0 and at_zero_target = 'full_if_met' then score_binary(actual, direction, target)
    when target <= 0 then null
    when direction = 'lower_is_better'
        then
            case
                when form = 'inverse' and actual <= 0 then cap
                when form = 'inverse' then clamped(target / actual * 100, cap)
                else clamped(100 - (actual - target) / target * 100, cap)
            end
    else clamped(actual / target * 100, cap)
end;

-- `range`: 100 from `low` to `high`, falling to 0 where the tolerance below or above ends.
create or replace temp macro score_range(actual, low, high, tolerance_below, tolerance_above) as
case
    when actual is null or low is null or high is null then null
    when tolerance_below is null or tolerance_above is null then null
    when actual < low then score_line(actual, low - tolerance_below, low)
    when actual > high then score_line(actual, high + tolerance_above, high)
    else 100.0
end;

-- `steps`: the score of the last step that the actual has reached, its edge included; 0 below the first.
create or replace temp macro score_steps(actual, steps) as
case
    when len(steps) > 0 then coalesce(list_filter(steps, lambda step: step.value <= actual)[-1].score, 0.0)
end;

-- Between the last point reached and the one after it.
create or replace temp macro score_on_curve(actual, curve, reached) as
score_between(
    actual, curve[reached].value, curve[reached].score, curve[reached + 1].value, curve[reached + 1].score
);

-- `curve`: piecewise linear through all points, flat beyond the ends.
create or replace temp macro score_curve(actual, curve) as
case
    when len(curve) = 0 then null
    when actual <= curve[1].value then curve[1].score
    when actual >= curve[-1].value then curve[-1].score
    else score_on_curve(actual, curve, len(list_filter(curve, lambda point: point.value <= actual)))
end;

-- The score of an actual by any rule, the one way in: the warehouse and `score_actual` both come through here. `points` is a
-- struct with the names of scorecard.target: doubles, and `points`, a list of (value, score) in the order of their values.
create or replace temp macro score_by_rule(rule, direction, form, at_zero_target, cap, points, actual) as
case
    when actual is null or not isfinite(actual) then null
    when rule = 'linear'
        then
            score_linear(
                actual,
                worst_or_mirrored(points.worst, points.red, points.target),
                points.red,
                points.target,
                best_or_mirrored(points.best, points.red, points.target)
            )
    when rule = 'min_max' then score_min_max(actual, direction, points.min, points.max)
    when rule = 'progress' then score_progress(actual, points.baseline, points.target)
    when rule = 'ratio'
        then score_ratio(actual, direction, form, at_zero_target, cap, points.basis, points.target)
    when rule = 'range'
        then score_range(actual, points.low, points.high, points.tolerance_below, points.tolerance_above)
    when rule = 'steps' then score_steps(actual, points.points)
    when rule = 'curve' then score_curve(actual, points.points)
    when rule = 'binary' then score_binary(actual, direction, points.target)
end;

create or replace temp macro scoring_point(name, at_value, its_score) as
struct_pack(point := name, value := at_value::double, score := its_score::double);

-- The points of a rule with what each of them scores, widths without a score last; what `linear` may leave out is mirrored.
create or replace temp macro listed_points(rule, direction, points) as
list_filter(
    case rule
        when 'linear'
            then
                [
                    scoring_point('worst', worst_or_mirrored(points.worst, points.red, points.target), 0),
                    scoring_point('red', points.red, 100 / 3),
                    scoring_point('target', points.target, 200 / 3),
                    scoring_point('best', best_or_mirrored(points.best, points.red, points.target), 100)
                ]
        when 'min_max'
            then
                case direction
                    when 'lower_is_better'
                        then [scoring_point('max', points.max, 0), scoring_point('min', points.min, 100)]
                    else [scoring_point('min', points.min, 0), scoring_point('max', points.max, 100)]
                end
        when 'progress'
            then [scoring_point('baseline', points.baseline, 0), scoring_point('target', points.target, 100)]
        when 'ratio' then [scoring_point('basis', points.basis, 0), scoring_point('target', points.target, 100)]
        when 'range'
            then
                [
                    scoring_point('low', points.low, 100),
                    scoring_point('high', points.high, 100),
                    scoring_point('tolerance_below', points.tolerance_below, null),
                    scoring_point('tolerance_above', points.tolerance_above, null)
                ]
        when 'steps'
            then list_transform(points.points, lambda pair: scoring_point('step', pair.value, pair.score))
        when 'curve'
            then list_transform(points.points, lambda pair: scoring_point('point', pair.value, pair.score))
        when 'binary' then [scoring_point('target', points.target, 100)]
    end,
    lambda listed: listed.value is not null
);

-- Children of one parent: a list of (sort_order, child_id, weight, score, coverage) in the strategy's order, so that a sum over it
-- is the same in every run. What has no score adds nothing.
create or replace temp macro weighted(children) as list_filter(children, lambda child: child.weight > 0);

create or replace temp macro scores_of(children) as list_transform(children, lambda child: child.score);

create or replace temp macro scored_weight_of(children) as
list_sum(list_transform(children, lambda child: case when child.score is not null then child.weight end));

create or replace temp macro mean_of(children) as
list_sum(list_transform(children, lambda child: child.weight * child.score)) / scored_weight_of(children);

create or replace temp macro geometric_mean_of(children, scored_weight) as
exp(
    list_sum(
        list_transform(
            children, lambda child: child.weight / nullif(scored_weight, 0) * ln(nullif(child.score, 0))
        )
    )
);

create or replace temp macro coverage_of(children) as
list_sum(list_transform(children, lambda child: child.weight * child.coverage))
/ nullif(list_sum(list_transform(children, lambda child: child.weight)), 0);

-- The child with the lowest score; among equals the one that cost more points, then the first in the strategy.
create or replace temp macro weakest_of(children, scored_weight) as
list_min(
    list_transform(
        list_filter(children, lambda child: child.score is not null),
        lambda child: struct_pack(
            score := child.score,
            points_gained := child.weight / nullif(scored_weight, 0) * (child.score - 100),
            sort_order := child.sort_order,
            child_id := child.child_id
        )
    )
).child_id;

-- The sum of amounts with nine decimals: exact, unless they are too large for it; then in a fixed order.
create or replace temp macro sum_of_amounts(amount, sort_key) as
case
    when max(abs(amount)) < 1e25
        then (sum(try_cast(amount as decimal(38, 9))) filter (abs(amount) < 1e25))::double
    else sum(amount order by sort_key)
end;

-- XmR limits of a series (Wheeler): mean +/- 2.66 times the mean moving range; 2.66 is 3 over d2 of two, 1.128.
create or replace temp macro xmr_limits(series) as
{
    'mean': list_avg(series),
    'reach': 2.66 * list_avg(
        list_transform(range(2, len(series) + 1), lambda i: abs(series[i] - series[i - 1]))
    )
};

-- The mean of two positive numbers by which the difference of their logarithms gives their own difference (L in LMDI). Next to
-- each other both differences lose their digits; there it is the arithmetic mean.
create or replace temp macro logarithmic_mean(a, b) as
case when abs(b - a) <= 1e-6 * a then (a + b) / 2 else (b - a) / ln(b / a) end;
