"""A KPI's scoring points in words: what is good, how far a value is from it, and what a score is out of.

Not here: the computing of scores (transforms), how a value became its score (arithmetic), where targets are listed (views).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from reports.language import Edges, Scale, rounded
from reports.rows import Kpi, Score

FULL = 100.0
STEPPED = frozenset({"steps", "curve"})
SHOWN_POINTS = 4
"""A curve with more names its best ones."""
BESIDE = {"red": "red flag", "baseline": "baseline"}
"""The point that is named beside a target."""


class Point(NamedTuple):
    """A scoring point; without a score it sets a width."""

    name: str
    value: float
    score: float | None


class Region(NamedTuple):
    """Values that score the same or better: from `low` (none: from wherever) up to, not including, `high`."""

    low: float | None
    high: float | None


@dataclass(frozen=True)
class Goal:
    """What good looks like, in words."""

    short: str
    """In a table's cell: 95, 95 to 105, from 66,667, 100 at 20."""
    sentence: str
    """As the beginning of a sentence: The target is 95%."""
    is_number: bool
    """The cell holds a number alone."""


@dataclass(frozen=True)
class Guides:
    """What a chart draws of the points, in stored units."""

    target: float | None = None
    red: float | None = None
    good: tuple[float, float] | None = None
    """Lowest and highest value that score 100."""
    fair: tuple[float, float] | None = None
    """Beyond these the score is 0."""


def points_of(score: Score | None) -> tuple[Point, ...]:
    """Return a score's points by rising value; widths last."""
    found = read_points(score.points if score is not None else None)
    return tuple(sorted(found, key=lambda point: (point.score is None, point.value)))


def read_points(listed: Sequence[Mapping[str, Any]] | None) -> list[Point]:
    """Return the structs of `scorecard.kpi_score.points` that have a value, in their order."""
    return [
        Point(str(row["point"]), float(row["value"]), row["score"])
        for row in listed or ()
        if row["value"] is not None
    ]


def named(score: Score | None) -> dict[str, float]:
    """Return the values of a score's points by name."""
    found = {point.name: point.value for point in points_of(score)}
    if score is not None:
        found |= {
            name: value
            for name, value in (("red", score.red), ("target", score.target))
            if value is not None
        }
    return found


def has_points(score: Score | None) -> bool:
    """Whether there is anything to hold a value against."""
    return score is not None and (score.target is not None or bool(score.points))


def goal(kpi: Kpi, score: Score | None, scale: Scale) -> Goal | None:
    """Return what good looks like; None where no points are known."""
    if score is None or not has_points(score):
        return None
    if score.target is not None:
        return _goal_of_target(score.target, scale)
    at = named(score)
    if kpi.rule in STEPPED:
        return _goal_of_list(kpi, points_of(score), scale)
    if kpi.rule == "range" and {"low", "high"} <= at.keys():
        both = scale.between(at["low"], at["high"])
        prose = f"Good is between {scale.prose(at['low'])} and {scale.prose(at['high'])}"
        return Goal(both, prose, is_number=False)
    ends = [point for point in points_of(score) if point.score is not None]
    best = max(ends, key=lambda point: point.score or 0.0)
    return Goal(_for(best, scale), f"It scores {_listed(ends, scale)}", is_number=False)


def _goal_of_target(target: float, scale: Scale) -> Goal:
    return Goal(scale.bare(target), f"The target is {scale.prose(target)}", is_number=True)


def _goal_of_list(kpi: Kpi, points: Sequence[Point], scale: Scale) -> Goal:
    if kpi.rule == "steps":
        good = [_from(region, scale) for region in good_regions(kpi, points)]
        if good:
            return Goal(
                good[0].removesuffix(" on"), f"Good is {' or '.join(good)}", is_number=False
            )
    scoring = [point for point in points if point.score]
    best = max(scoring or points, key=lambda point: point.score or 0.0)
    shown = sorted(scoring, key=lambda point: -(point.score or 0.0))[:SHOWN_POINTS]
    listed = _listed(sorted(shown, key=lambda point: point.value) or [best], scale)
    return Goal(_for(best, scale), f"It scores {listed}", is_number=False)


def good_regions(kpi: Kpi, points: Sequence[Point]) -> list[Region]:
    """Return where the steps are on track; where none is, where they are best."""
    steps = [point for point in points if point.score is not None]
    scores = [float(rounded(point.score or 0.0, 2)) for point in steps]
    least = kpi.on_track_edge if max(scores, default=0.0) >= kpi.on_track_edge else max(scores)
    found: list[Region] = []
    for index, (step, score) in enumerate(zip(steps, scores, strict=True)):
        if score < least:
            continue
        end = steps[index + 1].value if index + 1 < len(steps) else None
        if found and found[-1].high == step.value:
            found[-1] = Region(found[-1].low, end)
        else:
            found.append(Region(step.value, end))
    return found


def _from(region: Region, scale: Scale) -> str:
    if region.high is None:
        return f"from {scale.prose(region.low)} on"
    return f"from {scale.prose(region.low)} to below {scale.prose(region.high)}"


def _for(point: Point, scale: Scale) -> str:
    """Write a point as a goal: what is to be reached, then for which score."""
    return f"{scale.bare(point.value)} for {_score(point, scale)}"


def scores_at(point: Point, scale: Scale) -> str:
    """Write what a point scores: 80 at 10."""
    return f"{_score(point, scale)} at {scale.bare(point.value)}"


def _listed(points: Sequence[Point], scale: Scale) -> str:
    """List points with their scores, the unit once, at the end."""
    last = points[-1]
    written = [scores_at(point, scale) for point in points[:-1]]
    return ", ".join([*written, f"{_score(last, scale)} at {scale.prose(last.value)}"])


def _places(score: float | None) -> int:
    return 0 if score is None or score == int(score) else 2


def summary(kpi: Kpi, score: Score | None, scale: Scale) -> str:
    """Name the points in a few words, as below a figure: target 95%, red flag 92%."""
    found = goal(kpi, score, scale)
    if found is None:
        return "no target"
    at = named(score)
    if found.is_number:
        other = next((name for name in BESIDE if name in at), None)
        beside = f", {BESIDE[other]} {scale.prose(at[other])}" if other is not None else ""
        return f"target {scale.prose(at['target'])}{beside}"
    if found.sentence.startswith("Good is "):
        return found.sentence.replace("Good is", "good", 1)
    return f"scores {found.short}"


def gap(kpi: Kpi, score: Score | None, scale: Scale, *, prose: bool = False) -> str:
    """Write how far the value is from the target, or from the range where it is outside; else nothing."""
    if score is None or score.actual is None:
        return ""
    write = scale.gap_prose if prose else scale.gap
    if score.target is not None:
        return write(score.actual, score.target)
    at = named(score)
    if kpi.rule != "range" or not {"low", "high"} <= at.keys():
        return ""
    nearest = min(max(score.actual, at["low"]), at["high"])
    return write(score.actual, nearest)


def guides(kpi: Kpi, score: Score | None) -> Guides:
    """Return what a chart draws: nothing of a curve, whose points are no line to reach."""
    if score is None:
        return Guides()
    if kpi.rule == "linear":
        return Guides(score.target, score.red)
    at = named(score)
    match kpi.rule:
        case "range" if {"low", "high"} <= at.keys():
            below, above = at.get("tolerance_below", 0.0), at.get("tolerance_above", 0.0)
            return Guides(
                good=(at["low"], at["high"]), fair=(at["low"] - below, at["high"] + above)
            )
        case "min_max":
            ends = sorted(points_of(score), key=lambda point: point.score or 0.0)
            return Guides(ends[-1].value, ends[0].value) if len(ends) > 1 else Guides()
        case "steps" if points_of(score):
            regions = good_regions(kpi, points_of(score))
            clear = len(regions) == 1 and regions[0].high is None
            return Guides(regions[0].low) if clear else Guides()
        case _:
            return Guides(score.target)


def _score(point: Point, scale: Scale) -> str:
    return scale.language.number(point.score, _places(point.score))


def at_most(kpi: Kpi, score: Score, edges: Edges) -> str:
    """Say, after a score, that it is the most the KPI may score, or that nothing limits it; else nothing."""
    if score.score is None or kpi.rule != "ratio":
        return ""
    if kpi.score_cap is None:
        return "; there is no upper limit" if score.score > FULL else ""
    if score.score >= kpi.score_cap:
        return f", the most that it may: its cap is {edges.language.number(kpi.score_cap, _places(kpi.score_cap))}"
    return ""


def of_most(kpi: Kpi, edges: Edges) -> str:
    """Say what a score is out of: of 100, or above it where the KPI says so."""
    if kpi.score_cap is None:
        return "of 100 and more"
    if kpi.score_cap > FULL:
        return f"of at most {edges.language.number(kpi.score_cap, _places(kpi.score_cap))}"
    return "of 100"
