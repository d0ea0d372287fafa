"""The whole derivation of one score, read from the published warehouse: from the rows behind it to what it did to its parents.

Nothing is given that the warehouse does not show: of a value that is held back neither components, nor rows, nor answers.

Not here: what it is made of (explanation_parts), the words (pipelines), and how anything is computed (`sql/score/`).
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import duckdb

from scorecard.shape import did_you_mean
from transforms.derived import compile_expression
from transforms.engine import quoted
from transforms.explanation_parts import (
    Answer,
    Effect,
    Explanation,
    GivenTerm,
    Kpi,
    Load,
    Period,
    ReportedScore,
    ReportedValue,
    Row,
    Rows,
    Score,
    Sql,
    Sum,
    Term,
    Value,
    Warned,
)

SHOWN_ROWS = 5
"""Rows of a measure that are shown; the others are counted."""
SPANS = {"quarter": 3, "half": 6, "year": 12, "ytd": 12}
_SQL = Path(__file__).parent / "sql" / "explain"

Made = TypeVar("Made", bound=NamedTuple)


class ExplanationError(Exception):
    """What is asked for is not in the warehouse: what there is instead."""


def explain(
    connection: duckdb.DuckDBPyConnection,
    kpi_id: str,
    *,
    unit_id: str | None = None,
    period: str | None = None,
    grain: str = "month",
) -> Explanation:
    """Derive one score: of the organisation and the last closed period where none are named.

    `period` is a month, as `2026-09`, or a day; it names the period of `grain` that it lies in.

    Raises:
        ExplanationError: if there is no such KPI, unit or period, or the KPI does not apply to the unit.

    """
    asked = _Asked(connection, kpi_id, unit_id, grain)
    chosen = asked.period(period)
    score = _one(Score, asked.at("score", chosen))
    value_period = asked.value_period(chosen, score)
    value = _one(Value, asked.at("value", value_period))
    base = asked.base_period(value_period)
    held_back = value is not None and value.is_suppressed
    given = [GivenTerm._make(row) for row in asked.rows("term", "kpi_id")]
    upstream = asked.rows("upstream", measure_ids=[term.measure_id for term in given])
    tables = [name for name, _ in upstream]
    ((release_id, as_of, fiscal_start),) = connection.execute(
        "select release_id, as_of_date, coalesce((select month(min(period_start_date)) "
        "from scorecard.dim_period where grain = 'year'), 1) from scorecard.release"
    ).fetchall()
    order: dict[str, int] = dict(upstream)
    sql = [Sql._make(row) for row in asked.rows("definition_sql", tables=tables)]
    return Explanation(
        release_id=release_id,
        as_of=as_of,
        fiscal_start_month=fiscal_start,
        kpi=asked.kpi,
        unit_id=asked.unit_id,
        unit_name=asked.unit_name,
        period=chosen,
        value_period=value_period,
        base_period=base,
        value=value,
        score=score,
        terms=() if held_back else tuple(asked.term(each, value_period, base) for each in given),
        sql=tuple(sorted(sql, key=lambda each: (order[each.table], each.table))),
        loads=tuple(Load._make(row) for row in asked.rows("load", tables=tables)),
        effects=tuple(Effect._make(row) for row in asked.at("effect", chosen)),
        warnings=tuple(Warned._make(row) for row in asked.at("warning", value_period)),
        reported_values=tuple(
            ReportedValue._make(row) for row in asked.at("reported_value", value_period)
        ),
        reported_scores=tuple(
            ReportedScore._make(row) for row in asked.at("reported_score", chosen)
        ),
    )


class _Asked:
    """One question to the warehouse: its KPI and unit, which must be there."""

    def __init__(
        self,
        connection: duckdb.DuckDBPyConnection,
        kpi_id: str,
        unit_id: str | None,
        grain: str,
    ) -> None:
        self.connection = connection
        self.grain = grain
        self.kpi = self._kpi(kpi_id)
        self.organisation_id, self.unit_id, self.unit_name = self._unit(unit_id)

    def rows(self, name: str, *own: str, **given: Any) -> list[Row]:
        """Run a query with some of the question's own parameters, and others."""
        mine = {"kpi_id": self.kpi.kpi_id, "unit_id": self.unit_id, "grain": self.grain}
        text = (_SQL / f"{name}.sql").read_text("utf-8")
        return self.connection.execute(text, {key: mine[key] for key in own} | given).fetchall()

    def at(self, name: str, period: Period) -> list[Row]:
        """Run a query on the KPI and unit in a period."""
        return self.rows(
            name, "kpi_id", "unit_id", grain=period.grain, period_start_date=period.start
        )

    # --- what is asked for ----------------------------------------------------------------------------------------------

    def _kpi(self, kpi_id: str) -> Kpi:
        text = (_SQL / "kpi.sql").read_text("utf-8")
        found = self.connection.execute(text, {"kpi_id": kpi_id}).fetchall()
        if not found:
            known = self._ids("select kpi_id from scorecard.dim_kpi order by sort_order")
            raise ExplanationError(_unknown("KPI", kpi_id, known))
        return Kpi._make(found[0])

    def _unit(self, unit_id: str | None) -> tuple[str, str, str]:
        organisation, *_ = self._ids("select organisation_id from scorecard.dim_scorecard")
        names = dict(
            self.connection.execute(
                "select unit_id, unit_name from scorecard.dim_unit order by sort_order"
            ).fetchall()
        )
        unit = unit_id or organisation
        if unit not in names:
            raise ExplanationError(_unknown("unit", unit, names))
        applies = self._ids(
            "select unit_id from scorecard.kpi_unit where kpi_id = $kpi_id order by unit_id",
            kpi_id=self.kpi.kpi_id,
        )
        if unit not in applies:
            raise ExplanationError(
                f"The KPI {self.kpi.kpi_id} does not apply to {unit}. It does to: {', '.join(applies) or 'no unit'}."
            )
        return organisation, unit, names[unit]

    def period(self, text: str | None) -> Period:
        """Give the period that is asked for."""
        day = _day(text)
        found = self.rows("period", "grain", day=day)
        if not found:
            bounds = "select min(first_date), max(last_date), count(*) from scorecard.dim_period where grain = $grain"
            ((first, last, count),) = self.connection.execute(
                bounds, {"grain": self.grain}
            ).fetchall()
            there = f"from {first:%Y-%m} to {last:%Y-%m}" if count else "none"
            what = f"{self.grain} with {text} in it" if text else f"closed {self.grain}"
            raise ExplanationError(
                f"There is no {what} in this release. Periods by {self.grain}: {there}."
            )
        return Period._make(found[0])

    def value_period(self, chosen: Period, score: Score | None) -> Period:
        """Give the period that the actual is of: an earlier one where it is stale, or measured less often."""
        if score is None or score.value_start is None or score.value_grain is None:
            return chosen
        return self._known_period(score.value_grain, score.value_start) or chosen

    def base_period(self, period: Period) -> Period | None:
        """Give the period that a change or an index is taken against."""
        kpi = self.kpi
        if kpi.index_base_date is not None:
            return self._known_period(kpi.index_base_grain or "month", kpi.index_base_date)
        if kpi.change_against is None:
            return None
        own = SPANS.get(kpi.frequency, 1)
        months = 12 if kpi.change_against == "last_year" else max(SPANS.get(period.grain, 1), own)
        return self._known_period(period.grain, _months_before(period.start, months))

    def _known_period(self, grain: str, start: date) -> Period | None:
        found = self.connection.execute(
            "select grain, period_start_date, first_date, last_date, is_closed from scorecard.dim_period "
            "where grain = $grain and period_start_date = $start",
            {"grain": grain, "start": start},
        ).fetchall()
        return Period._make(found[0]) if found else None

    # --- what it is made of ---------------------------------------------------------------------------------------------

    def term(self, given: GivenTerm, period: Period, base: Period | None) -> Term:
        """Give what one term comes to in a period."""
        unit = self._whose(given.of_unit, period)
        added = self._sum(given, unit, period)
        former = self._sum(given, unit, base) if base else None
        return Term(
            term_id=given.term_id,
            measure_id=given.measure_id,
            aggregation=given.aggregation,
            component=given.component,
            of_unit=given.of_unit,
            unit_id=unit,
            sum=added,
            value=_value(added, given.component),
            base=_value(former, given.component) if former else None,
            rows=self._rows(given, unit, period),
            answers=self._answers(given, unit, period),
            is_manual=bool(given.is_manual),
            data_as_of=given.data_as_of,
            is_broken=bool(given.is_broken),
            error=given.error,
        )

    def _whose(self, of_unit: str, period: Period) -> str:
        if of_unit == "organisation":
            return self.organisation_id
        if of_unit == "unit":
            return self.unit_id
        above = self._ids(
            "select ancestor_unit_id from scorecard.unit_closure where unit_id = $unit_id "
            "and distance = 1 and $day between valid_from_date and valid_to_date",
            unit_id=self.unit_id,
            day=period.last,
        )
        return above[0] if above else self.organisation_id

    def _sum(self, given: GivenTerm, unit: str, period: Period) -> Sum:
        span = {"first_date": period.first, "last_date": period.last}
        if given.kind == "keys":
            return self._count(given, unit, span)
        (row,) = self.rows(
            "component",
            measure_id=given.measure_id,
            aggregation=given.aggregation,
            unit_id=unit,
            **span,
        )
        found = Sum._make(row)
        return Sum(None, None, None, is_held_back=True) if found.is_held_back else found

    def _count(self, given: GivenTerm, unit: str, span: Mapping[str, date]) -> Sum:
        table = self._table(given.measure_id)
        ((count, hidden),) = (
            self.connection.execute(
                f"select count(distinct given.key), count(*) filter (given.key is null) {table} {_BELOW}",
                {"unit_id": unit, **span},
            ).fetchall()
            if table
            else [(None, 0)]
        )
        if hidden or count is None:
            return Sum(None, None, None, is_held_back=bool(hidden))
        return Sum(Decimal(count), Decimal(1), count, is_held_back=False)

    def _rows(self, given: GivenTerm, unit: str, period: Period) -> Rows:
        """Give rows of the measure as they are published, the largest first."""
        table = self._table(given.measure_id)
        if not table:
            return Rows(0, (), ())
        span = {"unit_id": unit, "first_date": period.first, "last_date": period.last}
        ((count,),) = self.connection.execute(f"select count(*) {table} {_BELOW}", span).fetchall()
        size = "abs(given.numerator) desc nulls last, " if given.kind in _SIZED else ""
        shown = self.connection.execute(
            f"select given.* {table} {_BELOW} order by {size}given limit {SHOWN_ROWS}", span
        )
        columns = tuple(str(column[0]) for column in shown.description or ())
        return Rows(count, columns, tuple(shown.fetchall()))

    def _answers(self, given: GivenTerm, unit: str, period: Period) -> tuple[Answer, ...]:
        if given.kind != "answers":
            return ()
        found = [
            Answer._make(row)
            for row in self.rows(
                "answer",
                measure_id=given.measure_id,
                unit_id=unit,
                first_date=period.first,
                last_date=period.last,
            )
        ]
        return () if any(each.is_held_back for each in found) else tuple(found)

    def _table(self, measure_id: str) -> str:
        """Give a measure's table for a from clause; nothing where it has none, since its SQL failed."""
        there = self._ids(
            "select table_name from duckdb_tables() where schema_name = 'measure' "
            "and database_name = current_database() and table_name = $measure_id",
            measure_id=measure_id,
        )
        return f"from {quoted(f'measure.{measure_id}')} as given" if there else ""

    def _ids(self, query: str, **given: Any) -> list[str]:
        return [row[0] for row in self.connection.execute(query, given).fetchall()]


_SIZED = ("amounts", "components")
_BELOW = (
    "inner join scorecard.unit_closure as closure on given.unit_id = closure.unit_id "
    "and last_day(given.period_start_date) between closure.valid_from_date and closure.valid_to_date "
    "where closure.ancestor_unit_id = $unit_id "
    "and given.period_start_date between $first_date and $last_date"
)


def evaluate(expression: str, terms: Iterable[Term]) -> float | None:
    """Compute a derived KPI's expression from its terms, as the warehouse does; None where it has no value."""
    values = {term.term_id: term.value for term in terms}
    columns = ", ".join(f"${name}::double as {quoted(name)}" for name in values)
    with duckdb.connect() as connection:
        found = connection.execute(
            f"select {compile_expression(expression).value} from (select {columns})", values
        ).fetchall()
    return found[0][0] if found else None


def _value(added: Sum, component: str) -> float | None:
    if component == "denominator":
        return _plain(added.denominator)
    if component == "numerator":
        return _plain(added.numerator)
    if added.numerator is None or not added.denominator:
        return None
    return float(added.numerator) / float(added.denominator)


def _plain(number: Decimal | None) -> float | None:
    return None if number is None else float(number)


def _one(kind: type[Made], rows: Sequence[Row]) -> Made | None:
    return kind._make(rows[0]) if rows else None


def _day(text: str | None) -> date | None:
    if text is None:
        return None
    try:
        return date.fromisoformat(f"{text}-01" if len(text) == len("2026-09") else text)
    except ValueError as error:
        raise ExplanationError(
            f"'{text}' is no period: give a month such as 2026-09, or a day."
        ) from error


def _months_before(day: date, months: int) -> date:
    count = day.year * 12 + day.month - 1 - months
    return date(count // 12, count % 12 + 1, 1)


def _unknown(what: str, name: str, known: Iterable[str]) -> str:
    names = list(known)
    hint = did_you_mean(name, names)
    return f"There is no {what} {name}. {hint or 'There are: ' + ', '.join(names) + '.'}"
