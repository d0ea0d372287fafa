"""Tables of what was measured and scored: values, scores, their roll-up, movement and contributions.

Not here: how a value is scored (scoring).
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from tests.reports.warehouse.organisation import (
    GRAINS,
    HEADLINE,
    KPIS,
    LENGTHS,
    MIN_COVERAGE,
    MONTHS,
    OBJECTIVES,
    PERSPECTIVES,
    UNITS,
    Rows,
    Spec,
    add_months,
)
from tests.reports.warehouse.scoring import (
    band,
    before_of,
    components,
    last_date,
    limits,
    period_months,
    points_at,
    rolled,
    score_of,
    signal,
)


def units_of(spec: Spec) -> list[str]:
    """Return the units that a KPI applies to: the organisation and those of its tree."""
    return [unit for unit, _, tree, _, _ in UNITS if tree in {None, spec.tree}]


def kpi_rows(spec: Spec, rows: Rows, below: dict[str, set[str]]) -> None:
    """Add the values and scores of one KPI."""
    leaf = components(spec)
    for (unit, month), (numerator, denominator, observed) in leaf.items():
        if spec.measure is None:
            continue
        rows["measure.component"].append(
            {
                "measure_id": spec.id,
                "unit_id": unit,
                "period_start_date": month,
                "numerator": numerator,
                "denominator": denominator,
                "observations_count": observed,
            }
        )
    for unit in units_of(spec):
        rows["scorecard.kpi_unit"].append({"kpi_id": spec.id, "unit_id": unit})
        own = GRAINS.index(spec.frequency)
        for grain in GRAINS[own:]:
            unit_rows(spec, rows, leaf, below[unit], unit, grain)
        for grain in GRAINS[:own]:
            slower_rows(spec, rows, unit, grain)


def slower_rows(spec: Spec, rows: Rows, unit: str, grain: str) -> None:
    """Add the scores of a shorter period: it shows the last one of the KPI's own that has closed."""
    own = {
        row["period_start_date"]: row
        for row in rows["scorecard.kpi_score"]
        if (row["kpi_id"], row["unit_id"], row["grain"]) == (spec.id, unit, spec.frequency)
    }
    for month in MONTHS:
        inside = period_months(month, grain)
        if not inside:
            continue
        closed = [
            start for start in own if add_months(start, LENGTHS[spec.frequency] - 1) <= inside[-1]
        ]
        if closed:
            row = own[max(closed)]
            quiet = ("signal", "usual_low", "usual_high", "usual_mean")
            rows["scorecard.kpi_score"].append(
                row
                | {"period_start_date": month, "grain": grain, "value_grain": spec.frequency}
                | dict.fromkeys(quiet)
            )


def ends_of(spec: Spec, grain: str) -> dict[date, date]:
    """Return the months that name a period of the grain, each with the one whose value it shows.

    The year to date and the twelve months of a KPI that is measured less often end where a period of its own does.
    """
    step = LENGTHS[spec.frequency] if grain in {"ytd", "ttm"} else 1
    found = {}
    for month in MONTHS:
        of = add_months(month, -(month.month % step))
        if period_months(month, grain) and of in MONTHS:
            found[month] = of
    return found


def unit_rows(
    spec: Spec,
    rows: Rows,
    leaf: dict[tuple[str, date], tuple[float, float, int]],
    units: set[str],
    unit: str,
    grain: str,
) -> None:
    """Add values and scores of one KPI, unit and grain."""
    history: dict[date, float] = {}
    suppressed = unit in spec.suppressed_units
    for month, of in ends_of(spec, grain).items():
        inside = period_months(of, grain) or ()
        parts = rolled(spec, leaf, units, inside)
        actual = None if parts is None or suppressed or not parts[1] else parts[0] / parts[1]
        keys = {
            "kpi_id": spec.id,
            "unit_id": unit,
            "period_start_date": month,
            "grain": grain,
        }
        if parts is not None and of == month:
            rows["scorecard.kpi_value"].append(value_row(spec, keys, parts, actual, suppressed))
        if actual is not None:
            history[month] = actual
        rows["scorecard.kpi_score"].append(
            score_row(spec, keys, actual, history, inside=inside, suppressed=suppressed)
            | ({} if actual is None else {"value_period_start_date": of})
        )


def value_row(
    spec: Spec,
    keys: dict[str, Any],
    parts: tuple[float, float, int],
    actual: float | None,
    suppressed: bool,
) -> dict[str, Any]:
    """Return a value; what is held back has no components either."""
    shown = not suppressed and not spec.terms
    has_interval = spec.has_interval and actual is not None
    return keys | {
        "numerator": parts[0] if shown else None,
        "denominator": parts[1] if shown else None,
        "observations_count": None if suppressed else parts[2],
        "actual": actual,
        "interval_low": (actual or 0.0) - 0.06 if has_interval else None,
        "interval_high": (actual or 0.0) + 0.05 if has_interval else None,
        "is_provisional": False,
        "is_suppressed": suppressed,
        "data_as_of_date": last_date(HEADLINE),
    }


def score_row(
    spec: Spec,
    keys: dict[str, Any],
    actual: float | None,
    history: dict[date, float],
    *,
    inside: Sequence[date],
    suppressed: bool,
) -> dict[str, Any]:
    """Return how a KPI stands; `history` holds its actuals up to the period."""
    month, grain = keys["period_start_date"], keys["grain"]
    share = {"kettle": 1.0, "south": 0.34, "north": 0.67}.get(keys["unit_id"], 0.33)
    grows = spec.aggregation in {"sum", "distinct"}
    points = points_at(spec, last_date(inside[-1]), share * len(inside) if grows else 1)
    at = {row["point"]: row["value"] for row in points}
    usual = limits(list(history.values())) if grain == spec.frequency else None
    state, value, value_month = state_of(spec, actual, history, month=month, suppressed=suppressed)
    if value is not None and not points:
        state = "no_target"
    is_scored = value is not None and points and state in {"current", "stale"}
    score = score_of(spec, value, points) if is_scored and value is not None else None
    previous, last_year = history.get(before_of(month, grain)), history.get(add_months(month, -12))
    return keys | {
        "actual": value,
        "value_grain": grain if value is not None else None,
        "value_period_start_date": value_month if value is not None else None,
        "points": points,
        **{name: at.get(name) for name in ("red", "target", "worst", "best")},
        "rule": spec.rule,
        "score": score,
        "band": band(score, spec.on_track, spec.at_risk),
        "data_state": state,
        "coverage": 0.0 if score is None else 1.0,
        "signal": signal(list(history.values()), usual) if actual is not None else None,
        "usual_low": usual[0] if usual else None,
        "usual_high": usual[1] if usual else None,
        "usual_mean": usual[2] if usual else None,
        "change_previous": difference(actual, previous),
        "change_last_year": difference(actual, last_year),
    }


def difference(actual: float | None, before: float | None) -> float | None:
    """Return a change, where both are known."""
    return None if actual is None or before is None else actual - before


def state_of(
    spec: Spec, actual: float | None, history: dict[date, float], *, month: date, suppressed: bool
) -> tuple[str, float | None, date]:
    """Return the state of the data, the value that counts and the period that it is of."""
    if actual is not None:
        return "current", actual, month
    state = "no_data" if suppressed else spec.state_after
    if state == "stale" and history:
        last = max(history)
        return state, history[last], last
    return state, None, month


@dataclass(frozen=True)
class Child:
    """A child of a roll-up."""

    level: str
    id: str
    weight: float
    row: dict[str, Any]
    gate: float | None = None


def roll_up(
    level: str, node: str, children: Sequence[Child], keys: dict[str, Any], rows: Rows
) -> dict[str, Any]:
    """Add one parent's score and its children's costs; return the score's row."""
    scored = [child for child in children if child.row["score"] is not None]
    total = sum(child.weight for child in scored)
    weights = sum(child.weight for child in children)
    coverage = (
        sum(child.weight * child.row["coverage"] for child in children) / weights
        if weights
        else 0.0
    )
    score = (
        sum(child.weight * child.row["score"] for child in scored) / total
        if total and coverage >= MIN_COVERAGE
        else None
    )
    gated = any(
        child.gate is not None and (child.row["score"] is None or child.row["score"] < child.gate)
        for child in children
    )
    costs = []
    for child in children:
        share = child.weight / total if total and child.row["score"] is not None else None
        lost = share * (100 - child.row["score"]) if share is not None else None
        costs.append((lost or 0.0, child.id))
        rows["scorecard.child_cost"].append(
            {
                "parent_level": level,
                "parent_id": node,
                "child_level": child.level,
                "child_id": child.id,
                **keys,
                "weight": child.weight,
                "weight_share": share,
                "score": child.row["score"],
                "points_lost": lost,
            }
        )
    found = band(score)
    states = {child.row["data_state"] for child in children}
    state = (
        "no_data"
        if score is None
        else next((state for state in ("unverified", "stale") if state in states), "current")
    )
    row = {
        f"{level}_id": node,
        **keys,
        "score": score,
        "band": "at_risk" if found == "on_track" and gated else found,
        "data_state": state,
        "coverage": coverage,
        "weakest_child_id": max(costs)[1] if scored else None,
        "points_lost": None if score is None else 100 - score,
        "off_track_below_count": sum(
            child.row.get("off_track_below_count", int(child.row["band"] == "off_track"))
            for child in children
        ),
        "is_gated": gated,
    }
    rows[f"scorecard.{level}_score"].append(row)
    return row


def parent_rows(rows: Rows) -> None:
    """Add objective, perspective and scorecard scores for every unit, period and grain."""
    by_key: dict[tuple[str, date, str], dict[str, dict[str, Any]]] = defaultdict(dict)
    for row in rows["scorecard.kpi_score"]:
        by_key[row["unit_id"], row["period_start_date"], row["grain"]][row["kpi_id"]] = row
    for (unit, month, grain), kpis in by_key.items():
        keys = {"unit_id": unit, "period_start_date": month, "grain": grain}
        objectives = {}
        for objective, _, _, _ in OBJECTIVES:
            children = [
                Child("kpi", spec.id, spec.weight, kpis[spec.id], spec.gate)
                for spec in KPIS
                if spec.objective == objective and spec.id in kpis
            ]
            if children:
                objectives[objective] = roll_up("objective", objective, children, keys, rows)
        perspectives = {}
        for perspective, _, _ in PERSPECTIVES:
            below = [
                Child("objective", node, weight, objectives[node])
                for node, _, parent, weight in OBJECTIVES
                if parent == perspective and node in objectives
            ]
            if below:
                perspectives[perspective] = roll_up("perspective", perspective, below, keys, rows)
        top = [
            Child("perspective", node, weight, perspectives[node])
            for node, _, weight in PERSPECTIVES
            if node in perspectives
        ]
        roll_up("scorecard", "balanced", top, keys, rows)
        known = sorted(
            (row["score"], node) for node, row in perspectives.items() if row["score"] is not None
        )
        if len(known) > 1:
            rows["scorecard.balance"].append(
                {
                    **keys,
                    "weight_balance": 96.4,
                    "result_balance": 100 - (known[-1][0] - known[0][0]),
                    "highest_perspective_id": known[-1][1],
                    "lowest_perspective_id": known[0][1],
                }
            )


UP = ("high", "shift_up", "near_high")


def movement_rows(rows: Rows) -> None:
    """Add how each KPI moved in each of its own periods."""
    grains = {spec.id: spec for spec in KPIS}
    last: dict[tuple[str, str], dict[str, Any]] = {}
    for row in rows["scorecard.kpi_score"]:
        spec = grains[row["kpi_id"]]
        if row["grain"] != spec.frequency or row["data_state"] not in {"current", "no_target"}:
            continue
        key = (row["kpi_id"], row["unit_id"])
        rows["scorecard.movement"].append(move_row(spec, row, last.get(key)))
        last[key] = rows["scorecard.movement"][-1]


def move_row(spec: Spec, row: dict[str, Any], before: dict[str, Any] | None) -> dict[str, Any]:
    """Return one period's movement; a signal on the side of the period before is kept."""
    found = row["signal"]
    was = before["signal"] if before is not None else None
    is_up = found in UP
    kept = bool(found and was and (was in UP) == is_up)
    quiet = "no_change" if row["usual_mean"] is not None else "too_short"
    score_before = before["score"] if before is not None else None
    better: bool | None = is_up == (spec.direction == "higher_is_better")
    if spec.direction is None:
        known = None not in {score_before, row["score"]} and score_before != row["score"]
        better = row["score"] > score_before if known else None
    return {
        **{name: row[name] for name in ("kpi_id", "unit_id", "period_start_date", "grain")},
        "kind": ("kept_signal" if kept else "new_signal") if found else quiet,
        "signal": found,
        "since_date": (before or {}).get("since_date") if kept else row["period_start_date"],
        "is_better": better if found else None,
        "change_previous": row["change_previous"],
        "score_before": score_before,
        "score": row["score"],
        "band": row["band"],
    }


def contribution_rows(rows: Rows) -> None:
    """Add what moved every score and every value in the headline period."""
    costs: dict[tuple[str, ...], dict[date, dict[str, Any]]] = defaultdict(dict)
    for row in rows["scorecard.child_cost"]:
        if row["grain"] == "month":
            key = tuple(
                row[name]
                for name in ("parent_level", "parent_id", "child_level", "child_id", "unit_id")
            )
            costs[key][row["period_start_date"]] = row
    scores = {
        (level, row[f"{level}_id"], row["unit_id"], row["period_start_date"]): row["score"]
        for level in ("objective", "perspective", "scorecard")
        for row in rows[f"scorecard.{level}_score"]
        if row["grain"] == "month"
    }
    before = add_months(HEADLINE, -1)
    for key, months in costs.items():
        now, then = months.get(HEADLINE), months.get(before)
        whole = scores.get((key[0], key[1], key[4], before))
        if now is None:
            continue
        known = whole is not None and scores.get((key[0], key[1], key[4], HEADLINE)) is not None
        rows["scorecard.score_contribution"].append(
            dict(
                zip(
                    ("parent_level", "parent_id", "child_level", "child_id", "unit_id"),
                    key,
                    strict=True,
                )
            )
            | {
                "period_start_date": HEADLINE,
                "grain": "month",
                "score_before": then["score"] if then else None,
                "score": now["score"],
                "contribution": part_of(now, whole) - part_of(then, whole) if known else None,
            }
        )
    for spec in KPIS:
        if spec.aggregation in {"ratio", "sum", "score"}:
            unit_contribution_rows(spec, rows)


def part_of(cost: dict[str, Any] | None, whole: float | None) -> float:
    """Return what a child adds to what its parent lies above another score."""
    if cost is None or cost["score"] is None or cost["weight_share"] is None or whole is None:
        return 0.0
    return float(cost["weight_share"] * (cost["score"] - whole))


def unit_contribution_rows(spec: Spec, rows: Rows) -> None:
    """Add what the units below moved of a KPI's value; what is held back goes to no unit."""
    grain = spec.frequency
    starts = [month for month in MONTHS if period_months(month, grain)][-2:]
    values = {
        (row["unit_id"], row["period_start_date"]): row
        for row in rows["scorecard.kpi_value"]
        if row["kpi_id"] == spec.id and row["grain"] == grain and row["numerator"] is not None
    }
    parents = {unit: (parent, tree) for unit, _, tree, parent, _ in UNITS if tree == spec.tree}
    for upper in {parent for parent, _ in parents.values()}:
        ends = [values.get((upper, start)) for start in starts]
        if None in ends:
            continue
        then, now = ends
        sums = spec.aggregation == "sum"
        against = 0.0 if sums else then["actual"]
        left = now["actual"] - then["actual"]
        parts: list[tuple[str, str, float, Any]] = []
        for unit in (unit for unit, (parent, _) in parents.items() if parent == upper):
            both = [values.get((unit, start)) for start in starts]
            if None in both:
                continue
            share = [
                (own["numerator"] - against * own["denominator"])
                / (1 if sums else end["denominator"])
                for own, end in zip(both, ends, strict=True)
            ]
            parts.append(("unit", unit, share[1] - share[0], both))
            left -= share[1] - share[0]
        parts.append(("other", upper, 0.0 if abs(left) < 1e-9 else left, (None, None)))
        for part, unit, contribution, both in parts:
            rows["scorecard.unit_contribution"].append(
                {
                    "kpi_id": spec.id,
                    "parent_unit_id": upper,
                    "tree_id": spec.tree,
                    "part": part,
                    "unit_id": unit,
                    "period_start_date": starts[1],
                    "grain": grain,
                    "actual_before": both[0]["actual"] if both[0] else None,
                    "actual": both[1]["actual"] if both[1] else None,
                    "contribution": contribution,
                }
            )
