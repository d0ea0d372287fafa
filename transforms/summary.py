"""What a published warehouse says in short, for the run and the command line: the headline, rows in no tree, reports of a KPI.

Not here: pages (reports).
"""

from datetime import date, datetime
from pathlib import Path
from typing import NamedTuple, TypedDict

import duckdb

from transforms.catalogue import catalogue
from transforms.engine import quoted

_SQL = Path(__file__).parent / "sql" / "summary"


class Headline(TypedDict):
    """The scorecard of the whole organisation in the last closed month."""

    period_start_date: date | None
    score: float | None
    band: str | None
    coverage: float | None


class ReportedOnce(NamedTuple):
    """A value of a KPI as one run reported it, where it had been reported otherwise before, or not at all."""

    period_start_date: date
    reported_at: datetime
    release_id: str
    actual: float | None
    is_withdrawn: bool
    is_current_line: bool
    reasons: list[str] | None
    """Why it differs from what stood reported; None where an older version reported it."""


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


def kpi_history(
    connection: duckdb.DuckDBPyConnection, kpi_id: str, *, unit_id: str | None, grain: str
) -> list[ReportedOnce]:
    """List what was reported of a KPI and when, newest period first; the organisation where no unit is given."""
    parameters = {"kpi_id": kpi_id, "unit_id": unit_id, "grain": grain}
    return [
        ReportedOnce(*row)
        for row in connection.execute(_text("kpi_history"), parameters).fetchall()
    ]


def _text(name: str) -> str:
    return (_SQL / f"{name}.sql").read_text("utf-8")
