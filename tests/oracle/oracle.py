"""The scoring method once more, in plain Python, to hold the warehouse's SQL against: clear and slow.

Written from the method's text, never from the SQL; the other modules of the method stand beside it: periods, measured, values
and expression, points, rules, roll_up, signals. Here: which value counts in a period, what it scores, and the parents above it.
Not here: how rows are drawn (strategies), and how the two are compared (test_agreement).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from fractions import Fraction
from functools import cache
from itertools import pairwise

from scorecard.company import Company
from scorecard.plans import Target
from scorecard.strategy import Kpi, Objective, Perspective, Strategy
from tests.oracle.measured import Measured
from tests.oracle.periods import GRAINS, LENGTH, ROLLING, Period, first_day, month_of
from tests.oracle.points import ValidPoints
from tests.oracle.roll_up import (
    Child,
    Parent,
    balance_of_result,
    balance_of_weight,
    roll_up,
    weight_on,
)
from tests.oracle.rules import Points, band_of, score_of
from tests.oracle.values import Value, Values


@dataclass(frozen=True)
class Scored:
    """How a KPI stands at a unit and period."""

    actual: float | None
    value: Period
    points: Points | None
    score: float | None
    band: str | None
    state: str
    tolerance: float = 0.0
    """How far floating rounding of the actual and the points may move the score."""
    scale: float = 0.0
    """As in Value."""

    @property
    def coverage(self) -> float:
        """Give 1 with a score, else 0."""
        return 0.0 if self.score is None else 1.0


class Oracle:
    """Answers what the warehouse should hold. Its methods take a KPI or a parent, a unit and a period."""

    def __init__(
        self,
        strategy: Strategy,
        *,
        company: Company,
        targets: Sequence[Target],
        measures: Mapping[str, Measured],
        as_of: date,
    ) -> None:
        """Take the strategy, the organisation, the points, the rows and the business date."""
        self.strategy = strategy
        self.measures = measures
        self.as_of = as_of
        self.values = Values(strategy, company=company, measures=measures, as_of=as_of)
        self.valid = ValidPoints(targets, values=self.values)
        self.scored = cache(self._scored)
        self._parents: dict[tuple[str, str, Period], Parent | None] = {}

    # periods

    def periods(self) -> list[Period]:
        """Give every period of every grain, from the first month with rows to the one of the business date."""
        months = [measure.first_month for measure in self.measures.values()]
        begins = [month for month in months if month is not None and first_day(month) < self.as_of]
        last = month_of(self.as_of - timedelta(days=1))
        span = range(min(begins, default=month_of(self.as_of) - 1), last + 1)
        found = {self.values.calendar.period(grain, month) for grain in GRAINS for month in span}
        return sorted(found, key=lambda period: (GRAINS.index(period.grain), period.months))

    def is_closed(self, period: Period) -> bool:
        """Tell whether it ended before the business date."""
        return period.end < self.as_of

    # scores of KPIs

    def _shown(self, kpi: Kpi, period: Period) -> Period:
        """Give the period whose value a row shows: its own, or the KPI's last one that was closed at its end."""
        if self.values.measured_at(kpi, period):
            return period
        last = period.months[-1]
        while not self.values.calendar.ends(kpi.frequency, last):
            last -= 1
        grain = period.grain if period.grain in ROLLING else kpi.frequency
        return self.values.calendar.period(grain, last)

    def _reach(self, kpi: Kpi) -> date | None:
        """Give the day that the data of all its measures reach."""
        days = [self.measures[term.measure].data_as_of for term in kpi.terms().values()]
        return None if None in days else min(day for day in days if day is not None)

    def _last_good(self, kpi: Kpi, unit: str, period: Period) -> tuple[Period, Value] | None:
        """Give the last whole value before a period that is due, at most the KPI's `max_age` such periods before it.

        Periods to date and trailing ones follow one another at the steps of the KPI's frequency.
        """
        step = LENGTH[kpi.frequency if period.grain in ROLLING else period.grain]
        for age in range(1, kpi.max_age + 1):
            earlier = self.values.calendar.back(period, months=age * step)
            value = self.values.whole(kpi, unit, earlier)
            if value is not None:
                return earlier, value
        return None

    def _scored(self, kpi_id: str, unit: str, period: Period) -> Scored:
        kpi = self.values.kpis[kpi_id]
        shown = self._shown(kpi, period)
        nothing = Scored(None, shown, None, None, None, "no_data")
        if self.values.has_unplaced(kpi, shown):
            return replace(nothing, state="unverified")
        value = self.values.whole(kpi, unit, shown)
        if value is not None:
            return self._held_against(kpi, unit, shown, value, state="current")
        reach = self._reach(kpi)
        if reach is not None and reach >= shown.end:
            return nothing
        good = self._last_good(kpi, unit, shown)
        if good is not None:
            return self._held_against(kpi, unit, *good, state="stale")
        is_broken = any(self.measures[term.measure].is_broken for term in kpi.terms().values())
        return replace(nothing, state="unverified" if is_broken else "no_data")

    def _held_against(
        self, kpi: Kpi, unit: str, period: Period, value: Value, *, state: str
    ) -> Scored:
        assert value.actual is not None
        points = self.valid.points(kpi.id, unit, period)
        if points is None:
            return Scored(value.actual, period, None, None, None, "no_target", 0.0, value.scale)
        score = score_of(kpi, points, value.actual)
        edges = kpi.bands or self.strategy.bands
        band = band_of(score, on_track=edges.on_track, at_risk=edges.at_risk)
        return Scored(
            value.actual, period, points, score, band, state, _tolerance(points, value), value.scale
        )

    # parents

    def _kpi_child(self, kpi: Kpi, unit: str, period: Period) -> Child | None:
        if unit not in self.values.applies(kpi.id):
            return None
        scored = self.scored(kpi.id, unit, period)
        return Child(
            id=kpi.id,
            weight=weight_on(kpi.weight, period.end),
            score=scored.score,
            coverage=Fraction(scored.coverage),
            band=scored.band,
            state=scored.state,
            gate=kpi.gate,
            off_track_below=int(scored.band == "off_track"),
            tolerance=scored.tolerance,
        )

    def _objective_child(self, node: Objective, unit: str, period: Period) -> Child | None:
        parent = self.objective(node, unit, period)
        return None if parent is None else self._as_child(node, parent, period, gate=node.gate)

    def _perspective_child(self, node: Perspective, unit: str, period: Period) -> Child | None:
        parent = self.perspective(node, unit, period)
        return None if parent is None else self._as_child(node, parent, period, gate=None)

    def _as_child(
        self, node: Objective | Perspective, parent: Parent, period: Period, *, gate: float | None
    ) -> Child:
        return Child(
            id=node.id,
            weight=weight_on(node.weight, period.end),
            score=parent.score,
            coverage=parent.coverage,
            band=parent.band,
            state=parent.state,
            gate=gate,
            off_track_below=parent.off_track_below,
            tolerance=parent.tolerance,
        )

    def _parent(self, how: str, children: Iterable[Child | None]) -> Parent | None:
        present = [child for child in children if child is not None]
        return roll_up(how, present, strategy=self.strategy) if present else None

    def objective(self, node: Objective, unit: str, period: Period) -> Parent | None:
        """Roll up an objective; None where none of its KPIs applies to the unit."""
        key = (node.id, unit, period)
        if key not in self._parents:
            children = [self._kpi_child(kpi, unit, period) for kpi in node.kpis]
            self._parents[key] = self._parent(node.roll_up, children)
        return self._parents[key]

    def perspective(self, node: Perspective, unit: str, period: Period) -> Parent | None:
        """Roll up a perspective; None where it is absent from the unit."""
        key = (node.id, unit, period)
        if key not in self._parents:
            children = [self._objective_child(each, unit, period) for each in node.objectives]
            self._parents[key] = self._parent(node.roll_up, children)
        return self._parents[key]

    def scorecard(self, unit: str, period: Period) -> Parent | None:
        """Roll up the whole; None where it is absent from the unit."""
        nodes = self.strategy.perspectives
        return self._parent(
            self.strategy.roll_up, (self._perspective_child(node, unit, period) for node in nodes)
        )

    def balance(self, unit: str, period: Period) -> tuple[float, float | None] | None:
        """Give balance of weight and of result; None below two perspectives.

        A perspective without any KPI has its weight and no score; one whose KPIs do not apply to the unit is absent, and a unit
        to which no KPI applies has no scorecard to balance.
        """
        weights: list[float] = []
        scores: list[float] = []
        is_scored = False
        for node in self.strategy.perspectives:
            child = self._perspective_child(node, unit, period)
            has_kpis = any(objective.kpis for objective in node.objectives)
            if child is not None or not has_kpis:
                weights.append(weight_on(node.weight, period.end))
            if child is not None:
                is_scored = True
                scores += [] if child.score is None else [child.score]
        if not is_scored or len(weights) < 2:
            return None
        return balance_of_weight(weights), balance_of_result(scores) if len(scores) > 1 else None


def _tolerance(points: Points, value: Value) -> float:
    """Give how far floating rounding may move a score: rounding of the actual and the points, over the least gap."""
    named = sorted({v for name, v in points.named.items() if not name.startswith("tolerance")})
    places = sorted({place for place, _ in points.pairs}) or named
    widths = [v for name, v in points.named.items() if name.startswith("tolerance")]
    gaps = [after - before for before, after in pairwise(places)] + widths
    biggest = max([abs(place) for place in places] + [abs(value.actual or 0.0), value.scale])
    least = min(gaps, default=max(abs(places[0]), 1e-300) if places else 1.0)
    return 1e-14 * 100 * (1 + biggest / least)
