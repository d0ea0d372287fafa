"""A KPI's scoring points in words: what is good, how far a value is from it, and what a score is out of.

Not here: the computing of scores (transforms), how a value became its score (arithmetic), where targets are listed (views).
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from reports.warehouse.rows import Kpi, Score
from reports.words.language import Edges, Scale, rounded
from reports.words.lists import any_of, in_a_row
from reports.words.text import say

FULL = 100.0
STEPPED = frozenset({"steps", "curve"})
SHOWN_POINTS = 4
"""A curve with more names its best ones."""


class Point(NamedTuple):
    """A scoring point; without a score it sets a width."""

    name: str
    value: float
    score: float | None


class Region(NamedTuple):
    """Values that score the same or better: from `low` (none: from wherever) up to, not including, `high`."""

    low: float | None
    high: float | None


class Said(NamedTuple):
    """What good looks like, in sentences."""

    sentence: str
    """As the beginning of a sentence: The target is 95%."""
    beside: str
    """In a few words beside a figure: target 95%, good from 66,667 on."""


@dataclass(frozen=True)
class Goal:
    """What good looks like: in little room, and in words where a page asks for them."""

    short: str
    """In a table's cell: 95, 95 to 105, from 66,667, 100 at 20."""
    is_number: bool
    """The cell holds a number alone."""
    said: Callable[[], Said] = field(compare=False, repr=False)
    """Writes the sentences: most goals stand in a table's cell, without any."""

    @property
    def sentence(self) -> str:
        """As the beginning of a sentence: The target is 95%."""
        return self.said().sentence

    @property
    def beside(self) -> str:
        """In a few words beside a figure: target 95%, good from 66,667 on."""
        return self.said().beside


class Guides(NamedTuple):
    """What a chart draws of the points, in stored units."""

    target: float | None = None
    red: float | None = None
    good: tuple[float, float] | None = None
    """Lowest and highest value that score 100."""
    fair: tuple[float, float] | None = None
    """Beyond these the score is 0."""


def points_of(score: Score | None) -> tuple[Point, ...]:
    """Return a score's points by rising value; widths last."""
    found = read_points(json.loads(score.points) if score is not None and score.points else None)
    return tuple(sorted(found, key=lambda point: (point.score is None, point.value)))


def read_points(listed: Sequence[Mapping[str, Any]] | None) -> list[Point]:
    """Return the points of `scorecard.kpi_score.points` that have a value, in their order."""
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
    if kpi.rule in STEPPED:
        return _goal_of_list(kpi, points_of(score), scale)
    at = named(score)
    if kpi.rule == "range" and {"low", "high"} <= at.keys():
        return _goal_of_range(at["low"], at["high"], scale)
    ends = [point for point in points_of(score) if point.score is not None]
    return _goal_of_scores(ends, max(ends, key=_by_score), scale)


def _by_score(point: Point) -> float:
    return point.score or 0.0


def _goal_of_target(target: float, scale: Scale) -> Goal:
    def said() -> Said:
        written = scale.prose(target)
        return Said(
            say("The target is {target}", target=written), say("target {target}", target=written)
        )

    return Goal(scale.bare(target), is_number=True, said=said)


def _goal_of_range(low: float, high: float, scale: Scale) -> Goal:
    def said() -> Said:
        ends = {"low": scale.prose(low), "high": scale.prose(high)}
        return Said(
            say("Good is between {low} and {high}", **ends),
            say("good between {low} and {high}", **ends),
        )

    return Goal(scale.between(low, high), is_number=False, said=said)


def _goal_of_scores(shown: Sequence[Point], best: Point, scale: Scale) -> Goal:
    short = _for(best, scale)

    def said() -> Said:
        listed = _listed(shown, scale)
        return Said(say("It scores {points}", points=listed), say("scores {points}", points=short))

    return Goal(short, is_number=False, said=said)


def _goal_of_regions(regions: Sequence[Region], scale: Scale) -> Goal:
    def said() -> Said:
        values = any_of([_from(region, scale) for region in regions])
        return Said(say("Good is {values}", values=values), say("good {values}", values=values))

    return Goal(_from_in_short(regions[0], scale), is_number=False, said=said)


def _goal_of_list(kpi: Kpi, points: Sequence[Point], scale: Scale) -> Goal:
    regions = good_regions(kpi, points) if kpi.rule == "steps" else []
    if regions:
        return _goal_of_regions(regions, scale)
    scoring = [point for point in points if point.score]
    best = max(scoring or points, key=_by_score)
    shown = sorted(scoring, key=lambda point: -_by_score(point))[:SHOWN_POINTS]
    return _goal_of_scores(sorted(shown, key=lambda point: point.value) or [best], best, scale)


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
    low = scale.prose(region.low)
    if region.high is None:
        return say("from {low} on", low=low)
    return say("from {low} to below {high}", low=low, high=scale.prose(region.high))


def _from_in_short(region: Region, scale: Scale) -> str:
    if region.high is None:
        return say("from {low}", low=scale.prose(region.low))
    return _from(region, scale)


def _for(point: Point, scale: Scale) -> str:
    """Write a point as a goal: what is to be reached, then for which score."""
    return say(
        "{value} for {score}", value=scale.bare(point.value), score=write_score(point, scale)
    )


def scores_at(point: Point, scale: Scale) -> str:
    """Write what a point scores: 80 at 10."""
    return _at(point, scale.bare(point.value), scale)


def _at(point: Point, value: str, scale: Scale) -> str:
    return say("{score} at {value}", score=write_score(point, scale), value=value)


def _listed(points: Sequence[Point], scale: Scale) -> str:
    """List points with their scores, the unit once, at the end."""
    last = points[-1]
    written = [scores_at(point, scale) for point in points[:-1]]
    return in_a_row([*written, _at(last, scale.prose(last.value), scale)])


def _places(score: float | None) -> int:
    return 0 if score is None or score == int(score) else 2


def summary(kpi: Kpi, score: Score | None, scale: Scale) -> str:
    """Name the points in a few words, as below a figure: target 95%, red flag 92%."""
    found = goal(kpi, score, scale)
    if found is None:
        return say("no target")
    at = {name: scale.prose(value) for name, value in named(score).items()}
    if found.is_number and "red" in at:
        return say("target {target}, red flag {red}", target=at["target"], red=at["red"])
    if found.is_number and "baseline" in at:
        return say(
            "target {target}, baseline {baseline}", target=at["target"], baseline=at["baseline"]
        )
    return found.beside


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


def write_score(point: Point, scale: Scale) -> str:
    """Write what a point scores: whole, or with two decimals."""
    return scale.language.number(point.score, _places(point.score))


def said_of_most(sentence: str, kpi: Kpi, score: Score, edges: Edges) -> str:
    """End a sentence that gives a score: with its cap where it has reached it, or saying that nothing limits it."""
    if score.score is not None and kpi.rule == "ratio":
        if kpi.score_cap is None and score.score > FULL:
            return say("{sentence}; there is no upper limit.", sentence=sentence)
        if kpi.score_cap is not None and score.score >= kpi.score_cap:
            cap = _write_cap(kpi.score_cap, edges)
            return say(
                "{sentence}, the most that it may: its cap is {cap}.", sentence=sentence, cap=cap
            )
    return say("{sentence}.", sentence=sentence)


def _write_cap(cap: float, edges: Edges) -> str:
    return edges.language.number(cap, _places(cap))


def of_most(kpi: Kpi, edges: Edges) -> str:
    """Say what a score is out of: of 100, or above it where the KPI says so."""
    if kpi.score_cap is None:
        return say("of 100 and more")
    if kpi.score_cap > FULL:
        return say("of at most {cap}", cap=_write_cap(kpi.score_cap, edges))
    return say("of 100")


def scored(kpi: Kpi, score: float | None, edges: Edges) -> str:
    """Say a score and what it is out of: score 67 of 100."""
    if score is None:
        return say("no score")
    written = edges.write(score)
    if kpi.score_cap is None:
        return say("score {score} of 100 and more", score=written)
    if kpi.score_cap > FULL:
        cap = _write_cap(kpi.score_cap, edges)
        return say("score {score} of at most {cap}", score=written, cap=cap)
    return say("score {score} of 100", score=written)
