"""From rows of measures to the value of every KPI, unit and period, once more: exact, clear and slow.

Not here: which values count, and what they score (oracle).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from fractions import Fraction
from functools import cache

from scorecard.company import Company
from scorecard.strategy import Kpi, Strategy, Term
from tests.oracle.expression import evaluate
from tests.oracle.measured import Measured, Organisation, Row
from tests.oracle.periods import LENGTH, ROLLING, Calendar, Period, first_day, last_day, month_of

AMOUNTS = ("sum", "mean", "distinct")


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


class Values:
    """Answers what is measured, by KPI, unit and period."""

    def __init__(
        self,
        strategy: Strategy,
        *,
        company: Company,
        measures: Mapping[str, Measured],
        as_of: date,
    ) -> None:
        """Take the strategy, the organisation, the rows and the business date."""
        self.organisation = Organisation.of(company)
        self.calendar = Calendar(company.fiscal_year_start_month)
        self.measures = measures
        self.as_of = as_of
        self.kpis = {kpi.id: kpi for _, _, kpi in strategy.kpis()}
        # Slow as it is, nothing is asked of it twice.
        self.value = cache(self._value)
        self.term_value = cache(self._term_value)
        self.above = cache(self.organisation.upwards)
        self.rows_of_month = cache(self._rows_of_month)
        self.applies = cache(self._applies)

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
        if not present or (period.grain == "ttm" and self._began_within(kpi, term, unit, period)):
            return None
        components = self._components(kpi, term, unit, present)
        missing = term.aggregation in ("sum", "mean") and present != steps
        if term.aggregation == "last":
            missing = present[-1] != steps[-1]
        is_reached = measured.data_as_of is not None and measured.data_as_of >= period.end
        is_provisional = (
            period.end >= self.as_of
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

    def whole(self, kpi: Kpi, unit: str, period: Period) -> Value | None:
        """Give a value that may be scored: of a period that is over, and whose rows all have their place."""
        value = self.value(kpi.id, unit, period)
        if value is None or value.is_provisional or self.has_unplaced(kpi, period):
            return None
        return None if value.actual is None else value

    def has_unplaced(self, kpi: Kpi, period: Period) -> bool:
        """Tell whether a period has rows whose unit is in no tree."""
        return any(
            month_of(month) in period.months
            for term in kpi.terms().values()
            for _, month in self.measures[term.measure].unplaced
        )

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


def _answered(survey: str | None, answer: Fraction) -> Fraction:
    """Give what one answer adds to the numerator."""
    if survey in ("nps", "enps"):
        return Fraction(int(answer >= 9) - int(answer <= 6))
    if survey == "csat":
        return Fraction(int(answer >= 4))
    return answer


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
