"""The rules once more: from points and an actual to a score and its band.

Not here: which points are valid when (points).
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from itertools import pairwise

from scorecard.strategy import Kpi

RED, ON_TARGET = 100 / 3, 200 / 3
"""33.33 and 66.67: a third and two thirds of the way."""


@dataclass(frozen=True)
class Points:
    """Points valid then: by name, or pairs of value and score."""

    named: Mapping[str, float] = field(default_factory=dict)
    pairs: tuple[tuple[float, float], ...] = ()

    @property
    def rounding(self) -> float:
        """How far floating rounding may move a point: a hundred steps of the largest."""
        places = [*self.named.values(), *(place for place, _ in self.pairs)]
        return 1e-14 * max(map(abs, places), default=0.0)


def interpolate(pairs: Sequence[tuple[float, float]], actual: float) -> float:
    """Go straight from point to point, values rising, and flat beyond the ends."""
    if actual <= pairs[0][0]:
        return pairs[0][1]
    for (low, below), (high, above) in pairwise(pairs):
        if actual <= high:
            share = (actual - low) / (high - low)
            return below + share * (above - below)
    return pairs[-1][1]


def _linear(points: Points, actual: float) -> float:
    red, target = points.named["red"], points.named["target"]
    gap = target - red
    worst, best = points.named.get("worst", red - gap), points.named.get("best", target + gap)
    pairs = [(worst, 0.0), (red, RED), (target, ON_TARGET), (best, 100.0)]
    return interpolate(sorted(pairs), actual)


def _ratio(points: Points, actual: float, *, kpi: Kpi) -> float:
    target, basis = points.named["target"], points.named.get("basis")
    lower = kpi.direction == "lower_is_better"
    if basis is not None:
        return (basis - actual) / (basis - target) * 100
    if target == 0:
        is_met = actual <= 0 if lower else actual >= 0
        return 100.0 if is_met else 0.0
    if lower and kpi.form == "inverse":
        return target / actual * 100 if actual > 0 else float(_cap(kpi))
    if lower:
        return 100 - (actual - target) / abs(target) * 100
    return actual / target * 100


def _range(points: Points, actual: float) -> float:
    low, high = points.named["low"], points.named["high"]
    if actual < low:
        return 100 - (low - actual) / points.named["tolerance_below"] * 100
    if actual > high:
        return 100 - (actual - high) / points.named["tolerance_above"] * 100
    return 100.0


def _cap(kpi: Kpi) -> float:
    if kpi.cap is None:
        return 100.0
    return math.inf if kpi.cap == "none" else float(kpi.cap)


def _min_max(points: Points, actual: float, kpi: Kpi) -> float:
    lowest, highest = points.named["min"], points.named["max"]
    share = (actual - lowest) / (highest - lowest)
    return (1 - share if kpi.direction == "lower_is_better" else share) * 100


def _progress(points: Points, actual: float) -> float:
    baseline, target = points.named["baseline"], points.named["target"]
    return (actual - baseline) / (target - baseline) * 100


def _steps(points: Points, actual: float) -> float:
    reached = [score for place, score in points.pairs if place <= actual]
    return reached[-1] if reached else 0.0


def _binary(points: Points, actual: float, kpi: Kpi) -> float:
    target = points.named["target"]
    is_met = actual <= target if kpi.direction == "lower_is_better" else actual >= target
    return 100.0 if is_met else 0.0


RULES: Mapping[str, Callable[[Points, float, Kpi], float]] = {
    "linear": lambda points, actual, _: _linear(points, actual),
    "min_max": _min_max,
    "progress": lambda points, actual, _: _progress(points, actual),
    "ratio": lambda points, actual, kpi: _ratio(points, actual, kpi=kpi),
    "range": lambda points, actual, _: _range(points, actual),
    "steps": lambda points, actual, _: _steps(points, actual),
    "curve": lambda points, actual, _: interpolate(points.pairs, actual),
    "binary": _binary,
}


def score_of(kpi: Kpi, points: Points, actual: float) -> float:
    """Score an actual by the KPI's rule, clamped to 0 and the cap."""
    return min(max(RULES[kpi.rule](points, actual, kpi), 0.0), _cap(kpi))


def rounded(score: float) -> Decimal:
    """Round to two decimals, half away from zero."""
    return Decimal(repr(score)).quantize(Decimal("0.01"), ROUND_HALF_UP)


def band_of(score: float | None, *, on_track: float, at_risk: float) -> str | None:
    """Give the band; an edge belongs to the better one."""
    if score is None:
        return None
    if rounded(score) >= Decimal(repr(on_track)):
        return "on_track"
    return "at_risk" if rounded(score) >= Decimal(repr(at_risk)) else "off_track"
