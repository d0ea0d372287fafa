"""A KPI's scoring points in words: what is good, how far a value is from it, and the arithmetic from value to score.

Not here: the computing of scores (transforms), where targets are listed (views).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from reports.language import Edges, Scale, rounded
from reports.rows import Kpi, Score

FULL = 100.0
STEPPED = frozenset({"steps", "curve"})
SHOWN_POINTS = 4
"""A curve with more names its best ones."""
BESIDE = {"red": "red flag", "baseline": "baseline"}
"""The point that is named beside a target."""
RULE_WORDS = {
    "linear": "Linear rule",
    "min_max": "Rule min_max",
    "progress": "Rule progress",
    "ratio": "Rule ratio",
    "range": "Rule range",
    "steps": "Rule steps",
    "curve": "Rule curve",
    "binary": "Rule binary",
}


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
    found = [
        Point(str(row["point"]), float(row["value"]), row["score"])
        for row in (score.points or () if score is not None else ())
        if row["value"] is not None
    ]
    return tuple(sorted(found, key=lambda point: (point.score is None, point.value)))


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


def _at(point: Point, scale: Scale) -> str:
    return f"{_score(point, scale)} at {scale.bare(point.value)}"


def _listed(points: Sequence[Point], scale: Scale) -> str:
    """List points with their scores, the unit once, at the end."""
    last = points[-1]
    written = [_at(point, scale) for point in points[:-1]]
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


def arithmetic(kpi: Kpi, score: Score, scale: Scale, edges: Edges) -> str:
    """Say how the value became the score, after the rule's own formula."""
    better = {
        "higher_is_better": ", higher is better",
        "lower_is_better": ", lower is better",
    }.get(kpi.direction or "", "")
    how = _how(kpi, score, scale)
    return f"{RULE_WORDS.get(kpi.rule, kpi.rule)}{better}: {how}, so {scale.bare(score.actual)} scores {edges.write(score.score)}{_cap(kpi, score, edges)}."


def _how(kpi: Kpi, score: Score, scale: Scale) -> str:
    at = {name: scale.bare(value) for name, value in named(score).items()}
    match kpi.rule:
        case "linear" if "red" in at:
            return f"red flag {at['red']} scores 33.33, target {at['target']} scores 66.67"
        case "binary" if "target" in at:
            side = "below" if kpi.direction == "lower_is_better" else "above"
            return f"at {at['target']} or {side} it scores 100, else 0"
        case "range" if "low" in at:
            return f"{at['low']} to {at['high']} scores 100{_tolerances(score, scale)}"
        case "ratio":
            return _how_ratio(kpi, at, scale.bare(score.actual))
        case "progress" | "min_max":
            return _how_evenly(score, scale)
        case _:
            listed = [point for point in points_of(score) if point.score is not None]
            return _how_listed(kpi, score, listed, scale)


def _how_evenly(score: Score, scale: Scale) -> str:
    """Say how a value lies between the point that scores 0 and the one that scores 100."""
    ends = sorted(
        (point for point in points_of(score) if point.score is not None),
        key=lambda point: point.score or 0.0,
    )
    if len(ends) < 2:  # noqa: PLR2004 - two ends
        return "its points are not published"
    bottom, top = (scale.bare(point.value) for point in (ends[0], ends[-1]))
    names = {"baseline": "baseline ", "target": "target "}
    low, high = (names.get(point.name, "") for point in (ends[0], ends[-1]))
    return (
        f"{low}{bottom} scores 0, {high}{top} scores 100; "
        f"({scale.bare(score.actual)} − {_in(bottom)}) / ({top} − {_in(bottom)}) × 100"
    )


def _how_ratio(kpi: Kpi, at: dict[str, str], actual: str) -> str:
    target = at.get("target", "0")
    if kpi.at_zero_target and target.strip("0.,") == "":
        return "the target is 0: met it scores 100, missed 0"
    if "basis" in at:
        basis = _in(at["basis"])
        return f"({basis} − {_in(actual)}) / ({basis} − {_in(target)}) × 100"
    if kpi.direction != "lower_is_better":
        return f"{actual} / {target} × 100"
    if kpi.ratio_form == "inverse":
        return f"{target} / {actual} × 100"
    return f"100 − ({actual} − {_in(target)}) / {target} × 100"


def _in(number: str) -> str:
    """Put a negative number into parentheses, as after another sign."""
    return f"({number})" if number.startswith("−") else number


def _tolerances(score: Score, scale: Scale) -> str:
    at = named(score)
    ends = [
        scale.bare(end)
        for end in (
            at["low"] - at["tolerance_below"] if "tolerance_below" in at else None,
            at["high"] + at["tolerance_above"] if "tolerance_above" in at else None,
        )
        if end is not None
    ]
    return f", falling evenly to 0 at {' and '.join(ends)}" if ends else ""


def _how_listed(kpi: Kpi, score: Score, points: Sequence[Point], scale: Scale) -> str:
    below = [point for point in points if score.actual is not None and point.value <= score.actual]
    above = [point for point in points if score.actual is not None and point.value > score.actual]
    if not points:
        return "its points are not published"
    if kpi.rule == "steps":
        if not below:
            return f"it lies below the first step, {scale.bare(points[0].value)}"
        then = f"; the next begins at {scale.bare(above[0].value)}" if above else ", the last step"
        return f"the step from {scale.bare(below[-1].value)} on scores {_score(below[-1], scale)}{then}"
    if below and above:
        pair = (below[-1], above[0])
        return "on the line from " + " to ".join(_at(point, scale) for point in pair)
    edge = points[0] if above else points[-1]
    return f"the curve is flat {'below' if above else 'beyond'} {_at(edge, scale)}"


def _score(point: Point, scale: Scale) -> str:
    return scale.language.number(point.score, _places(point.score))


def _cap(kpi: Kpi, score: Score, edges: Edges) -> str:
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
