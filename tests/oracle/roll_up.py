"""From children to parents once more: scores, states, gates, costs and balance.

Not here: the scores of KPIs (oracle).
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import cache

from scorecard.strategy import Strategy, Weight
from tests.oracle.rules import band_of, rounded


@dataclass(frozen=True)
class Child:
    """What a parent needs of one child."""

    id: str
    weight: float
    score: float | None
    coverage: Fraction
    band: str | None
    state: str
    gate: float | None
    off_track_below: int
    tolerance: float = 0.0


@dataclass(frozen=True)
class Parent:
    """How an objective, a perspective or the scorecard stands at a unit and period."""

    score: float | None
    band: str | None
    state: str
    coverage: Fraction
    weakest: str | None
    is_gated: bool
    off_track_below: int
    costs: Mapping[str, float | None]
    """Points lost, by child; None for a child without a score."""
    tolerance: float = 0.0
    """The greatest of its children's."""


def weight_on(weight: Weight, day: date) -> float:
    """Give the weight on a day; before its first date nothing counts."""
    if isinstance(weight, int | float):
        return float(weight)
    valid = [dated for dated in weight if dated.valid_from <= day]
    return max(valid, key=lambda dated: dated.valid_from).weight if valid else 0.0


@cache
def _written(number: float) -> Fraction:
    """Give a number as it is written: 0.1 is a tenth."""
    return Fraction(repr(number))


def _rolled(how: str, scored: Sequence[tuple[float, float]]) -> float | None:
    """Roll up pairs of weight and score; only weights above 0 count."""
    counted = [(Fraction(weight), Fraction(score)) for weight, score in scored if weight > 0]
    if not counted:
        return None
    if how in ("worst", "best"):
        scores = [score for _, score in counted]
        return float(min(scores) if how == "worst" else max(scores))
    total = sum(weight for weight, _ in counted)
    if how == "geometric":
        if any(score == 0 for _, score in counted):
            return 0.0
        logs = (float(weight / total) * math.log(score) for weight, score in counted)
        return math.exp(math.fsum(logs))
    return float(sum(weight * score for weight, score in counted) / total)


def roll_up(how: str, children: Sequence[Child], *, strategy: Strategy) -> Parent:
    """Make a parent of its children."""
    total = sum(_written(child.weight) for child in children)
    covered = sum(_written(child.weight) * child.coverage for child in children)
    coverage = covered / total if total else Fraction(0)
    scored = [child for child in children if child.score is not None]
    score = _rolled(
        how, [(child.weight, child.score) for child in scored if child.score is not None]
    )
    if coverage < _written(strategy.min_coverage):
        score = None
    costs = _costs(children)
    is_gated = any(
        child.gate is not None
        and (child.score is None or rounded(child.score) < Decimal(repr(child.gate)))
        for child in children
    )
    edges = strategy.bands
    band = band_of(score, on_track=edges.on_track, at_risk=edges.at_risk)
    return Parent(
        score=score,
        band="at_risk" if is_gated and band == "on_track" else band,
        state=_parent_state(children, score),
        coverage=coverage,
        weakest=_weakest(children, costs),
        is_gated=is_gated,
        off_track_below=sum(child.off_track_below for child in children),
        costs=costs,
        tolerance=max(child.tolerance for child in children),
    )


def _costs(children: Sequence[Child]) -> dict[str, float | None]:
    total = sum(child.weight for child in children if child.score is not None)
    return {
        child.id: None
        if child.score is None or not total
        else child.weight / total * (100 - child.score)
        for child in children
    }


def _weakest(children: Sequence[Child], costs: Mapping[str, float | None]) -> str | None:
    scored = [
        (child.score, -(costs[child.id] or 0.0), order, child.id)
        for order, child in enumerate(children)
        if child.score is not None and child.weight > 0
    ]
    return min(scored)[3] if scored else None


def _parent_state(children: Sequence[Child], score: float | None) -> str:
    states = {child.state for child in children if child.weight > 0 or child.gate is not None}
    for state in ("unverified", "stale"):
        if state in states:
            return state
    return "no_data" if score is None else "current"


def balance_of_weight(weights: Sequence[float]) -> float:
    """Give Shannon's entropy of the shares over its greatest value, times 100."""
    total = math.fsum(weights)
    shares = [weight / total for weight in weights if weight > 0]
    return 0 - math.fsum(share * math.log(share) for share in shares) / math.log(len(weights)) * 100


def balance_of_result(scores: Iterable[float]) -> float:
    """Give 100 minus the gap between the best and the worst, scores taken as at most 100."""
    capped = [min(score, 100.0) for score in scores]
    return 100 - (max(capped) - min(capped))
