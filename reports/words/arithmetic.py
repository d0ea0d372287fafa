"""How an actual became a score, in words and as a formula that a reader can compute again: the same on pages and terminal.

Not here: the rules themselves (`transforms/sql/score/macros.sql`): the score is the warehouse's, and is only told here.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import NamedTuple, Protocol

from reports.words.language import Scale
from reports.words.points import Point
from reports.words.text import later, say

RULES = {
    "linear": later("linear"),
    "min_max": later("min_max"),
    "progress": later("progress"),
    "ratio": later("ratio"),
    "range": later("range"),
    "steps": later("steps"),
    "curve": later("curve"),
    "binary": later("binary"),
}
"""The scoring rules as a workspace names them."""
NAMED = {
    "worst": later("worst {value} ({score})"),
    "red": later("red {value} ({score})"),
    "target": later("target {value} ({score})"),
    "best": later("best {value} ({score})"),
    "min": later("min {value} ({score})"),
    "max": later("max {value} ({score})"),
    "baseline": later("baseline {value} ({score})"),
    "basis": later("basis {value} ({score})"),
    "low": later("low {value} ({score})"),
    "high": later("high {value} ({score})"),
    "below": later("low less tolerance {value} ({score})"),
    "above": later("high plus tolerance {value} ({score})"),
    "point": later("{value} ({score})"),
    "step": later("{value} ({score})"),
}
"""A point by its name, with what it scores."""
TOLD = {
    "higher_is_better": later("Rule {rule}, higher is better: {where}: {score}"),
    "lower_is_better": later("Rule {rule}, lower is better: {where}: {score}"),
    None: later("Rule {rule}: {where}: {score}"),
}
"""The whole, by which way is better."""
ROUGH = 0.001
"""What rounding may lose of the distance between two points, for the arithmetic still to be seen to hold."""
MOST_PLACES = 9
"""Decimals of the warehouse's components."""

Write = Callable[[float], str]


class Ruled(Protocol):
    """What scores a KPI, as the pages' rows and the terminal's both give it."""

    @property
    def rule(self) -> str:
        """The scoring rule."""

    @property
    def direction(self) -> str | None:
        """Which way is better."""

    @property
    def ratio_form(self) -> str | None:
        """Rule ratio: `plain` or `inverse`."""


class Arithmetic(NamedTuple):
    """Where the actual lies, as a clause; and the formula there, none where the score is flat."""

    where: str
    formula: str | None


def told(kpi: Ruled, points: Sequence[Point], *, actual: float, score: float, scale: Scale) -> str:
    """Say by which rule, from where among the points and by which formula the actual became the score."""
    finer = _fine(scale, actual, points)
    found = arithmetic(kpi, points, actual, finer.bare, write_score=_in_language(scale))
    exact = scale.language.number(score, 2)
    return say(
        TOLD[kpi.direction],
        rule=say(RULES[kpi.rule]),
        where=found.where,
        score=f"{found.formula} = {exact}" if found.formula else exact,
    )


def _in_language(scale: Scale) -> Write:
    return lambda score: scale.language.number(score, _places(score))


def _plain(score: float) -> str:
    return f"{score:.{_places(score)}f}"


def _places(score: float) -> int:
    return 0 if score == int(score) else 2


def _fine(scale: Scale, actual: float, points: Sequence[Point]) -> Scale:
    """Give a scale with as many decimals as it takes for a reader to compute the score again."""
    values = [actual, *(point.value for point in points)]
    ends = sorted({point.value for point in points if point.score is not None})
    gaps = [high - low for low, high in pairwise(ends)] or [abs(ends[0])]
    for decimals in range(scale.decimals, MOST_PLACES):
        finer = replace(scale, decimals=decimals)
        lost = max(abs(float(finer.shown(each) or 0) / finer.factor - each) for each in values)
        if lost <= min(gaps) * ROUGH:
            return finer
    return replace(scale, decimals=MOST_PLACES)


def arithmetic(
    kpi: Ruled,
    points: Sequence[Point],
    actual: float,
    write: Write,
    *,
    write_score: Write = _plain,
) -> Arithmetic:
    """Say where the actual lies among the points, and how the score is computed there, without its result."""
    at = {point.name: point.value for point in points}
    pen = _Pen(write, write_score)
    match kpi.rule:
        case "ratio":
            return _ratio(kpi, at, actual, pen)
        case "binary":
            return _binary(kpi, at["target"], actual, pen)
        case "steps":
            return _steps(points, actual, pen)
        case "range":
            return _line(_range_ends(at), actual, pen)
        case _:
            return _line([point for point in points if point.score is not None], actual, pen)


class _Pen(NamedTuple):
    """How values and scores are written."""

    value: Write
    score: Write

    def point(self, point: Point) -> str:
        """Write a point with its name and what it scores."""
        value, score = self.value(point.value), self.score(point.score or 0.0)
        return say(NAMED[point.name], value=value, score=score)

    def gap(self, upper: float, lower: float) -> str:
        """Write a difference as a reader computes it."""
        below = self.value(lower)
        return f"({self.value(upper)} − {f'({below})' if lower < 0 else below})"


def _line(points: Sequence[Point], actual: float, pen: _Pen) -> Arithmetic:
    """Piecewise linear through points, flat beyond the first and last."""
    rising = sorted(points, key=lambda point: point.value)
    below = [point for point in rising if point.value <= actual]
    above = [point for point in rising if point.value > actual]
    value = pen.value(actual)
    if below and below[-1].value == actual:
        return Arithmetic(
            say("{value} is at {point}", value=value, point=pen.point(below[-1])), None
        )
    if not below:
        point = pen.point(rising[0])
        where = say(
            "{value} is below {point}, and beyond it the score stays", value=value, point=point
        )
        return Arithmetic(where, None)
    if not above:
        point = pen.point(rising[-1])
        where = say(
            "{value} is above {point}, and beyond it the score stays", value=value, point=point
        )
        return Arithmetic(where, None)
    low, high = sorted((below[-1], above[0]), key=lambda point: point.score or 0.0)
    where = say(
        "{value} is between {low} and {high}",
        value=value,
        low=pen.point(low),
        high=pen.point(high),
    )
    return Arithmetic(where, None if low.score == high.score else _slope(low, high, actual, pen))


def _slope(low: Point, high: Point, actual: float, pen: _Pen) -> str:
    """Write the way from the point that scores less to the one that scores more."""
    least, rise = low.score or 0.0, (high.score or 0.0) - (low.score or 0.0)
    way, whole = pen.gap(actual, low.value), pen.gap(high.value, low.value)
    return f"{pen.score(least)} + {way} / {whole} × {pen.score(rise)}"


def _range_ends(at: Mapping[str, float]) -> list[Point]:
    return [
        Point("below", at["low"] - at["tolerance_below"], 0.0),
        Point("low", at["low"], 100.0),
        Point("high", at["high"], 100.0),
        Point("above", at["high"] + at["tolerance_above"], 0.0),
    ]


def _steps(points: Sequence[Point], actual: float, pen: _Pen) -> Arithmetic:
    reached = [point for point in points if point.value <= actual]
    value = pen.value(actual)
    if not reached:
        first = pen.value(points[0].value)
        return Arithmetic(
            say("{value} is below the first step, {step} (0)", value=value, step=first), None
        )
    last = reached[-1]
    where = say(
        "{value} is on the step from {step} on, which scores {score}",
        value=value,
        step=pen.value(last.value),
        score=pen.score(last.score or 0.0),
    )
    return Arithmetic(where, None)


def _binary(kpi: Ruled, target: float, actual: float, pen: _Pen) -> Arithmetic:
    is_met = actual <= target if kpi.direction == "lower_is_better" else actual >= target
    named = {"value": pen.value(actual), "target": pen.value(target)}
    if is_met:
        met = say("{value} is held against the target {target}, which is met (100)", **named)
        return Arithmetic(met, None)
    return Arithmetic(
        say("{value} is held against the target {target}, which is not met (0)", **named), None
    )


def _ratio(kpi: Ruled, at: Mapping[str, float], actual: float, pen: _Pen) -> Arithmetic:
    goal = at["target"]
    value, target = pen.value(actual), pen.value(goal)
    if "basis" in at:
        where = say(
            "{value} is held against the target {target}, from the basis {basis}",
            value=value,
            target=target,
            basis=pen.value(at["basis"]),
        )
        way, whole = pen.gap(at["basis"], actual), pen.gap(at["basis"], goal)
        return Arithmetic(where, f"{way} / {whole} × 100")
    if goal == 0:
        return _binary(kpi, goal, actual, pen)
    where = say("{value} is held against the target {target}", value=value, target=target)
    if kpi.direction != "lower_is_better":
        return Arithmetic(where, f"{value} / {target} × 100")
    if kpi.ratio_form != "inverse":
        return Arithmetic(where, f"100 − {pen.gap(actual, goal)} / {target} × 100")
    if actual > 0:
        return Arithmetic(where, f"{target} / {value} × 100")
    where = say(
        "{value} is held against the target {target}, nothing or less scores the cap",
        value=value,
        target=target,
    )
    return Arithmetic(where, None)
