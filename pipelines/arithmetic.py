"""How an actual became a score, in words and as a formula that a reader can compute again.

Not here: the rules themselves (`transforms/sql/score/macros.sql`): the score is the warehouse's, and is only told here.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

from transforms.explanation import Kpi

Write = Callable[[float], str]


class Point(NamedTuple):
    """A scoring point; without a score it sets a width."""

    name: str
    value: float
    score: float | None


class Arithmetic(NamedTuple):
    """Where the actual lies, and the formula there; no formula where the score is flat."""

    where: str
    formula: str | None


def arithmetic(kpi: Kpi, points: Sequence[Point], actual: float, write: Write) -> Arithmetic:
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
        return Arithmetic(f"below the first step, {write(points[0].value)}: 0", None)
    return Arithmetic(
        f"on the step from {write(reached[-1].value)} on, which scores {_score(reached[-1])}", None
    )


def _binary(kpi: Kpi, target: float, actual: float, write: Write) -> Arithmetic:
    is_met = actual <= target if kpi.direction == "lower_is_better" else actual >= target
    return Arithmetic(
        f"held against the target {write(target)}, which is {'met: 100' if is_met else 'not met: 0'}",
        None,
    )


def _ratio(kpi: Kpi, at: Mapping[str, float], actual: float, write: Write) -> Arithmetic:
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
