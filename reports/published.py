"""Reads a published warehouse once, in bulk, into rows indexed as the pages ask for them.

Not here: any scoring, any wording. The warehouse is opened read-only and closed again before a page is made.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TypeVar

import duckdb
from duckdb import ColumnExpression, ConstantExpression, DuckDBPyConnection, Expression

from reports import rows
from reports.drill import Drill, read_drills
from reports.periods import SHOWN_MONTHS, add_months

Row = TypeVar("Row", bound=tuple)  # type: ignore[type-arg]  # the rows are NamedTuples of many shapes
Key = TypeVar("Key")


@dataclass(frozen=True)
class Dictionary:
    """What the warehouse says of its own tables and columns."""

    tables: tuple[rows.Table, ...]
    columns: dict[tuple[str, str], list[rows.Column]]


@dataclass(frozen=True)
class Strategy:
    """The strategy, the organisation and the calendar, in the strategy's order."""

    scorecard: rows.Scorecard
    release: rows.Release
    perspectives: dict[str, rows.Perspective]
    objectives: dict[str, rows.Objective]
    kpis: dict[str, rows.Kpi]
    units: dict[str, rows.Unit]
    below: dict[str, frozenset[str]]
    """Every unit with itself and all units below it."""
    kpis_of_unit: dict[str, frozenset[str]]
    periods: dict[tuple[str, date], rows.Period]
    headlines: dict[str, rows.Period]
    """The last closed period of each grain."""
    targets: dict[str, list[rows.Target]]
    links: tuple[rows.Link, ...]
    initiatives: tuple[rows.Initiative, ...]
    milestones: dict[str, list[rows.Milestone]]
    comments: dict[tuple[str, str], list[rows.Comment]]

    @property
    def organisation(self) -> rows.Unit:
        """The unit that is the whole."""
        return self.units[self.scorecard.organisation_id]

    def children(self, unit_id: str) -> list[rows.Unit]:
        """Return the units that stand directly under a unit, in their order."""
        return [unit for unit in self.units.values() if unit.parent_unit_id == unit_id]

    def path(self, unit_id: str) -> list[rows.Unit]:
        """Return the units from the organisation down to the given one."""
        found: list[rows.Unit] = []
        node: str | None = unit_id
        while node is not None:
            found.append(self.units[node])
            node = self.units[node].parent_unit_id
        return found[::-1]


@dataclass(frozen=True)
class Results:
    """Values and scores of the last 24 months, and of the last closed period of each other grain and the one a year before."""

    values: dict[tuple[str, str, str], dict[date, rows.Value]]
    """By KPI, unit and grain."""
    scores: dict[tuple[str, str, str], dict[date, rows.Score]]
    nodes: dict[tuple[str, str, str], dict[date, rows.Node]]
    """By level, node and unit; months."""
    costs: dict[tuple[str, date], list[rows.Cost]]
    """By unit and month: the headline month and the one before."""
    balance: dict[str, rows.Balance]


@dataclass(frozen=True)
class Evidence:
    """Where the numbers come from: measures, tables, loads, checks."""

    measures: dict[str, rows.Measure]
    drills: dict[str, tuple[Drill, ...]]
    unplaced: tuple[rows.Unplaced, ...]
    staging: dict[str, rows.Staging]
    depends_on: dict[str, list[str]]
    sources: tuple[rows.SourceTable, ...]
    loads: dict[tuple[str, str], list[rows.Load]]
    """By source and table, newest first."""
    checks: tuple[rows.Check, ...]
    quarantined: tuple[rows.Quarantined, ...]
    held: tuple[rows.HeldCount, ...]
    """How many rows each rule held back."""


@dataclass(frozen=True)
class Reports:
    """What was reported before: the ledger as tables."""

    releases: tuple[rows.PastRelease, ...]
    """Newest first."""
    values: dict[tuple[str, str], list[rows.Reported]]
    """By KPI and unit; oldest report first within a month."""
    scores: dict[tuple[str, str, str], list[rows.ReportedScore]]
    """By level, node and unit."""
    values_by_run: dict[str, int]


@dataclass(frozen=True)
class Published:
    """One release, as tables."""

    strategy: Strategy
    results: Results
    evidence: Evidence
    reports: Reports
    dictionary: Dictionary


SHOWN_QUARANTINED = 100


def read(warehouse: Path) -> Published:
    """Read the warehouse of a release.

    Raises:
        FileNotFoundError: where there is none.

    """
    if not warehouse.is_file():
        raise FileNotFoundError(f"There is no warehouse at {warehouse}: run the nightly job first.")
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        strategy = _strategy(connection)
        return Published(
            strategy=strategy,
            results=_results(connection, strategy),
            evidence=_evidence(connection, strategy),
            reports=_reports(connection, strategy),
            dictionary=_dictionary(connection),
        )


def _rows(
    connection: DuckDBPyConnection,
    kind: type[Row],
    table: str,
    *,
    order: Sequence[str],
    where: Expression | None = None,
    rename: dict[str, str] | None = None,
    limit: int | None = None,
) -> list[Row]:
    relation = connection.table(table)
    if where is not None:
        relation = relation.filter(where)
    relation = relation.sort(*(ColumnExpression(name) for name in order))
    if limit is not None:
        relation = relation.limit(limit)
    names: Iterable[str] = kind._fields  # type: ignore[attr-defined]  # a NamedTuple
    columns = [ColumnExpression((rename or {}).get(name, name)) for name in names]
    return [kind._make(found) for found in relation.select(*columns).fetchall()]  # type: ignore[attr-defined]  # a NamedTuple


def _grouped(found: Iterable[Row], key: Callable[[Row], Key]) -> dict[Key, list[Row]]:
    groups: dict[Key, list[Row]] = defaultdict(list)
    for row in found:
        groups[key(row)].append(row)
    return dict(groups)


def _by_period(found: Iterable[Row], key: Callable[[Row], Key]) -> dict[Key, dict[date, Row]]:
    groups: dict[Key, dict[date, Row]] = defaultdict(dict)
    for row in found:
        groups[key(row)][row.period_start_date] = row  # type: ignore[attr-defined]  # rows of periods have one
    return dict(groups)


def _equals(column: str, value: str | date | bool) -> Expression:
    return ColumnExpression(column) == ConstantExpression(value)


def _strategy(connection: DuckDBPyConnection) -> Strategy:
    def table(kind: type[Row], name: str, *order: str) -> list[Row]:
        return _rows(connection, kind, f"scorecard.{name}", order=order)

    periods = table(rows.Period, "dim_period", "grain", "period_start_date")
    pairs = table(rows.KpiUnit, "kpi_unit", "kpi_id", "unit_id")
    closure = table(rows.Closure, "unit_closure", "ancestor_unit_id", "unit_id")
    return Strategy(
        scorecard=table(rows.Scorecard, "dim_scorecard", "scorecard_id")[0],
        release=table(rows.Release, "release", "release_id")[0],
        perspectives={
            row.perspective_id: row
            for row in table(rows.Perspective, "dim_perspective", "sort_order")
        },
        objectives={
            row.objective_id: row for row in table(rows.Objective, "dim_objective", "sort_order")
        },
        kpis={row.kpi_id: row for row in table(rows.Kpi, "dim_kpi", "sort_order")},
        units={row.unit_id: row for row in table(rows.Unit, "dim_unit", "sort_order")},
        below={
            unit: frozenset(row.unit_id for row in group)
            for unit, group in _grouped(closure, lambda row: row.ancestor_unit_id).items()
        },
        kpis_of_unit={
            unit: frozenset(row.kpi_id for row in group)
            for unit, group in _grouped(pairs, lambda row: row.unit_id).items()
        },
        periods={(row.grain, row.period_start_date): row for row in periods},
        headlines={row.grain: row for row in periods if row.is_headline},
        targets=_grouped(
            table(rows.Target, "target", "kpi_id", "unit_id", "per", "valid_from_date"),
            lambda row: row.kpi_id,
        ),
        links=tuple(table(rows.Link, "strategy_link", "cause_objective_id", "effect_objective_id")),
        initiatives=tuple(table(rows.Initiative, "initiative", "end_date", "initiative_id")),
        milestones=_grouped(
            table(rows.Milestone, "milestone", "initiative_id", "sort_order"),
            lambda row: row.initiative_id,
        ),
        comments=_grouped(
            table(rows.Comment, "comment", "kpi_id", "unit_id", "period_start_date"),
            lambda row: (row.kpi_id, row.unit_id),
        ),
    )


def _results(connection: DuckDBPyConnection, strategy: Strategy) -> Results:
    headline = strategy.scorecard.headline_period_start_date
    recent = ColumnExpression("period_start_date") > ConstantExpression(
        add_months(headline, -SHOWN_MONTHS)
    )
    wanted = (_equals("grain", "month") & recent) | _headlines(strategy)
    order = ("kpi_id", "unit_id", "grain", "period_start_date")
    values = _rows(connection, rows.Value, "scorecard.kpi_value", order=order, where=wanted)
    scores = _rows(connection, rows.Score, "scorecard.kpi_score", order=order, where=wanted)
    months = _equals("grain", "month")
    last_two = ColumnExpression("period_start_date") >= ConstantExpression(add_months(headline, -1))
    costs = _rows(
        connection,
        rows.Cost,
        "scorecard.child_cost",
        order=("unit_id", "period_start_date", "parent_level", "parent_id", "child_id"),
        where=months & last_two,
    )
    balance = _rows(
        connection,
        rows.Balance,
        "scorecard.balance",
        order=("unit_id",),
        where=months & _equals("period_start_date", headline),
    )
    return Results(
        values=_by_period(values, lambda row: (row.kpi_id, row.unit_id, row.grain)),
        scores=_by_period(scores, lambda row: (row.kpi_id, row.unit_id, row.grain)),
        nodes=_nodes(connection, months & recent),
        costs=_grouped(costs, lambda row: (row.unit_id, row.period_start_date)),
        balance={row.unit_id: row for row in balance},
    )


def _headlines(strategy: Strategy) -> Expression:
    """Return the condition for the last closed period of each grain but the month, and the same a year before."""
    found: Expression = ConstantExpression(False)
    for grain, period in strategy.headlines.items():
        if grain != "month":
            start = period.period_start_date
            both = ColumnExpression("period_start_date").isin(
                ConstantExpression(start), ConstantExpression(add_months(start, -12))
            )
            found = found | (_equals("grain", grain) & both)
    return found


def _nodes(
    connection: DuckDBPyConnection, where: Expression
) -> dict[tuple[str, str, str], dict[date, rows.Node]]:
    found: dict[tuple[str, str, str], dict[date, rows.Node]] = {}
    for level in ("objective", "perspective", "scorecard"):
        key = f"{level}_id"
        nodes = _rows(
            connection,
            rows.Node,
            f"scorecard.{level}_score",
            order=(key, "unit_id", "period_start_date"),
            where=where,
            rename={"node_id": key},
        )
        for row in nodes:
            found.setdefault((level, row.node_id, row.unit_id), {})[row.period_start_date] = row
    return found


def _evidence(connection: DuckDBPyConnection, strategy: Strategy) -> Evidence:
    def table(kind: type[Row], name: str, *order: str, limit: int | None = None) -> list[Row]:
        return _rows(connection, kind, name, order=order, limit=limit)

    measures = table(rows.Measure, "measure.dim_measure", "measure_id")
    loads = table(rows.Load, "quality.load", "source_id", "table_id", "load_id")
    lineage = table(rows.Lineage, "quality.table_lineage", "table_name", "depends_on")
    return Evidence(
        measures={row.measure_id: row for row in measures},
        drills=read_drills(connection, measures, strategy.scorecard.headline_period_start_date),
        unplaced=tuple(
            table(rows.Unplaced, "measure.unplaced", "measure_id", "unit_id", "period_start_date")
        ),
        staging={
            row.staging_id: row
            for row in table(rows.Staging, "quality.staging_table", "staging_id")
        },
        depends_on={
            name: [row.depends_on for row in group]
            for name, group in _grouped(lineage, lambda row: row.table_name).items()
        },
        sources=tuple(table(rows.SourceTable, "quality.source_status", "source_id", "table_id")),
        loads={
            key: group[::-1]
            for key, group in _grouped(loads, lambda row: (row.source_id, row.table_id)).items()
        },
        checks=tuple(
            table(
                rows.Check,
                "quality.contract_result",
                *("source_id", "table_id", "load_id", "check_name"),
            )
        ),
        quarantined=tuple(
            table(
                rows.Quarantined,
                "quality.quarantined_row",
                *("source_id", "table_id", "load_id", "row_number", "rule_name"),
                limit=SHOWN_QUARANTINED,
            )
        ),
        held=_held(connection),
    )


def _held(connection: DuckDBPyConnection) -> tuple[rows.HeldCount, ...]:
    rules = [ColumnExpression(name) for name in ("source_id", "table_id", "rule_name", "reason")]
    count = duckdb.FunctionExpression("count", ColumnExpression("load_id"))
    found = connection.table("quality.quarantined_row").aggregate([*rules, count]).fetchall()
    return tuple(rows.HeldCount._make(row) for row in sorted(found))


def _reports(connection: DuckDBPyConnection, strategy: Strategy) -> Reports:
    releases = _rows(
        connection, rows.PastRelease, "history.release", order=("reported_at", "run_id")
    )
    recent = ColumnExpression("period_start_date") > ConstantExpression(
        add_months(strategy.scorecard.headline_period_start_date, -SHOWN_MONTHS)
    )
    wanted = _equals("grain", "month") & recent
    values = _rows(
        connection,
        rows.Reported,
        "history.reported_value",
        order=("kpi_id", "unit_id", "period_start_date", "run_id"),
        where=wanted,
    )
    scores = _rows(
        connection,
        rows.ReportedScore,
        "history.reported_score",
        order=("level", "node_id", "unit_id", "period_start_date", "run_id"),
        where=wanted,
    )
    # What a rolled-back run reported is no part of the story that led here.
    line = {row.run_id for row in releases if row.is_current_line}
    return Reports(
        releases=tuple(reversed(releases)),
        values=_grouped(
            (row for row in values if row.run_id in line), lambda row: (row.kpi_id, row.unit_id)
        ),
        scores=_grouped(
            (row for row in scores if row.run_id in line),
            lambda row: (row.level, row.node_id, row.unit_id),
        ),
        values_by_run=_counts(connection),
    )


def _counts(connection: DuckDBPyConnection) -> dict[str, int]:
    relation = connection.table("history.reported_value")
    counted = relation.aggregate(
        [ColumnExpression("run_id"), duckdb.FunctionExpression("count", ColumnExpression("run_id"))]
    )
    return dict(counted.fetchall())


def _dictionary(connection: DuckDBPyConnection) -> Dictionary:
    here = (ColumnExpression("database_name") == duckdb.FunctionExpression("current_database")) & (
        ColumnExpression("internal") == ConstantExpression(False)
    )

    def function(name: str, *columns: str) -> list[tuple[str, ...]]:
        relation = connection.table_function(name).filter(here)
        return relation.select(*(ColumnExpression(column) for column in columns)).fetchall()

    tables = [
        rows.Table._make(row)
        for row in function("duckdb_tables", "schema_name", "table_name", "comment")
    ]
    views = [
        rows.Table._make(row)
        for row in function("duckdb_views", "schema_name", "view_name", "comment")
    ]
    columns = function(
        "duckdb_columns",
        "schema_name",
        "table_name",
        "column_name",
        "data_type",
        "comment",
        "column_index",
    )
    described = [
        rows.Column._make(row[:5])
        for row in sorted(columns, key=lambda row: (row[0], row[1], row[5]))
    ]
    return Dictionary(
        tables=tuple(sorted(tables + views)),
        columns=_grouped(described, lambda row: (row.schema_name, row.table_name)),
    )
