"""The arithmetic of a score as it is told: a reader who computes the formula again gets the warehouse's score."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from reports.words.arithmetic import Arithmetic, arithmetic
from reports.words.points import Point
from transforms.explanation import Kpi
from transforms.rules import score_actual

LINEAR = [Point("worst", 300, 0), Point("red", 500, 100 / 3), Point("target", 700, 200 / 3), Point("best", 900, 100)]  # fmt: skip
FALLING = [point._replace(value=-point.value) for point in LINEAR]
RANGE = [Point("low", 95, 100), Point("high", 105, 100), Point("tolerance_below", 10, None), Point("tolerance_above", 20, None)]  # fmt: skip
STEPS = [Point("step", 0, 1), Point("step", 66666, 2), Point("step", 133333, 3)]
CURVE = [Point("point", 0, 0), Point("point", 10, 80), Point("point", 20, 100), Point("point", 30, 40)]  # fmt: skip
UP, DOWN = "higher_is_better", "lower_is_better"

CASES: list[tuple[str, str | None, Sequence[Point], Sequence[float], Mapping[str, Any]]] = [
    ("linear", UP, LINEAR, (200, 300, 400, 500, 600, 700, 800, 900, 1000), {}),
    ("linear", DOWN, FALLING, (-200, -400, -600, -800, -1000), {}),
    ("min_max", UP, [Point("min", 0, 0), Point("max", 200, 100)], (-5, 0, 50, 200, 300), {}),
    ("min_max", DOWN, [Point("min", 0, 100), Point("max", 200, 0)], (-5, 50, 300), {}),
    ("progress", UP, [Point("baseline", 15, 0), Point("target", 45, 100)], (10, 16, 50), {}),
    ("ratio", UP, [Point("target", 100, 100)], (90, 0), {}),
    ("ratio", DOWN, [Point("target", 6, 100)], (9,), {}),
    ("ratio", DOWN, [Point("target", 6, 100)], (8,), {"form": "inverse"}),
    ("ratio", UP, [Point("basis", -10, 0), Point("target", -2, 100)], (-5,), {}),
    ("ratio", UP, [Point("target", 0, 100)], (-1, 0, 3), {"at_zero_target": "full_if_met"}),
    ("range", None, RANGE, (80, 90, 95, 100, 105, 115, 130), {}),
    ("steps", None, STEPS, (-1, 0, 66665, 66666, 133333), {}),
    ("curve", None, CURVE, (-1, 0, 5, 15, 20, 25, 40), {}),
    ("binary", UP, [Point("target", 10, 100)], (9, 10), {}),
    ("binary", DOWN, [Point("target", 10, 100)], (10, 11), {}),
]  # fmt: skip


def kpi(rule: str, direction: str | None, settings: Mapping[str, Any]) -> Kpi:
    given = {
        "rule": rule,
        "direction": direction,
        "ratio_form": settings.get("form", "plain"),
        "at_zero_target": settings.get("at_zero_target"),
    }
    return Kpi(**{name: given.get(name) for name in Kpi._fields})  # type: ignore[arg-type]


def told(found: Arithmetic) -> float:
    """Compute what is told: the formula, or the score that is named where the score is flat."""
    if found.formula is not None:
        return float(eval(found.formula.replace("−", "-").replace("×", "*")))  # noqa: S307 - our own text
    named = re.findall(r"\((\d+(?:\.\d+)?)\)|scores (\d+(?:\.\d+)?)", found.where)
    scores = {float(next(filter(None, each))) for each in named}
    assert len(scores) == 1, found
    return scores.pop()


@pytest.mark.parametrize(
    ("rule", "direction", "points", "actual", "settings"),
    [
        (rule, direction, points, actual, settings)
        for rule, direction, points, actuals, settings in CASES
        for actual in actuals
    ],
)
def test_the_arithmetic_comes_to_the_score(
    rule: str,
    direction: str | None,
    points: Sequence[Point],
    actual: float,
    settings: Mapping[str, Any],
) -> None:
    pairs = [(point.value, point.score) for point in points]
    named: Any = pairs if rule in ("steps", "curve") else {p.name: p.value for p in points}
    given = named if isinstance(named, list) else named | settings
    expected = score_actual(rule, given, actual, direction=direction)
    found = arithmetic(kpi(rule, direction, settings), points, actual, lambda value: f"{value:g}")
    assert told(found) == pytest.approx(expected, abs=0.02)


def test_the_words_name_the_points_between_which_the_actual_lies() -> None:
    found = arithmetic(kpi("linear", UP, {}), LINEAR, 600, lambda value: f"{value:g}")
    assert found.where == "600 is between red 500 (33.33) and target 700 (66.67)"
    assert found.formula == "33.33 + (600 − 500) / (700 − 500) × 33.33"
