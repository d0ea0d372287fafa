"""From rows of targets.csv to the points that are valid in a period, once more, exact until they become doubles.

Not here: what an actual scores by them (rules).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from functools import cache

from scorecard.plans import Target
from scorecard.strategy import Kpi
from tests.oracle.periods import LENGTH, ROLLING, Period, last_day
from tests.oracle.rules import Points
from tests.oracle.values import Values

NAMED = (
    "red", "target", "worst", "best", "min", "max", "baseline", "basis", "low", "high",
    "tolerance_below", "tolerance_above",
)  # fmt: skip


@dataclass(frozen=True)
class _Exact:
    """Points before they become doubles."""

    named: Mapping[str, Fraction]
    pairs: tuple[tuple[Fraction, Fraction], ...]


class ValidPoints:
    """Answers which points are valid for a KPI, unit and period."""

    def __init__(self, targets: Sequence[Target], *, values: Values) -> None:
        """Take the rows of targets.csv, and the values that seasons follow."""
        self.targets = targets
        self.values = values
        self.points = cache(self._points)

    def _newest(self, kpi_id: str, unit: str, per: str, day: date) -> Target | None:
        rows = [
            row
            for row in self.targets
            if (row.kpi, row.unit, row.per) == (kpi_id, unit, per) and row.valid_from <= day
        ]
        return max(rows, key=lambda row: row.valid_from, default=None)

    def _points(self, kpi_id: str, unit: str, period: Period) -> Points | None:
        kpi = self.values.kpis[kpi_id]
        units = self.values.organisation.upwards(unit, period.end) if kpi.is_intensive else [unit]
        for each in units:
            found = self._own_points(kpi, each, period)
            if found is not None:
                return _as_floats(found)
        return None

    def _own_points(self, kpi: Kpi, unit: str, period: Period) -> _Exact | None:
        if kpi.is_additive:
            return self._added_points(kpi, unit, period)
        for per in _lengths_tried(kpi, period.grain):
            row = self._newest(kpi.id, unit, per, period.end)
            if row is not None:
                return _exact(row)
        return None

    def _added_points(self, kpi: Kpi, unit: str, period: Period) -> _Exact | None:
        if period.grain in ("quarter", "half", "year"):
            row = self._newest(kpi.id, unit, period.grain, period.end)
            if row is not None:
                return _exact(row)
        months = [self._month_points(kpi, unit, month) for month in period.months]
        found = [points for points in months if points is not None]
        return _sum_points(found) if len(found) == len(months) else None

    def _month_points(self, kpi: Kpi, unit: str, month: int) -> _Exact | None:
        for per in LENGTH:
            row = self._newest(kpi.id, unit, per, last_day(month))
            if row is not None:
                return _times(_exact(row), self._share(kpi, unit, per=per, month=month))
        return None

    def _share(self, kpi: Kpi, unit: str, *, per: str, month: int) -> Fraction:
        """Give a month's share of the points of the longer period that it lies in."""
        months = self.values.calendar.period(per, month).months
        even = Fraction(1, len(months))
        if kpi.phasing == "even" or per == "month":
            return even
        amounts = self.last_year(kpi, unit, months)
        return even if amounts is None else amounts[month] / sum(amounts.values())

    def last_year(self, kpi: Kpi, unit: str, months: Sequence[int]) -> dict[int, Fraction] | None:
        """Give each month's amount a year before; None where one is not whole, or not positive."""
        amounts: dict[int, Fraction] = {}
        for month in months:
            own = self.values.calendar.period(kpi.frequency, month - 12)
            value = self.values.whole(kpi, unit, own)
            if value is None or value.actual is None or value.actual <= 0:
                return None
            exact = value.components.quotient if value.components else Fraction(value.actual)
            amounts[month] = (exact or Fraction(0)) / len(own.months)
        return amounts


def _exact(row: Target) -> _Exact:
    named = {name: getattr(row, name) for name in NAMED}
    for side in ("tolerance_below", "tolerance_above"):
        named[side] = named[side] if named[side] is not None else row.tolerance
    found = {name: Fraction(value) for name, value in named.items() if value is not None}
    if "red" in found and "target" in found:
        gap = found["target"] - found["red"]
        found.setdefault("worst", found["red"] - gap)
        found.setdefault("best", found["target"] + gap)
    pairs = tuple((Fraction(value), Fraction(score)) for value, score in row.points)
    return _Exact(found, pairs)


def _times(points: _Exact, share: Fraction) -> _Exact:
    return _Exact(
        {name: value * share for name, value in points.named.items()},
        tuple((value * share, score) for value, score in points.pairs),
    )


def _sum_points(found: Sequence[_Exact]) -> _Exact:
    names = set.intersection(*(set(points.named) for points in found))
    return _Exact(
        {name: sum((points.named[name] for points in found), Fraction(0)) for name in names},
        tuple(
            (sum((pair[0] for pair in pairs), Fraction(0)), pairs[0][1])
            for pairs in zip(*(points.pairs for points in found), strict=True)
        ),
    )


def _as_floats(points: _Exact) -> Points:
    return Points(
        {name: float(value) for name, value in points.named.items()},
        tuple((float(value), float(score)) for value, score in points.pairs),
    )


def _depends_on_length(kpi: Kpi) -> bool:
    """Tell whether a KPI that does not add up is another number over a month than over a year.

    What is counted anew is, so is a flow over a stock (revenue per head), and so are expressions of flows that neither add up
    nor divide; changes and indices are not.
    """
    terms = kpi.terms().values()
    if kpi.change or kpi.index:
        return False
    flows = {term.aggregation == "sum" or term.component != "value" for term in terms}
    is_mixed = kpi.derived is not None and len(flows) > 1
    is_growing = kpi.derived is not None and True in flows
    grows_unevenly = is_growing and not (kpi.is_additive or kpi.is_intensive)
    return is_mixed or grows_unevenly or any(term.aggregation == "distinct" for term in terms)


def _lengths_tried(kpi: Kpi, grain: str) -> list[str]:
    """Give the lengths of rows that may give a period's points unchanged, first the one that wins."""
    if _depends_on_length(kpi):
        own = "year" if grain == "ttm" else grain
        return [own] if own in LENGTH else []
    own = "year" if grain in ROLLING else grain
    return [own, *(length for length in LENGTH if length != own)]
