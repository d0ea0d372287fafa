-- The calendar and the scoring rules, each defined once. Grain: none, these are functions.

-- First month of the fiscal year that a month lies in.
create or replace temp macro fiscal_year_start(month_start_date, start_month) as
(month_start_date - to_months(((month(month_start_date) - start_month + 12) % 12)::integer))::date;

-- First month of the fiscal quarter that a month lies in.
create or replace temp macro fiscal_quarter_start(month_start_date, start_month) as
(month_start_date - to_months(((month(month_start_date) - start_month + 12) % 12 % 3)::integer))::date;

-- Months from a period to the one before it.
create or replace temp macro previous_step(grain) as
(case grain when 'quarter' then 3 when 'year' then 12 when 'ytd' then 12 else 1 end)::integer;

-- Two decimals, half away from zero: how scores are compared with edges.
create or replace temp macro compared(score) as round(score, 2);

create or replace temp macro band_of(score, on_track_edge, at_risk_edge) as
case
    when score is null then null
    when compared(score) >= on_track_edge then 'on_track'
    when compared(score) >= at_risk_edge then 'at_risk'
    else 'off_track'
end;

-- `linear`: piecewise linear through (worst, 0) (red, 33.33) (target, 66.67) (best, 100). Points fall where lower is better,
-- so everything is mirrored by the sign of target - red.
create or replace temp macro score_linear(actual, worst, red, target, best) as
case
    when actual is null or red is null or target is null then null
    when (actual - worst) * sign(target - red) <= 0 then 0.0
    when (actual - red) * sign(target - red) <= 0 then (actual - worst) / (red - worst) * 100 / 3
    when (actual - target) * sign(target - red) <= 0
        then 100 / 3 + (actual - red) / (target - red) * 100 / 3
    when (actual - best) * sign(target - red) < 0
        then 200 / 3 + (actual - target) / (best - target) * 100 / 3
    else 100.0
end;
