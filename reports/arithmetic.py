"""How an actual became a score, in words and as a formula that a reader can compute again: the same on pages and terminal.

Not here: the rules themselves (`transforms/sql/score/macros.sql`): the score is the warehouse's, and is only told here.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import NamedTuple, Protocol

from reports.language import Scale
from reports.points import Point

BETTER = {"higher_is_better": ", higher is better", "lower_is_better": ", lower is better"}
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
    """Where the actual lies, and the formula there; no formula where the score is flat."""

    where: str
    formula: str | None


def told(kpi: Ruled, points: Sequence[Point], *, actual: float, score: float, scale: Scale) -> str:
    """Say by which rule, from where among the points and by which formula the actual became the score."""
    write = _fine(scale, actual, points).bare
    found = arithmetic(kpi, points, actual, write)
    formula = f"{found.formula} = " if found.formula else ""
    better = BETTER.get(kpi.direction or "", "")
    exact = scale.language.number(score, 2)
    return f"Rule {kpi.rule}{better}: {write(actual)} is {found.where}: {formula}{exact}"


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


def arithmetic(kpi: Ruled, points: Sequence[Point], actual: float, write: Write) -> Arithmetic:
    """Say where the actual lies among the points, and how the score is computed there, without its result."""
    at = {point.name: point.value for point in points}
    match kpi.rule:
        case "ratio":
            return _ratio(kpi, at, actual, write)
        case "binary":
            return _binary(kpi, at["target"], actual, write)
        case "steps":
            return _steps(points, actual, write)
        case "range":
            return _line(_range_ends(at), actual, write)
        case _:
            return _line([point for point in points if point.score is not None], actual, write)


def _line(points: Sequence[Point], actual: float, write: Write) -> Arithmetic:
    """Piecewise linear through points, flat beyond the first and last."""
    rising = sorted(points, key=lambda point: point.value)
    below = [point for point in rising if point.value <= actual]
    above = [point for point in rising if point.value > actual]
    exact = [point for point in below if point.value == actual]
    if exact:
        return Arithmetic(f"at {_named(exact[-1], write)}", None)
    if not below or not above:
        edge = rising[0] if above else rising[-1]
        side = "below" if above else "above"
        return Arithmetic(f"{side} {_named(edge, write)}, and beyond it the score stays", None)
    low, high = sorted((below[-1], above[0]), key=lambda point: point.score or 0.0)
    if low.score == high.score:
        return Arithmetic(f"between {_named(low, write)} and {_named(high, write)}", None)
    return Arithmetic(
        f"between {_named(low, write)} and {_named(high, write)}",
        f"{_score(low)} + {_gap(actual, low.value, write)} / {_gap(high.value, low.value, write)} "
        f"× {_score(Point('', 0, (high.score or 0.0) - (low.score or 0.0)))}",
    )


def _range_ends(at: Mapping[str, float]) -> list[Point]:
    return [
        Point("low less its tolerance", at["low"] - at["tolerance_below"], 0.0),
        Point("low", at["low"], 100.0),
        Point("high", at["high"], 100.0),
        Point("high and its tolerance", at["high"] + at["tolerance_above"], 0.0),
    ]


def _steps(points: Sequence[Point], actual: float, write: Write) -> Arithmetic:
    reached = [point for point in points if point.value <= actual]
    if not reached:
        return Arithmetic(f"below the first step, {write(points[0].value)} (0)", None)
    return Arithmetic(
        f"on the step from {write(reached[-1].value)} on, which scores {_score(reached[-1])}", None
    )


def _binary(kpi: Ruled, target: float, actual: float, write: Write) -> Arithmetic:
    is_met = actual <= target if kpi.direction == "lower_is_better" else actual >= target
    return Arithmetic(
        f"held against the target {write(target)}, which is {'met (100)' if is_met else 'not met (0)'}",
        None,
    )


def _ratio(kpi: Ruled, at: Mapping[str, float], actual: float, write: Write) -> Arithmetic:
    target = at["target"]
    goal = f"against the target {write(target)}"
    if "basis" in at:
        basis = at["basis"]
        return Arithmetic(
            f"{goal}, from the basis {write(basis)}",
            f"{_gap(basis, actual, write)} / {_gap(basis, target, write)} × 100",
        )
    if target == 0:
        return _binary(kpi, target, actual, write)
    if kpi.direction != "lower_is_better":
        return Arithmetic(goal, f"{write(actual)} / {write(target)} × 100")
    if kpi.ratio_form == "inverse":
        if actual <= 0:
            return Arithmetic(f"{goal}, nothing or less scores the cap", None)
        return Arithmetic(goal, f"{write(target)} / {write(actual)} × 100")
    return Arithmetic(goal, f"100 − {_gap(actual, target, write)} / {write(target)} × 100")


def _named(point: Point, write: Write) -> str:
    name = "" if point.name == "point" else f"{point.name.replace('_', ' ')} "
    return f"{name}{write(point.value)} ({_score(point)})"


def _score(point: Point) -> str:
    score = point.score or 0.0
    return f"{score:.0f}" if score == int(score) else f"{score:.2f}"


def _gap(upper: float, lower: float, write: Write) -> str:
    below = write(lower)
    return f"({write(upper)} − {f'({below})' if lower < 0 else below})"
