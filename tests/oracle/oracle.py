"""The scoring method once more, in plain Python, to hold the warehouse's SQL against: clear and slow.

Written from the method's text, never from the SQL. Here: from rows of measures to scores, bands, states and balance.
Not here: how rows are drawn (strategies), and how the two are compared (test_agreement).
"""

import ast
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from functools import cache
from itertools import pairwise

from scorecard.company import Company
from scorecard.plans import Target
from scorecard.strategy import Kpi, Objective, Perspective, Strategy, Term, Weight

GRAINS = ("month", "quarter", "half", "year", "ytd", "ttm")
LENGTH = {"month": 1, "quarter": 3, "half": 6, "year": 12}
ROLLING = ("ytd", "ttm")
AMOUNTS = ("sum", "mean", "distinct")
QUOTIENTS = ("ratio", "score")
RED, ON_TARGET = 100 / 3, 200 / 3
"""33.33 and 66.67: a third and two thirds of the way."""
WIDEST_LIMITS = 2.66
BASELINE = 12


# ---------------------------------------------------------------------------------------------------------------- months
# A month is a number: twelve times its year plus its month, from 0.


def month_of(day: date) -> int:
    """Give the number of a day's month."""
    return day.year * 12 + day.month - 1


def first_day(month: int) -> date:
    """Give a month's first day."""
    return date(month // 12, month % 12 + 1, 1)


def last_day(month: int) -> date:
    """Give a month's last day."""
    return first_day(month + 1) - timedelta(days=1)


@dataclass(frozen=True)
class Period:
    """Consecutive months under the name of a grain; `months` are never empty."""

    grain: str
    months: tuple[int, ...]

    @property
    def key(self) -> date:
        """Give the date that the warehouse names it by: of rolling periods the last month's first day."""
        return first_day(self.months[-1] if self.grain in ROLLING else self.months[0])

    @property
    def end(self) -> date:
        """Give its last day."""
        return last_day(self.months[-1])


@dataclass(frozen=True)
class Calendar:
    """Fiscal periods."""

    start_month: int

    def _within_year(self, month: int) -> int:
        return (month - (self.start_month - 1)) % 12

    def period(self, grain: str, month: int) -> Period:
        """Give the period of a grain that a month lies in, or, of a rolling one, that it ends."""
        if grain == "ytd":
            return Period(grain, tuple(range(month - self._within_year(month), month + 1)))
        if grain == "ttm":
            return Period(grain, tuple(range(month - 11, month + 1)))
        length = LENGTH[grain]
        first = month - self._within_year(month) % length
        return Period(grain, tuple(range(first, first + length)))

    def ends(self, grain: str, month: int) -> bool:
        """Tell whether a period of a fixed length ends with a month."""
        return self.period(grain, month).months[-1] == month

    def back(self, period: Period, *, months: int) -> Period:
        """Give the period of the same grain whose last month lies so many months before."""
        return self.period(period.grain, period.months[-1] - months)

    def previous(self, period: Period, *, frequency: str) -> Period:
        """Give the period before: of a year to date the one a year ago, of a trailing year the one that ends one step earlier."""
        if period.grain == "ytd":
            return self.back(period, months=12)
        if period.grain == "ttm":
            return self.back(period, months=LENGTH[frequency])
        return self.back(period, months=LENGTH[period.grain])


# ----------------------------------------------------------------------------------------------------------------- rows


@dataclass(frozen=True)
class Row:
    """One row of a measure; what its kind does not have is None."""

    unit: str
    month: date
    numerator: Decimal | None = None
    denominator: Decimal | None = None
    observations: int | None = None
    key: str | None = None
    answer: Decimal | None = None


@dataclass(frozen=True)
class Measured:
    """A measure with its rows: kind `amounts`, `components`, `keys` or `answers`."""

    kind: str
    rows: tuple[Row, ...]
    data_as_of: date | None
    is_broken: bool = False
    unplaced: frozenset[tuple[str, date]] = frozenset()
    """Units that are in no tree, and the months of their rows."""

    @property
    def first_month(self) -> int | None:
        """Give the first month with rows, also of units that are in no tree."""
        days = [row.month for row in self.rows] + [month for _, month in self.unplaced]
        return min((month_of(day) for day in days), default=None)


@dataclass(frozen=True)
class Organisation:
    """The units of all trees, by date."""

    root: str
    nested: Mapping[str, str | None]
    tree_of: Mapping[str, str | None]
    moves: Mapping[str, tuple[tuple[date, str], ...]]

    @classmethod
    def of(cls, company: Company) -> "Organisation":
        """Read it from the company's model."""
        units = list(company.units())
        moves: dict[str, list[tuple[date, str]]] = {}
        for tree in company.trees:
            for move in tree.moves:
                moves.setdefault(move.unit, []).append((move.valid_from, move.parent))
        return cls(
            root=company.organisation.id,
            nested={unit.id: parent for _, unit, parent, _ in units},
            tree_of={unit.id: tree.id if tree else None for tree, unit, _, _ in units},
            moves={unit: tuple(sorted(found)) for unit, found in moves.items()},
        )

    def parent(self, unit: str, day: date) -> str | None:
        """Give the unit above on a day."""
        parent = self.nested[unit]
        for valid_from, other in self.moves.get(unit, ()):
            if valid_from <= day:
                parent = other
        return parent

    def upwards(self, unit: str, day: date) -> list[str]:
        """Give the unit and all above it on a day, nearest first."""
        found = [unit]
        while (parent := self.parent(found[-1], day)) is not None:
            found.append(parent)
        return found


# --------------------------------------------------------------------------------------------------------------- values


@dataclass(frozen=True)
class Components:
    """Numerator, denominator and observations, exact."""

    numerator: Fraction
    denominator: Fraction
    observations: int | None = None

    @property
    def quotient(self) -> Fraction | None:
        """Give numerator / denominator; None for a zero denominator."""
        return self.numerator / self.denominator if self.denominator else None


@dataclass(frozen=True)
class Value:
    """What was measured at a unit and period."""

    actual: float | None
    is_provisional: bool
    components: Components | None = None
    scale: float = 0.0
    """The largest number that went into a difference: what floating rounding is relative to."""


@dataclass(frozen=True)
class Scored:
    """How a KPI stands at a unit and period."""

    actual: float | None
    value: Period
    points: "Points | None"
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


# ---------------------------------------------------------------------------------------------------------------- rules


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


# -------------------------------------------------------------------------------------------------------------- roll-up


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


def usual_range(values: Sequence[float]) -> tuple[float, float, float]:
    """Give lower limit, mean and upper limit of an XmR chart over its baseline."""
    mean = math.fsum(values) / len(values)
    ranges = [abs(after - before) for before, after in pairwise(values)]
    width = WIDEST_LIMITS * math.fsum(ranges) / len(ranges)
    return mean - width, mean, mean + width


# ----------------------------------------------------------------------------------------------------------- the oracle


def _answered(survey: str | None, answer: Fraction) -> Fraction:
    """Give what one answer adds to the numerator."""
    if survey in ("nps", "enps"):
        return Fraction(int(answer >= 9) - int(answer <= 6))
    if survey == "csat":
        return Fraction(int(answer >= 4))
    return answer


def evaluate(expression: str, values: Mapping[str, float]) -> float | None:
    """Compute an expression of names and numbers; None for a zero divisor."""
    try:
        found = _evaluate(ast.parse(expression.strip(), mode="eval").body, values)
    except (ZeroDivisionError, OverflowError):
        return None
    return found if math.isfinite(found) else None


def _evaluate(node: ast.AST, values: Mapping[str, float]) -> float:
    match node:
        case ast.Constant(value=int(number) | float(number)):
            return float(number)
        case ast.Name(id=name):
            return values[name]
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return -_evaluate(operand, values)
        case ast.UnaryOp(op=ast.UAdd(), operand=operand):
            return _evaluate(operand, values)
        case ast.BinOp(left=left, op=operator, right=right):
            return _operate(operator, _evaluate(left, values), _evaluate(right, values))
    raise ValueError(ast.dump(node))


def _operate(operator: ast.operator, left: float, right: float) -> float:
    match operator:
        case ast.Add():
            return left + right
        case ast.Sub():
            return left - right
        case ast.Mult():
            return left * right
        case ast.Div():
            return left / right
    raise ValueError(ast.dump(operator))


class Oracle:
    """Answers what the warehouse should hold. Its methods take a KPI, a unit and a period."""

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
        self.organisation = Organisation.of(company)
        self.calendar = Calendar(company.fiscal_year_start_month)
        self.targets = targets
        self.measures = measures
        self.as_of = as_of
        self.headline = month_of(as_of) - 1
        self.kpis = {kpi.id: kpi for _, _, kpi in strategy.kpis()}
        # Slow as it is, nothing is asked of it twice.
        self.value = cache(self._value)
        self.scored = cache(self._scored)
        self.points = cache(self._points)
        self.term_value = cache(self._term_value)
        self.above = cache(self.organisation.upwards)
        self.rows_of_month = cache(self._rows_of_month)
        self.applies = cache(self._applies)
        self._parents: dict[tuple[str, str, Period], Parent | None] = {}

    # periods

    def periods(self) -> list[Period]:
        """Give every period of every grain, from the first month with rows to the one of the business date."""
        months = [measure.first_month for measure in self.measures.values()]
        begins = [month for month in months if month is not None and first_day(month) < self.as_of]
        last = month_of(self.as_of - timedelta(days=1))
        span = range(min(begins, default=month_of(self.as_of) - 1), last + 1)
        found = {self.calendar.period(grain, month) for grain in GRAINS for month in span}
        return sorted(found, key=lambda period: (GRAINS.index(period.grain), period.months))

    def is_closed(self, period: Period) -> bool:
        """Tell whether it ended before the business date."""
        return period.end < self.as_of

    # months of a unit

    def _rows_of_month(self, measure: str, month: int) -> list[Row]:
        return [row for row in self.measures[measure].rows if month_of(row.month) == month]

    def _is_zero(self, kpi: Kpi, term: Term, unit: str, month: int) -> bool:
        """Tell whether a month without rows is zero: from the measure's first month to the day that the data reach.

        What is not over yet is not known, whatever the data say that they reach.
        """
        measured = self.measures[term.measure]
        first, reached = measured.first_month, measured.data_as_of
        applies = unit in self.applies(kpi.id) or term.of != "unit"
        if term.empty != "zero" or first is None or reached is None or not applies:
            return False
        yesterday = self.as_of - timedelta(days=1)
        return first <= month and first_day(month) <= min(reached, yesterday)

    def _total(self, kpi: Kpi, term: Term, rows: Sequence[Row]) -> Components:
        kind = self.measures[term.measure].kind
        if kind == "answers":
            return self._answers(kpi, rows)
        given = [row.observations for row in rows if row.observations is not None]
        observations = sum(given) if given else None
        numerator = sum((Fraction(row.numerator or 0) for row in rows), Fraction(0))
        if kind == "amounts":
            return Components(numerator, Fraction(1), observations)
        denominator = sum((Fraction(row.denominator or 0) for row in rows), Fraction(0))
        return Components(numerator, denominator, observations)

    def _answers(self, kpi: Kpi, rows: Sequence[Row]) -> Components:
        counts = [(Fraction(row.answer or 0), row.observations or 1) for row in rows]
        total = sum(count for _, count in counts)
        added = sum(
            (_answered(kpi.survey, answer) * count for answer, count in counts), Fraction(0)
        )
        return Components(added, Fraction(total), total)

    # values of terms

    def _steps(self, kpi: Kpi, period: Period) -> list[tuple[int, ...]]:
        """Cut a period into the KPI's own periods: months, quarters, halves or years."""
        length = LENGTH[kpi.frequency]
        months = period.months
        return [months[start : start + length] for start in range(0, len(months), length)]

    def measured_at(self, kpi: Kpi, period: Period) -> bool:
        """Tell whether a KPI has values at a period: none at shorter ones than its own, or that end within one."""
        if period.grain in ROLLING:
            return self.calendar.ends(kpi.frequency, period.months[-1])
        return LENGTH[period.grain] >= LENGTH[kpi.frequency]

    def _step_rows(self, term: Term, unit: str, step: Sequence[int]) -> list[Row]:
        """Give the rows of one of the KPI's own periods; a level that is read once in it stands where its unit does at its end."""
        at_end = term.aggregation in ("last", "mean") and len(step) > 1
        days = {month: last_day(step[-1] if at_end else month) for month in step}
        return [
            row
            for month in step
            for row in self.rows_of_month(term.measure, month)
            if unit in self.above(row.unit, days[month])
        ]

    def _is_present(self, kpi: Kpi, term: Term, unit: str, step: Sequence[int]) -> bool:
        has_rows = bool(self._step_rows(term, unit, step))
        return has_rows or any(self._is_zero(kpi, term, unit, month) for month in step)

    def _first_month(self, kpi: Kpi, term: Term, unit: str) -> int | None:
        """Give the unit's first month with rows; the measure's, where empty months are zero."""
        first = self.measures[term.measure].first_month
        if first is None or self._is_zero(kpi, term, unit, first):
            return first
        months = range(first, month_of(self.as_of) + 1)
        return next((month for month in months if self._step_rows(term, unit, [month])), None)

    def _is_younger(self, kpi: Kpi, first: int | None, period: Period) -> bool:
        """Tell whether something began within a period, after its first step."""
        steps = self._steps(kpi, period)
        return first is None or first > steps[0][-1]

    def _term_value(self, kpi_id: str, name: str, unit: str, period: Period) -> Value | None:
        """Give a term's value; None where there is no row at all."""
        kpi = self.kpis[kpi_id]
        term = kpi.terms()[name]
        measured = self.measures[term.measure]
        steps = self._steps(kpi, period)
        present = [step for step in steps if self._is_present(kpi, term, unit, step)]
        if not present or (period.grain == "ttm" and self._is_young(kpi, term, unit, period)):
            return None
        components = self._components(kpi, term, unit, present)
        missing = term.aggregation in ("sum", "mean") and present != steps
        if term.aggregation == "last":
            missing = present[-1] != steps[-1]
        is_reached = measured.data_as_of is not None and measured.data_as_of >= period.end
        is_provisional = (
            not self.is_closed(period)
            or not is_reached
            or missing
            or (term.aggregation != "last" and self._began_within(kpi, term, unit, period))
        )
        return Value(_number(components.quotient), is_provisional, components)

    def _began_within(self, kpi: Kpi, term: Term, unit: str, period: Period) -> bool:
        if self._is_younger(kpi, self.measures[term.measure].first_month, period):
            return True
        counts = term.aggregation in AMOUNTS
        return counts and self._is_younger(kpi, self._first_month(kpi, term, unit), period)

    def _is_young(self, kpi: Kpi, term: Term, unit: str, period: Period) -> bool:
        return self._began_within(kpi, term, unit, period)

    def _components(
        self, kpi: Kpi, term: Term, unit: str, present: Sequence[Sequence[int]]
    ) -> Components:
        totals = [self._total(kpi, term, self._step_rows(term, unit, step)) for step in present]
        match term.aggregation:
            case "last":
                return totals[-1]
            case "mean":
                amounts = sum((total.numerator for total in totals), Fraction(0))
                return replace(
                    _added(totals), numerator=amounts / len(totals), denominator=Fraction(1)
                )
            case "distinct":
                rows = [row for step in present for row in self._step_rows(term, unit, step)]
                return Components(Fraction(len({row.key for row in rows})), Fraction(1))
            case "sum":
                return replace(_added(totals), denominator=Fraction(1))
        return _added(totals)

    # values of KPIs

    def _whose(self, term: Term, unit: str, period: Period) -> str:
        if term.of == "organisation":
            return self.organisation.root
        if term.of == "parent":  # nothing stands above the whole: it is its own measure
            return self.organisation.parent(unit, period.end) or unit
        return unit

    def plain_value(self, kpi: Kpi, unit: str, period: Period) -> Value | None:
        """Give a KPI's value before it is made a change or an index; None where there is no row."""
        if kpi.derived is None:
            return self.term_value(kpi.id, "value", unit, period)
        found: dict[str, Value] = {}
        for name, term in kpi.terms().items():
            value = self.term_value(kpi.id, name, self._whose(term, unit, period), period)
            if value is None:
                return None
            found[name] = value
        return self._derived(kpi, found)

    def _derived(self, kpi: Kpi, found: Mapping[str, Value]) -> Value:
        is_provisional = any(value.is_provisional for value in found.values())
        numbers = {name: _part(value, kpi.terms()[name].component) for name, value in found.items()}
        known = {name: number for name, number in numbers.items() if number is not None}
        if len(known) < len(numbers) or kpi.derived is None:
            return Value(None, is_provisional)
        scale = max(abs(number) for number in known.values())
        return Value(evaluate(kpi.derived.expression, known), is_provisional, scale=scale)

    def _value(self, kpi_id: str, unit: str, period: Period) -> Value | None:
        kpi = self.kpis[kpi_id]
        if not self.measured_at(kpi, period):
            return None
        value = self.plain_value(kpi, unit, period)
        if value is None or not (kpi.change or kpi.index):
            return value
        return self._changed(kpi, unit, period) if kpi.change else self._indexed(kpi, unit, period)

    def _changed(self, kpi: Kpi, unit: str, period: Period) -> Value:
        assert kpi.change is not None
        value = self.plain_value(kpi, unit, period)
        before = (
            self.calendar.previous(period, frequency=kpi.frequency)
            if kpi.change.against == "previous"
            else self.calendar.back(period, months=12)
        )
        base = self.plain_value(kpi, unit, before)
        assert value is not None
        if base is None or base.actual is None or value.actual is None:
            return Value(None, value.is_provisional or base is None or base.is_provisional)
        difference = value.actual - base.actual
        is_provisional = value.is_provisional or base.is_provisional
        scale = max(abs(value.actual), abs(base.actual))
        if kpi.change.form == "absolute":
            return Value(difference, is_provisional, scale=scale)
        if base.actual == 0:
            return Value(None, is_provisional)
        return Value(difference / abs(base.actual), is_provisional, scale=scale / abs(base.actual))

    def _indexed(self, kpi: Kpi, unit: str, period: Period) -> Value:
        assert kpi.index is not None
        value = self.plain_value(kpi, unit, period)
        base_period = self.calendar.period(kpi.index.per, month_of(kpi.index.base))
        base = self.plain_value(kpi, unit, base_period)
        assert value is not None
        if base is None or base.actual is None or base.actual <= 0 or value.actual is None:
            return Value(None, value.is_provisional or base is None or base.is_provisional)
        per_month = all(term.aggregation == "sum" for term in kpi.terms().values())
        now = value.actual / len(period.months) if per_month else value.actual
        then = base.actual / len(base_period.months) if per_month else base.actual
        return Value(100 * now / then, value.is_provisional or base.is_provisional)

    # units

    def level(self, unit: str) -> int:
        """Give a unit's level as company.yaml is written: a unit does not gain or lose KPIs by moving."""
        above = self.organisation.nested[unit]
        return 0 if above is None else self.level(above) + 1

    def _applies(self, kpi_id: str) -> tuple[str, ...]:
        kpi = self.kpis[kpi_id]
        tree_of = self.organisation.tree_of
        root = self.organisation.root
        if kpi.applies_to:
            trees = set(tree_of.values()) & set(kpi.applies_to)
            return tuple(
                unit
                for unit, tree in tree_of.items()
                if unit in kpi.applies_to or tree in trees or (unit == root and trees)
            )
        terms = [term for term in kpi.terms().values() if term.of != "organisation"]
        depths = [self._depths(term) for term in terms]
        return tuple(
            unit
            for unit, tree in tree_of.items()
            if unit == root
            or (depths and all(self.level(unit) <= depth.get(tree, 0) for depth in depths))
        )

    def _depths(self, term: Term) -> dict[str | None, int]:
        """Give the lowest level that has rows, by tree; a share of the unit above reaches one level further down."""
        depths: dict[str | None, int] = {}
        for row in self.measures[term.measure].rows:
            tree = self.organisation.tree_of[row.unit]
            if tree is not None:
                level = self.level(row.unit) + (term.of == "parent")
                depths[tree] = max(depths.get(tree, 0), level)
        return depths

    # points

    def _newest(self, kpi_id: str, unit: str, per: str, day: date) -> Target | None:
        rows = [
            row
            for row in self.targets
            if (row.kpi, row.unit, row.per) == (kpi_id, unit, per) and row.valid_from <= day
        ]
        return max(rows, key=lambda row: row.valid_from, default=None)

    def _points(self, kpi_id: str, unit: str, period: Period) -> Points | None:
        kpi = self.kpis[kpi_id]
        units = self.organisation.upwards(unit, period.end) if kpi.is_intensive else [unit]
        for each in units:
            found = self._own_points(kpi, each, period)
            if found is not None:
                return _as_floats(found)
        return None

    def _own_points(self, kpi: Kpi, unit: str, period: Period) -> "_Exact | None":
        if kpi.is_additive:
            return self._added_points(kpi, unit, period)
        for per in _lengths_tried(kpi, period.grain):
            row = self._newest(kpi.id, unit, per, period.end)
            if row is not None:
                return _exact(row)
        return None

    def _added_points(self, kpi: Kpi, unit: str, period: Period) -> "_Exact | None":
        if period.grain in ("quarter", "half", "year"):
            row = self._newest(kpi.id, unit, period.grain, period.end)
            if row is not None:
                return _exact(row)
        months = [self._month_points(kpi, unit, month) for month in period.months]
        found = [points for points in months if points is not None]
        return _sum_points(found) if len(found) == len(months) else None

    def _month_points(self, kpi: Kpi, unit: str, month: int) -> "_Exact | None":
        for per in LENGTH:
            row = self._newest(kpi.id, unit, per, last_day(month))
            if row is not None:
                return _times(_exact(row), self._share(kpi, unit, per=per, month=month))
        return None

    def _share(self, kpi: Kpi, unit: str, *, per: str, month: int) -> Fraction:
        """Give a month's share of the points of the longer period that it lies in."""
        months = self.calendar.period(per, month).months
        even = Fraction(1, len(months))
        if kpi.phasing == "even" or per == "month":
            return even
        amounts = self.last_year(kpi, unit, months)
        return even if amounts is None else amounts[month] / sum(amounts.values())

    def last_year(self, kpi: Kpi, unit: str, months: Sequence[int]) -> dict[int, Fraction] | None:
        """Give each month's amount a year before; None where one is not whole, or not positive."""
        amounts: dict[int, Fraction] = {}
        for month in months:
            own = self.calendar.period(kpi.frequency, month - 12)
            value = self._whole(kpi, unit, own)
            if value is None or value.actual is None or value.actual <= 0:
                return None
            exact = value.components.quotient if value.components else Fraction(value.actual)
            amounts[month] = (exact or Fraction(0)) / len(own.months)
        return amounts

    # scores of KPIs

    def _shown(self, kpi: Kpi, period: Period) -> Period:
        """Give the period whose value a row shows: its own, or the KPI's last one that was closed at its end."""
        if self.measured_at(kpi, period):
            return period
        last = period.months[-1]
        while not self.calendar.ends(kpi.frequency, last):
            last -= 1
        grain = period.grain if period.grain in ROLLING else kpi.frequency
        return self.calendar.period(grain, last)

    def _whole(self, kpi: Kpi, unit: str, period: Period) -> Value | None:
        """Give a value that may be scored: of a period that is over, and whose rows all have their place."""
        value = self.value(kpi.id, unit, period)
        if value is None or value.is_provisional or self._has_unplaced(kpi, period):
            return None
        return None if value.actual is None else value

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
            earlier = self.calendar.back(period, months=age * step)
            value = self._whole(kpi, unit, earlier)
            if value is not None:
                return earlier, value
        return None

    def _has_unplaced(self, kpi: Kpi, period: Period) -> bool:
        return any(
            month_of(month) in period.months
            for term in kpi.terms().values()
            for _, month in self.measures[term.measure].unplaced
        )

    def _scored(self, kpi_id: str, unit: str, period: Period) -> Scored:
        kpi = self.kpis[kpi_id]
        shown = self._shown(kpi, period)
        nothing = Scored(None, shown, None, None, None, "no_data")
        if self._has_unplaced(kpi, shown):
            return replace(nothing, state="unverified")
        value = self._whole(kpi, unit, shown)
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
        points = self.points(kpi.id, unit, period)
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
        if unit not in self.applies(kpi.id):
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


# -------------------------------------------------------------------------------------------------------- points, exact


@dataclass(frozen=True)
class _Exact:
    """Points before they become doubles."""

    named: Mapping[str, Fraction]
    pairs: tuple[tuple[Fraction, Fraction], ...]


NAMED = (
    "red", "target", "worst", "best", "min", "max", "baseline", "basis", "low", "high",
    "tolerance_below", "tolerance_above",
)  # fmt: skip


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


def _added(totals: Sequence[Components]) -> Components:
    given = [total.observations for total in totals if total.observations is not None]
    return Components(
        sum((total.numerator for total in totals), Fraction(0)),
        sum((total.denominator for total in totals), Fraction(0)),
        sum(given) if given else None,
    )


def _part(value: Value, component: str) -> float | None:
    if component == "value" or value.components is None:
        return value.actual
    return _number(getattr(value.components, component))


def _number(value: Fraction | None) -> float | None:
    return None if value is None else float(value)


def _tolerance(points: Points, value: Value) -> float:
    """Give how far floating rounding may move a score: rounding of the actual and the points, over the least gap."""
    named = sorted({v for name, v in points.named.items() if not name.startswith("tolerance")})
    places = sorted({place for place, _ in points.pairs}) or named
    widths = [v for name, v in points.named.items() if name.startswith("tolerance")]
    gaps = [after - before for before, after in pairwise(places)] + widths
    biggest = max([abs(place) for place in places] + [abs(value.actual or 0.0), value.scale])
    least = min(gaps, default=max(abs(places[0]), 1e-300) if places else 1.0)
    return 1e-14 * 100 * (1 + biggest / least)
