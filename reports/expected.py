"""What the site of a release must have: the address of every page and of every file beside them, from the warehouse alone.

It is worked out from the tables by itself, not by asking what builds the site, so that a page nobody makes is missed.

Not here: whether what is there is sound (audit).
"""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb
from duckdb import ColumnExpression, DuckDBPyConnection, FunctionExpression

from reports.edition import UNIT_MONTHS
from reports.periods import add_months, fiscal_year, months_between, ordinal
from reports.warehouse.drill import quoted
from reports.warehouse.reading import equals

ONE_PAGE = (
    "index",
    "strategy-map",
    "heat-map",
    "initiatives",
    "quality",
    "dictionary",
    "glossary",
    "method",
    "releases",
    "components",
)
"""Pages of which every release has one."""
WITH_DATA = ("initiatives", "strategy-map", "heat-map", "quality", "dictionary", "releases")
"""Those of them that have data of their own; that of the front page is called scorecard."""
TAKEN_AWAY = (
    "board-pack.pdf",
    "scorecard.xlsx",
    "data/schema.json",
    "search-index.js",
    "print.css",
    "print-past.css",
)
"""Files of which every release has one: to take away, to search by, and what every page prints."""
QUARTER_MONTHS = 3


@dataclass(frozen=True)
class Expected:
    """What a site must have, by address."""

    pages: tuple[str, ...]
    files: tuple[str, ...]


def expected(warehouse: Path) -> Expected:
    """Return the pages and files that the site of a release must have."""
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        nodes = _nodes(connection)
        kpis = [f"kpis/{kpi}" for (kpi,) in _column(connection, "dim_kpi", "kpi_id")]
        past = [*_past(connection), *_longer(connection)]
        pages = [*ONE_PAGE, *nodes, *kpis, *_kpis_of_units(connection), *past]
        data = ["scorecard", *WITH_DATA, *nodes, *kpis, *past]
    return Expected(
        pages=tuple(f"{page}.html" for page in pages),
        files=(*TAKEN_AWAY, *(f"{name}.{kind}" for name in data for kind in ("json", "csv"))),
    )


def _column(connection: DuckDBPyConnection, table: str, *names: str) -> list[tuple[str, ...]]:
    relation = connection.table(f"scorecard.{quoted(table)}")
    return sorted(relation.select(*(ColumnExpression(name) for name in names)).fetchall())


def _whole(connection: DuckDBPyConnection) -> str:
    return _column(connection, "dim_scorecard", "organisation_id")[0][0]


def _units(connection: DuckDBPyConnection) -> list[str]:
    whole = _whole(connection)
    return [unit for (unit,) in _column(connection, "dim_unit", "unit_id") if unit != whole]


def _nodes(connection: DuckDBPyConnection) -> list[str]:
    """Return the pages of units, perspectives, objectives and initiatives."""
    found = [f"units/{unit}" for unit in _units(connection)]
    for table, key, folder in (
        ("dim_perspective", "perspective_id", "perspectives"),
        ("dim_objective", "objective_id", "objectives"),
        ("initiative", "initiative_id", "initiatives"),
    ):
        found += [f"{folder}/{node}" for (node,) in _column(connection, table, key)]
    return found


def _kpis_of_units(connection: DuckDBPyConnection) -> list[str]:
    whole = _whole(connection)
    return [
        f"kpis/{kpi}/{unit}"
        for kpi, unit in _column(connection, "kpi_unit", "kpi_id", "unit_id")
        if unit != whole
    ]


def _months(connection: DuckDBPyConnection) -> list[date]:
    """Return the months from the organisation's first score to the headline month."""
    scored = connection.table("scorecard.scorecard_score").filter(
        equals("grain", "month")
        & equals("unit_id", _whole(connection))
        & ColumnExpression("score").isnotnull()
    )
    first = FunctionExpression("min", ColumnExpression("period_start_date"))
    ((month,),) = scored.aggregate([first]).fetchall()
    dimension = connection.table("scorecard.dim_scorecard")
    ((headline,),) = dimension.select("headline_period_start_date").fetchall()
    if month is None:
        return [headline]
    return [add_months(month, step) for step in range(months_between(month, headline) + 1)]


def _past(connection: DuckDBPyConnection) -> list[str]:
    """Return the pages of past months: of the organisation all, of units those of the last year."""
    *past, headline = _months(connection)
    first = add_months(headline, -UNIT_MONTHS)
    found = [f"periods/{month:%Y-%m}" for month in past]
    for month in (month for month in past if month >= first):
        found += [f"periods/{month:%Y-%m}/{unit}" for unit in _units(connection)]
    return found


def _longer(connection: DuckDBPyConnection) -> list[str]:
    """Return the pages of closed quarters, of fiscal years and of the year to date, and their list."""
    months = _months(connection)
    if len(months) == 1:
        return []
    to_date = connection.table("scorecard.dim_period").filter(equals("grain", "ytd"))
    columns = [ColumnExpression(name) for name in ("period_start_date", "first_date")]
    began = dict(to_date.select(*columns).fetchall())
    years = {began[month] for month in months if month in began}
    fiscal_start = began[months[-1]].month if months[-1] in began else 1
    starts = {
        add_months(month, -((month.month - fiscal_start) % QUARTER_MONTHS)) for month in months
    }
    quarters = sorted(
        start for start in starts if add_months(start, QUARTER_MONTHS - 1) <= months[-1]
    )
    return [
        "periods/index",
        *(f"periods/{start.year}" for start in sorted(years)),
        *(_quarter(start, fiscal_start) for start in quarters),
    ]


def _quarter(start: date, fiscal_start: int) -> str:
    year = fiscal_year(start, fiscal_start=fiscal_start)
    return f"periods/{year}-q{ordinal(start, 'quarter', fiscal_start=fiscal_start)}"
