"""What a published warehouse says in short, for the run and the command line: the headline, rows in no tree, reports of a KPI.

Not here: pages (reports).
"""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any, NamedTuple, TypedDict

import duckdb

from transforms.catalogue import catalogue
from transforms.engine import quoted
from transforms.standing import line_of

_SQL = Path(__file__).parent / "sql" / "summary"


class Headline(TypedDict):
    """The scorecard of the whole organisation in the last closed month."""

    period_start_date: date | None
    score: float | None
    band: str | None
    coverage: float | None


class ReportedOnce(NamedTuple):
    """A value of a KPI and its score as one run reported them, where either had been reported otherwise before, or not at all."""

    period_start_date: date
    reported_at: datetime
    release_id: str
    is_current_line: bool
    reasons: list[str] | None
    """Why they differ from what stood reported; None where an older version reported it."""
    actual: float | None
    is_withdrawn: bool
    """The value is."""
    score: float | None
    band: str | None
    target: float | None


class Standing(NamedTuple):
    """How a KPI stood reported at the end of a day, in one period."""

    period_start_date: date
    actual: float | None
    score: float | None
    band: str | None
    data_state: str | None
    target: float | None
    weight: float | None
    definition_id: str | None


class Unplaced(NamedTuple):
    """Rows of one measure whose unit is in no tree, while no catch-all unit takes them."""

    measure_id: str
    row_count: int
    month_count: int
    unit_ids: tuple[str, ...]
    """As the measure gave them, sorted; empty text where it gave none."""


class Warned(NamedTuple):
    """What `quality.warning` says of one KPI: the kind, the units and periods concerned, and one of the sentences."""

    kind: str
    kpi_id: str
    unit_ids: tuple[str, ...]
    """Sorted."""
    first_period_start_date: date
    last_period_start_date: date
    message: str
    """Of the first unit and the shortest grain."""


def headline(connection: duckdb.DuckDBPyConnection) -> Headline:
    """Read the headline; everything is None where no score could be given."""
    rows = connection.execute(_text("headline")).fetchall()
    period, score, band, coverage = rows[0] if rows else (None, None, None, None)
    return Headline(period_start_date=period, score=score, band=band, coverage=coverage)


def row_counts(connection: duckdb.DuckDBPyConnection) -> dict[str, int]:
    """Count the rows of every table of the catalogue."""
    return {
        name: int(connection.execute(f"select count(*) from {quoted(name)}").fetchall()[0][0])
        for name in catalogue()
    }


def unplaced(connection: duckdb.DuckDBPyConnection) -> list[Unplaced]:
    """List the measures that have rows whose unit is in no tree."""
    return [
        Unplaced(measure, rows, months, tuple(units))
        for measure, rows, months, units in connection.execute(_text("unplaced")).fetchall()
    ]


def warnings(connection: duckdb.DuckDBPyConnection) -> list[Warned]:
    """List what a reader should know of how numbers were made, in short: one entry for each kind and KPI."""
    return [
        Warned(kind, kpi, tuple(units), first, last, message)
        for kind, kpi, units, first, last, message in connection.execute(
            _text("warnings")
        ).fetchall()
    ]


def organisation(connection: duckdb.DuckDBPyConnection) -> str:
    """Name the unit that is the whole organisation."""
    rows = connection.execute(
        f"select organisation_id from {quoted('scorecard.dim_scorecard')}"
    ).fetchall()
    return str(rows[0][0])


def kpi_history(
    connection: duckdb.DuckDBPyConnection, kpi_id: str, *, unit_id: str, grain: str
) -> list[ReportedOnce]:
    """List what was reported of a KPI and when, newest period first.

    A run reports changes: what it did not report of value or score stands as with the nearest release that it builds on.
    """
    parameters = {"kpi_id": kpi_id, "unit_id": unit_id, "grain": grain}
    told = connection.execute(_text("kpi_history"), parameters).fetchall()
    values = {(run, period): value for run, period, *_, value, _ in told if value}
    scores = {(run, period): score for run, period, *_, score in told if score}
    bases = dict(connection.execute("select run_id, base_run_id from history.release").fetchall())
    found = []
    for run, period, reported_at, release_id, is_current, reasons, *_ in told:
        line = line_of(run, bases=bases)
        value = _nearest(values, period, line)
        score = _nearest(scores, period, line)
        found.append(
            ReportedOnce(
                period,
                reported_at,
                release_id,
                is_current,
                reasons,
                value.get("actual"),
                value.get("is_withdrawn", False),
                score.get("score"),
                score.get("band"),
                score.get("target"),
            )
        )
    return found


def _nearest(
    told: Mapping[tuple[str, date], dict[str, Any]], period: date, line: Iterable[str]
) -> dict[str, Any]:
    return next((told[run, period] for run in line if (run, period) in told), {})


def standing(
    connection: duckdb.DuckDBPyConnection, kpi_id: str, *, unit_id: str, grain: str, day: date
) -> list[Standing]:
    """List how a KPI stood reported at the end of a day (UTC), newest period first."""
    asked = {"kpi_id": kpi_id, "unit_id": unit_id, "grain": grain, "day": day}
    rows = connection.execute(_text("standing"), asked).fetchall()
    return [Standing._make(row) for row in rows]


def _text(name: str) -> str:
    return (_SQL / f"{name}.sql").read_text("utf-8")
