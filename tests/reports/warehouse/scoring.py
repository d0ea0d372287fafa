"""The method in its simplest reading: components, periods, the rules, bands and signals.

Not here: the tables (results).
"""

import itertools
import math
import random
from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

from tests.reports.warehouse.organisation import (
    AT_RISK,
    HEADLINE,
    LEAVES,
    LENGTHS,
    MONTHS,
    ON_TRACK,
    Spec,
    add_months,
)


def components(spec: Spec) -> dict[tuple[str, date], tuple[float, float, int]]:
    """Return numerator, denominator and observations by leaf unit and month, from a seed of the KPI's own."""
    source = random.Random(spec.id)  # noqa: S311 - invented numbers
    found = {}
    for month in MONTHS:
        if month < spec.first or (spec.missing_from and month >= spec.missing_from):
            continue
        for unit in LEAVES[spec.tree]:
            value = spec.level * (1 + source.gauss(0, spec.noise))
            if month == HEADLINE and spec.last is not None:
                value = spec.last
            if spec.rule == "range":
                value /= 100
            observed = 4 if unit in spec.suppressed_units else 120
            if spec.aggregation in {"sum", "distinct"}:
                found[unit, month] = (round(value), 1.0, observed)
            else:
                scale = spec.scale * (2 if unit == "south" else 1)
                found[unit, month] = (round(value * scale, 3), scale, observed)
    return found


def period_months(month: date, grain: str) -> tuple[date, ...] | None:
    """Return the months of the period that is named by `month`, or None where no period of the grain is."""
    match grain:
        case "month":
            count = 1
        case "quarter":
            count = 3
        case "half":
            count = 6
        case "year":
            count = 12
        case "ytd":
            return tuple(date(month.year, number, 1) for number in range(1, month.month + 1))
        case _:
            return tuple(add_months(month, -offset) for offset in range(11, -1, -1))
    if (month.month - 1) % count:
        return None
    months = tuple(add_months(month, offset) for offset in range(count))
    return months if months[-1] <= HEADLINE else None


def last_date(month: date) -> date:
    """Return the last day of the month."""
    return date.fromordinal(add_months(month, 1).toordinal() - 1)


def rolled(
    spec: Spec,
    leaf: dict[tuple[str, date], tuple[float, float, int]],
    units: set[str],
    months: Sequence[date],
) -> tuple[float, float, int] | None:
    """Return the components of a unit and period, or None where nothing was measured."""
    parts = [
        leaf[unit, month] for unit in sorted(units) for month in months if (unit, month) in leaf
    ]
    if not parts:
        return None
    denominator = 1.0 if spec.aggregation in {"sum", "distinct"} else sum(part[1] for part in parts)
    return sum(part[0] for part in parts), denominator, sum(part[2] for part in parts)


def before_of(month: date, grain: str) -> date:
    """Return the first day of the period before."""
    return add_months(month, -LENGTHS.get(grain, 12))


def line(value: float, bottom: float, top: float) -> float:
    """Return how far a value lies on the way from where it scores 0 to where it scores 100."""
    return max(0.0, min(100.0, (value - bottom) / (top - bottom) * 100))


def score_of(spec: Spec, actual: float, points: Sequence[dict[str, Any]]) -> float:
    """Return the score by the KPI's rule, after the simplest reading of the method."""
    at = {row["point"]: row["value"] for row in points}
    listed = [(row["value"], row["score"]) for row in points]
    rules: dict[str, Callable[[], float]] = {
        "linear": lambda: linear(actual, at["red"], at["target"]),
        "min_max": lambda: line(actual, at["min"], at["max"]),
        "progress": lambda: line(actual, at["baseline"], at["target"]),
        "ratio": lambda: ratio(spec, actual, at["target"]),
        "binary": lambda: 100.0 if actual >= at["target"] else 0.0,
        "range": lambda: min(
            line(actual, at["low"] - at["tolerance_below"], at["low"]),
            line(actual, at["high"] + at["tolerance_above"], at["high"]),
        ),
        "steps": lambda: max((score for value, score in listed if value <= actual), default=0.0),
        "curve": lambda: curve(actual, listed),
    }
    return rules[spec.rule]()


def ratio(spec: Spec, actual: float, target: float) -> float:
    """Return the score of the ratio rule, plain or inverse, up to its cap."""
    part = target / actual if spec.extra.get("ratio_form") == "inverse" else actual / target
    return min(math.inf if spec.cap is None else spec.cap, max(0.0, part * 100))


def curve(actual: float, listed: Sequence[tuple[float, float]]) -> float:
    """Return the score of the curve rule."""
    for (left, low), (right, high) in itertools.pairwise(listed):
        if left <= actual <= right:
            return low + (actual - left) / (right - left) * (high - low)
    return listed[0][1] if actual < listed[0][0] else listed[-1][1]


def points_at(spec: Spec, end: date, scale: float) -> list[dict[str, Any]]:
    """Return the points valid on a day, for a period and unit so large."""
    if spec.points:
        return [
            {"point": name, "value": value * scale, "score": score}
            for name, value, score in spec.points
        ]
    if spec.red is None or spec.target is None or end < spec.target_from:
        return []
    red, target = spec.red * scale, spec.target * scale
    return [
        {"point": "worst", "value": red - (target - red), "score": 0.0},
        {"point": "red", "value": red, "score": 100 / 3},
        {"point": "target", "value": target, "score": 200 / 3},
        {"point": "best", "value": target + (target - red), "score": 100.0},
    ]


def linear(actual: float, red: float, target: float) -> float:
    """Return the score of the linear rule."""
    return max(0.0, min(100.0, 33.333333333 + (actual - red) / (target - red) * 33.333333333))


def band(score: float | None, on_track: float = ON_TRACK, at_risk: float = AT_RISK) -> str | None:
    """Return the band of a score."""
    if score is None:
        return None
    if round(score, 2) >= on_track:
        return "on_track"
    return "at_risk" if round(score, 2) >= at_risk else "off_track"


def limits(series: Sequence[float]) -> tuple[float, float, float] | None:
    """Return the XmR limits and mean of the first twelve values."""
    if len(series) < 12:
        return None
    base = series[:12]
    mean = math.fsum(base) / 12
    moving = math.fsum(abs(b - a) for a, b in itertools.pairwise(base)) / 11
    return mean - 2.66 * moving, mean + 2.66 * moving, mean


def signal(series: Sequence[float], usual: tuple[float, float, float] | None) -> str | None:
    """Return the signal of the last value of a series."""
    if usual is None or not series:
        return None
    low, high, mean = usual
    if series[-1] > high:
        return "high"
    if series[-1] < low:
        return "low"
    tail = series[-8:]
    if len(tail) == 8 and all(value > mean for value in tail):
        return "shift_up"
    if len(tail) == 8 and all(value < mean for value in tail):
        return "shift_down"
    return None
