"""Which scoring points each rule needs and may have, in which order, and which settings go with it.

One definition for all who must know: the check of `targets.csv` and of `strategy.yaml` makes findings of the problems, and
`transforms.rules` refuses them.

Not here: how points become a score (SQL), and where they are written down (`targets_csv`).
"""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from numbers import Real
from typing import Any, Literal, NamedTuple, get_args

from scorecard.plans import Target
from scorecard.shape import did_you_mean
from scorecard.strategy import UNDIRECTED, Direction, Kpi, Rule

HIGHEST = 100.0
"""The highest score where the KPI sets no cap; steps and curves name scores up to it."""
LARGEST = 1e29
"""Points beyond this do not fit the warehouse's DECIMAL(38,9)."""


class _Points(NamedTuple):
    """The names of a rule's points: those that it needs, and those that it may have besides."""

    needed: tuple[str, ...]
    optional: tuple[str, ...] = ()


_TOLERANCES = ("tolerance", "tolerance_below", "tolerance_above")
_POINTS: Mapping[Rule, _Points] = {
    "linear": _Points(("red", "target"), ("worst", "best")),
    "min_max": _Points(("min", "max")),
    "progress": _Points(("baseline", "target")),
    "ratio": _Points(("target",), ("basis",)),
    "range": _Points(("low", "high"), _TOLERANCES),
    "steps": _Points(("points",)),
    "curve": _Points(("points",)),
    "binary": _Points(("target",)),
}
RULES: tuple[Rule, ...] = get_args(Rule)
POINT_NAMES = tuple(
    sorted({name for points in _POINTS.values() for name in (*points.needed, *points.optional)})
)
"""Every name that a point can have."""
_FEWEST_PAIRS: Mapping[str, int] = {"steps": 1, "curve": 2}


class Problem(NamedTuple):
    """What is wrong with points or settings, and the mend."""

    message: str
    mend: str
    about: str = ""
    """The KPI's key that it is about, where it is about one."""


@dataclass(frozen=True)
class Scoring:
    """How a KPI's actual becomes a score: its rule and the settings that belong to it."""

    rule: Rule
    direction: Direction | None = None
    form: Literal["plain", "inverse"] = "plain"
    at_zero_target: Literal["full_if_met"] | None = None
    cap: float | Literal["none"] | None = None
    """None where it is left out, which means 100."""
    kpi: str = ""
    """The KPI's id, for messages; empty where there is no KPI."""

    @property
    def of_kpi(self) -> str:
        """Give ' of <kpi>' for a message, or nothing."""
        return f" of {self.kpi}" if self.kpi else ""


def scoring(kpi: Kpi) -> Scoring:
    """Take from a KPI what its scoring rests on."""
    return Scoring(kpi.rule, kpi.direction, kpi.form, kpi.at_zero_target, kpi.cap, kpi.id)


def points_of(target: Target) -> dict[str, Any]:
    """Take the points that a row of `targets.csv` gives, by name."""
    named = {name: getattr(target, name) for name in POINT_NAMES}
    return {name: value for name, value in named.items() if value not in (None, ())}


def setting_problems(of: Scoring) -> list[Problem]:
    """Say what is wrong with a rule's settings, whatever its points."""
    return [*_direction(of), *_only_for_ratio(of), *_inverse(of)]


def point_problems(of: Scoring, points: Mapping[str, Any]) -> list[Problem]:
    """Say what is wrong with the points that a rule is given: names, numbers, order and gaps.

    `points` gives a number for each name; `points` itself, for steps and curve, is a list of (value, score).
    """
    given = {name: value for name, value in points.items() if value is not None}
    problems = [*_unknown(of, given), *_missing(of, given), *_no_numbers(of, given)]
    return problems or list(_ORDER[of.rule](of, given))


def _direction(of: Scoring) -> Iterator[Problem]:
    if of.direction is None and of.rule not in UNDIRECTED:
        yield Problem(
            f"The rule {of.rule}{of.of_kpi} needs a direction: which way is better.",
            "Add `direction: higher_is_better` or `direction: lower_is_better`.",
            "direction",
        )


def _only_for_ratio(of: Scoring) -> Iterator[Problem]:
    is_set = {
        "form": of.form != "plain",
        "at_zero_target": of.at_zero_target is not None,
        "cap": of.cap is not None,
    }
    for key in (key for key, there in is_set.items() if there and of.rule != "ratio"):
        yield Problem(
            f"`{key}`{of.of_kpi} is for the rule ratio; the rule is {of.rule}.",
            f"Remove `{key}`, or write `rule: ratio`.",
            key,
        )


def _inverse(of: Scoring) -> Iterator[Problem]:
    if of.rule != "ratio" or of.form != "inverse":
        return
    if of.direction == "higher_is_better":
        yield Problem(
            f"`form: inverse`{of.of_kpi} divides the target by the actual, which is for lower is better alone.",
            "Remove `form`, or correct `direction`.",
            "form",
        )
    if of.cap in (None, "none"):
        yield Problem(
            f"`form: inverse`{of.of_kpi} gives the cap where the actual is 0, so the cap must be a number.",
            "Add `cap: 100`, or a higher one.",
            "form" if of.cap is None else "cap",
        )


def _unknown(of: Scoring, given: Mapping[str, Any]) -> Iterator[Problem]:
    known = (*_POINTS[of.rule].needed, *_POINTS[of.rule].optional)
    for name in given:
        if name not in known:
            near = did_you_mean(name, [each for each in known if each not in given])
            yield Problem(
                f"The rule {of.rule}{of.of_kpi} knows no point {name}.",
                near or f"Its points are: {', '.join(known)}.",
            )


def _missing(of: Scoring, given: Mapping[str, Any]) -> Iterator[Problem]:
    lacking = [name for name in _POINTS[of.rule].needed if name not in given]
    if lacking:
        yield Problem(
            f"The rule {of.rule}{of.of_kpi} needs {' and '.join(lacking)}.",
            "Write pairs of value and score, such as 0:0 10:80 20:100."
            if lacking == ["points"]
            else f"Give {' and '.join(lacking)}.",
        )


def _no_numbers(of: Scoring, given: Mapping[str, Any]) -> Iterator[Problem]:
    for name, value in given.items():
        if name == "points":
            yield from _no_pairs(of, value)
        elif not _is_number(value):
            yield Problem(
                f"{name}{of.of_kpi} is no number that can be scored with: {value!r}.",
                "Give a finite number, at most 1e29 from 0.",
            )


def _no_pairs(of: Scoring, pairs: Any) -> Iterator[Problem]:
    listed = list(pairs) if isinstance(pairs, Sequence) and not isinstance(pairs, str) else [pairs]
    for pair in listed:
        is_pair = isinstance(pair, Sequence) and len(pair) == 2  # noqa: PLR2004 - value and score
        if not is_pair or not all(_is_number(number) for number in pair):
            yield Problem(
                f"{pair!r} among the points{of.of_kpi} is no pair of a value and a score.",
                "Give pairs of two finite numbers, at most 1e29 from 0.",
            )


def _is_number(value: Any) -> bool:
    if isinstance(value, bool) or not isinstance(value, Real | Decimal):
        return False
    return math.isfinite(value) and abs(float(value)) <= LARGEST


def _gap(of: Scoring, low: tuple[str, Any], high: tuple[str, Any]) -> Iterator[Problem]:
    """See that there is a gap between two points, as the doubles that they are scored as."""
    (low_name, low_value), (high_name, high_value) = low, high
    if float(low_value) == float(high_value):
        both = (
            f"are both {low_value}"
            if low_value == high_value
            else f"are too near each other ({low_value}, {high_value})"
        )
        yield Problem(
            f"{low_name} and {high_name}{of.of_kpi} {both}: there is no gap to score in.",
            f"Set {low_name} and {high_name} apart.",
        )


def _by_direction(
    of: Scoring, given: Mapping[str, Any], names: tuple[str, ...]
) -> Iterator[Problem]:
    """See that points rise where higher is better, else fall; without a direction there is no order to see."""
    if of.direction is None:
        return
    rising = of.direction == "higher_is_better"
    present = [(name, given[name]) for name in names if name in given]
    for before, after in pairwise(present):
        yield from _gap(of, before, after)
        if (before[1] > after[1]) if rising else (before[1] < after[1]):
            yield Problem(
                f"{before[0]} ({before[1]}){of.of_kpi} must be {'below' if rising else 'above'} "
                f"{after[0]} ({after[1]}), since {of.direction.replace('_', ' ')}.",
                "Swap the points, or correct `direction`.",
            )


def _linear(of: Scoring, given: Mapping[str, Any]) -> Iterator[Problem]:
    return _by_direction(of, given, ("worst", "red", "target", "best"))


def _progress(of: Scoring, given: Mapping[str, Any]) -> Iterator[Problem]:
    return _by_direction(of, given, ("baseline", "target"))


def _min_max(of: Scoring, given: Mapping[str, Any]) -> Iterator[Problem]:
    low, high = given["min"], given["max"]
    yield from _gap(of, ("min", low), ("max", high))
    if low > high:
        yield Problem(
            f"min ({low}){of.of_kpi} must be below max ({high}).",
            "Put the lower value at min, whichever way is better.",
        )


def _ratio(of: Scoring, given: Mapping[str, Any]) -> Iterator[Problem]:
    target = given["target"]
    if "basis" in given:
        if of.form == "inverse":
            yield Problem(
                f"basis{of.of_kpi} does not go with `form: inverse`, which divides the target by the actual.",
                "Remove the basis, or `form: inverse`.",
            )
        yield from _by_direction(of, given, ("basis", "target"))
    elif float(target) < 0:
        yield Problem(
            f"target ({target}){of.of_kpi} is below 0: a share of it says nothing.",
            "Give a basis (the value that scores 0), or use the rule linear or progress.",
        )
    elif float(target) == 0 and of.at_zero_target is None:
        yield Problem(
            f"target{of.of_kpi} is 0: nothing can be a share of it.",
            "Give a basis (the value that scores 0), or write `at_zero_target: full_if_met`.",
        )


def _range(of: Scoring, given: Mapping[str, Any]) -> Iterator[Problem]:
    if given["low"] > given["high"]:
        yield Problem(
            f"low ({given['low']}){of.of_kpi} must not be above high ({given['high']}).",
            "Swap the two.",
        )
    sides = [name for name in _TOLERANCES[1:] if name in given]
    if ("tolerance" in given) == (len(sides) == len(_TOLERANCES[1:])):
        yield Problem(
            f"The rule range{of.of_kpi} needs {_TOLERANCES[0]}, or {' and '.join(_TOLERANCES[1:])}.",
            "Give one tolerance for both sides, or one for each; a side of its own stands before `tolerance`.",
        )
    for name in _TOLERANCES:
        if name in given and given[name] <= 0:
            yield Problem(
                f"{name}{of.of_kpi} must be above 0, and is {given[name]}.",
                "Give the distance at which the score has fallen to 0.",
            )


def _pairs(of: Scoring, given: Mapping[str, Any]) -> Iterator[Problem]:
    pairs = given["points"]
    if len(pairs) < _FEWEST_PAIRS[of.rule]:
        yield Problem(
            f"The rule {of.rule}{of.of_kpi} needs at least {_FEWEST_PAIRS[of.rule]} pairs of value and score, and has {len(pairs)}.",
            "Write pairs of value and score, such as 0:0 10:80 20:100.",
        )
    for (before, _), (after, _) in pairwise(pairs):
        if float(after) <= float(before):
            yield Problem(
                f"The values of the points{of.of_kpi} must rise: {after} comes after {before}.",
                "Write the pairs in the order of their values, each value once.",
            )
    for value, score in pairs:
        if not 0 <= score <= HIGHEST:
            yield Problem(
                f"The score {score} at {value}{of.of_kpi} is not within 0 and 100.",
                "Give each value a score from 0 to 100.",
            )


def _any(_of: Scoring, _given: Mapping[str, Any]) -> Iterator[Problem]:
    """Find nothing: a single point is in order."""
    return iter(())


_ORDER: Mapping[Rule, Callable[[Scoring, Mapping[str, Any]], Iterator[Problem]]] = {
    "linear": _linear,
    "min_max": _min_max,
    "progress": _progress,
    "ratio": _ratio,
    "range": _range,
    "steps": _pairs,
    "curve": _pairs,
    "binary": _any,
}
