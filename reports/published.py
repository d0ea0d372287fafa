"""Reads a published warehouse once, in bulk, into rows indexed as the pages ask for them.

Not here: any scoring, any wording. The warehouse is opened read-only and closed again before a page is made.
"""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import duckdb
from duckdb import ColumnExpression, ConstantExpression, DuckDBPyConnection, Expression

from reports import rows
from reports.drill import Drill, read_drills, read_entries
from reports.periods import SHOWN, SHOWN_MONTHS, add_months, last_closed, months_between
from reports.reading import Row, among, by_period, equals, grouped, read_rows
from scorecard.base import MONTHS


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
    terms: dict[str, list[rows.Term]]
    """What each KPI is computed from."""
    baselines: dict[str, list[rows.Baseline]]
    """Where a person began the baseline of a KPI's usual range anew."""
    units: dict[str, rows.Unit]
    below: dict[str, frozenset[str]]
    """Every unit with itself and all units below it, at the headline month's end."""
    parents: dict[str, list[rows.Closure]]
    """The units directly above, in time; more than one where a unit moved."""
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
    def fiscal_start(self) -> int:
        """Number of the month in which the fiscal year begins, as the year to date tells it."""
        found = self.headlines.get("ytd") or self.headlines.get("year")
        return found.first_date.month if found is not None else 1

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
    """Values and scores of the last 24 months, and of the last closed period of each other grain and the one a year before.

    Of a KPI that is measured less often also those of its own last periods.
    """

    values: dict[tuple[str, str, str], dict[date, rows.Value]]
    """By KPI, unit and grain."""
    scores: dict[tuple[str, str, str], dict[date, rows.Score]]
    moves: dict[tuple[str, str], dict[date, rows.Moved]]
    """By KPI and unit; the KPI's own periods."""
    nodes: dict[tuple[str, str, str], dict[date, rows.Node]]
    """By level, node and unit; months."""
    costs: dict[tuple[str, date], list[rows.Cost]]
    """By unit and month: the headline month and the one before."""
    balance: dict[str, rows.Balance]
    contributions: dict[tuple[str, str, str], list[rows.ScoreContribution]]
    """By parent's level, parent and unit; what moved its score since the month before."""
    unit_contributions: dict[tuple[str, str], list[rows.UnitContribution]]
    """By KPI and upper unit; what moved its value since the period before."""
    link_evidence: dict[tuple[str, str], list[rows.LinkEvidence]]
    """By cause and effect."""


@dataclass(frozen=True)
class Evidence:
    """Where the numbers come from: measures, tables, loads, checks."""

    measures: dict[str, rows.Measure]
    drills: dict[str, tuple[Drill, ...]]
    entries: dict[str, list[rows.Entry]]
    """By measure that is entered by hand."""
    warnings: tuple[rows.Warned, ...]
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
    warehouse: Path
    """Where it was read from, for what is read a piece at a time."""
    past_months: tuple[date, ...]
    """The closed months from the organisation's first score up to the headline month, without it."""


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
            warehouse=warehouse,
            past_months=_past_months(connection, strategy.scorecard),
        )


def _past_months(connection: DuckDBPyConnection, scorecard: rows.Scorecard) -> tuple[date, ...]:
    scored = connection.table("scorecard.scorecard_score").filter(
        equals("grain", "month")
        & equals("unit_id", scorecard.organisation_id)
        & ColumnExpression("score").isnotnull()
    )
    first = duckdb.FunctionExpression("min", ColumnExpression("period_start_date"))
    ((month,),) = scored.aggregate([first]).fetchall()
    headline = scorecard.headline_period_start_date
    count = months_between(month, headline) if month is not None else 0
    return tuple(add_months(headline, -back) for back in range(count, 0, -1))


def _strategy(connection: DuckDBPyConnection) -> Strategy:
    def table(kind: type[Row], name: str, *order: str) -> list[Row]:
        return read_rows(connection, kind, f"scorecard.{name}", order=order)

    periods = table(rows.Period, "dim_period", "grain", "period_start_date")
    pairs = table(rows.KpiUnit, "kpi_unit", "kpi_id", "unit_id")
    closure = table(rows.Closure, "unit_closure", "ancestor_unit_id", "unit_id", "valid_from_date")
    headlines = {row.grain: row for row in periods if row.is_headline}
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
        terms=grouped(table(rows.Term, "kpi_term", "kpi_id", "sort_order"), lambda row: row.kpi_id),
        baselines=grouped(
            table(rows.Baseline, "signal_baseline", "kpi_id", "valid_from_date"),
            lambda row: row.kpi_id,
        ),
        units={row.unit_id: row for row in table(rows.Unit, "dim_unit", "sort_order")},
        below={
            unit: frozenset(row.unit_id for row in group)
            for unit, group in grouped(
                (row for row in closure if _is_valid(row, headlines)),
                lambda row: row.ancestor_unit_id,
            ).items()
        },
        parents=grouped(
            sorted(
                (row for row in closure if row.distance == 1), key=lambda row: row.valid_from_date
            ),
            lambda row: row.unit_id,
        ),
        kpis_of_unit={
            unit: frozenset(row.kpi_id for row in group)
            for unit, group in grouped(pairs, lambda row: row.unit_id).items()
        },
        periods={(row.grain, row.period_start_date): row for row in periods},
        headlines=headlines,
        targets=grouped(
            table(rows.Target, "target", "kpi_id", "unit_id", "per", "valid_from_date"),
            lambda row: row.kpi_id,
        ),
        links=tuple(table(rows.Link, "strategy_link", "cause_objective_id", "effect_objective_id")),
        initiatives=tuple(table(rows.Initiative, "initiative", "end_date", "initiative_id")),
        milestones=grouped(
            table(rows.Milestone, "milestone", "initiative_id", "sort_order"),
            lambda row: row.initiative_id,
        ),
        comments=grouped(
            table(rows.Comment, "comment", "kpi_id", "unit_id", "period_start_date"),
            lambda row: (row.kpi_id, row.unit_id),
        ),
    )


def _is_valid(row: rows.Closure, headlines: dict[str, rows.Period]) -> bool:
    """Whether a unit stood under another at the headline month's end."""
    month = headlines.get("month")
    return month is None or row.valid_from_date <= month.last_date <= row.valid_to_date


def _results(connection: DuckDBPyConnection, strategy: Strategy) -> Results:
    headline = strategy.scorecard.headline_period_start_date
    recent = _since(add_months(headline, -SHOWN_MONTHS))
    own: Expression = equals("grain", "month") & recent
    wanted = own | _headlines(strategy)
    for grain, kpis in _slower(strategy).items():
        shown = equals("grain", grain) & _shown(strategy, grain)
        wanted = wanted | (among("kpi_id", kpis) & (shown | _ends(strategy, grain)))
        own = own | shown
    order = ("kpi_id", "unit_id", "grain", "period_start_date")
    values = read_rows(connection, rows.Value, "scorecard.kpi_value", order=order, where=wanted)
    scores = read_rows(
        connection,
        rows.Score,
        "scorecard.kpi_score",
        order=order,
        where=wanted,
        instead={"points": _listed_points(strategy)},
    )
    moves = read_rows(connection, rows.Moved, "scorecard.movement", order=order, where=own)
    months = equals("grain", "month")
    last_two = ColumnExpression("period_start_date") >= ConstantExpression(add_months(headline, -1))
    costs = read_rows(
        connection,
        rows.Cost,
        "scorecard.child_cost",
        order=("unit_id", "period_start_date", "parent_level", "parent_id", "child_id"),
        where=months & last_two,
    )
    balance = read_rows(
        connection,
        rows.Balance,
        "scorecard.balance",
        order=("unit_id",),
        where=months & equals("period_start_date", headline),
    )
    moved = read_rows(
        connection,
        rows.ScoreContribution,
        "scorecard.score_contribution",
        order=("parent_level", "parent_id", "unit_id", "child_id"),
        where=months & equals("period_start_date", headline),
    )
    evidence = read_rows(
        connection,
        rows.LinkEvidence,
        "scorecard.link_evidence",
        order=("cause_objective_id", "effect_objective_id", "lag_months"),
    )
    return Results(
        values=by_period(values, lambda row: (row.kpi_id, row.unit_id, row.grain)),
        scores=by_period(scores, lambda row: (row.kpi_id, row.unit_id, row.grain)),
        moves=by_period(moves, lambda row: (row.kpi_id, row.unit_id)),
        nodes=_nodes(connection, months & recent),
        costs=grouped(costs, lambda row: (row.unit_id, row.period_start_date)),
        balance={row.unit_id: row for row in balance},
        contributions=grouped(moved, lambda row: (row.parent_level, row.parent_id, row.unit_id)),
        unit_contributions=_unit_contributions(connection, strategy),
        link_evidence=grouped(
            evidence, lambda row: (row.cause_objective_id, row.effect_objective_id)
        ),
    )


def _listed_points(strategy: Strategy) -> Expression:
    """Return points as a list where a page lists them; lists of structs are slow to read.

    Red flag and target, which are all that pages show of a linear rule's history, have columns of their own.
    """
    last = [ConstantExpression(_start(strategy, grain)) for grain in MONTHS]
    is_last = ColumnExpression("period_start_date").isin(*last)
    is_listed = is_last | (ColumnExpression("rule") != ConstantExpression("linear"))
    return duckdb.CaseExpression(is_listed, ColumnExpression("points"))


def _since(month: date) -> Expression:
    return ColumnExpression("period_start_date") > ConstantExpression(month)


def _slower(strategy: Strategy) -> dict[str, list[str]]:
    """Return the KPIs that are measured less often than monthly, by how often."""
    found: dict[str, list[str]] = {}
    for kpi in strategy.kpis.values():
        if kpi.frequency != "month":
            found.setdefault(kpi.frequency, []).append(kpi.kpi_id)
    return found


def _start(strategy: Strategy, grain: str) -> date:
    """Return the first day of the last period of a grain that had closed at the headline month's end."""
    month = strategy.scorecard.headline_period_start_date
    return last_closed(month, grain, fiscal_start=strategy.fiscal_start)


def _shown(strategy: Strategy, grain: str) -> Expression:
    """Return the condition for the periods of a grain that a KPI's page shows."""
    return _since(add_months(_start(strategy, grain), -SHOWN[grain] * MONTHS[grain]))


def _ends(strategy: Strategy, grain: str) -> Expression:
    """Return the condition for the year to date and the twelve months that end with a grain's last period, and a year before."""
    last = add_months(_start(strategy, grain), MONTHS[grain] - 1)
    both = ColumnExpression("period_start_date").isin(
        ConstantExpression(last), ConstantExpression(add_months(last, -12))
    )
    return among("grain", ("ytd", "ttm")) & both


def _unit_contributions(
    connection: DuckDBPyConnection, strategy: Strategy
) -> dict[tuple[str, str], list[rows.UnitContribution]]:
    """Read what moved each KPI's value, in the last period of its own length."""
    wanted: Expression = ConstantExpression(False)
    for grain in {"month": [], **_slower(strategy)}:
        start = equals("period_start_date", _start(strategy, grain))
        wanted = wanted | (equals("grain", grain) & start)
    found = read_rows(
        connection,
        rows.UnitContribution,
        "scorecard.unit_contribution",
        order=("kpi_id", "parent_unit_id", "tree_id", "part", "unit_id", "grain"),
        where=wanted,
    )
    kpis = strategy.kpis
    return grouped(
        (row for row in found if row.kpi_id in kpis and row.grain == kpis[row.kpi_id].frequency),
        lambda row: (row.kpi_id, row.parent_unit_id),
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
            found = found | (equals("grain", grain) & both)
    return found


def _nodes(
    connection: DuckDBPyConnection, where: Expression
) -> dict[tuple[str, str, str], dict[date, rows.Node]]:
    found: dict[tuple[str, str, str], dict[date, rows.Node]] = {}
    for level in ("objective", "perspective", "scorecard"):
        key = f"{level}_id"
        nodes = read_rows(
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
        return read_rows(connection, kind, name, order=order, limit=limit)

    measures = table(rows.Measure, "measure.dim_measure", "measure_id")
    loads = table(rows.Load, "quality.load", "source_id", "table_id", "load_id")
    lineage = table(rows.Lineage, "quality.table_lineage", "table_name", "depends_on")
    return Evidence(
        measures={row.measure_id: row for row in measures},
        drills=read_drills(connection, measures, strategy.headlines.get("month")),
        entries=read_entries(connection, measures),
        warnings=tuple(
            table(
                rows.Warned,
                "quality.warning",
                *("kind", "kpi_id", "unit_id", "grain", "first_period_start_date"),
            )
        ),
        unplaced=tuple(
            table(rows.Unplaced, "measure.unplaced", "measure_id", "unit_id", "period_start_date")
        ),
        staging={
            row.staging_id: row
            for row in table(rows.Staging, "quality.staging_table", "staging_id")
        },
        depends_on={
            name: [row.depends_on for row in group]
            for name, group in grouped(lineage, lambda row: row.table_name).items()
        },
        sources=tuple(table(rows.SourceTable, "quality.source_status", "source_id", "table_id")),
        loads={
            key: group[::-1]
            for key, group in grouped(loads, lambda row: (row.source_id, row.table_id)).items()
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
    releases = read_rows(
        connection, rows.PastRelease, "history.release", order=("reported_at", "run_id")
    )
    month = strategy.scorecard.headline_period_start_date
    months = equals("grain", "month") & _since(add_months(month, -SHOWN_MONTHS))
    # A KPI's own grain alone: in a month, one that is measured quarterly only repeats its quarter.
    own, nodes = months, months
    for grain, kpis in _slower(strategy).items():
        own = (own & ~among("kpi_id", kpis)) | (
            equals("grain", grain) & among("kpi_id", kpis) & _shown(strategy, grain)
        )
        nodes = (nodes & ~among("node_id", kpis)) | (
            equals("grain", grain) & among("node_id", kpis) & _shown(strategy, grain)
        )
    values = read_rows(
        connection,
        rows.Reported,
        "history.reported_value",
        order=("kpi_id", "unit_id", "period_start_date", "run_id"),
        where=own,
    )
    scores = read_rows(
        connection,
        rows.ReportedScore,
        "history.reported_score",
        order=("level", "node_id", "unit_id", "period_start_date", "run_id"),
        where=nodes,
    )
    # What a rolled-back run reported is no part of the story that led here.
    line = {row.run_id for row in releases if row.is_current_line}
    as_of = {row.run_id: row.as_of_date for row in releases}
    return Reports(
        releases=tuple(reversed(releases)),
        values=grouped(
            (
                row
                for row in values
                if row.run_id in line and not _was_open(row, as_of[row.run_id], strategy)
            ),
            lambda row: (row.kpi_id, row.unit_id),
        ),
        scores=grouped(
            (row for row in scores if row.run_id in line),
            lambda row: (row.level, row.node_id, row.unit_id),
        ),
        values_by_run=_counts(connection),
    )


def _was_open(row: rows.Reported, as_of: date, strategy: Strategy) -> bool:
    """Whether a value was reported as provisional; an older version did not say so, but its business date does."""
    if row.is_provisional is not None:
        return row.is_provisional
    period = strategy.periods.get((row.grain, row.period_start_date))
    return period is not None and period.last_date >= as_of


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
        columns=grouped(described, lambda row: (row.schema_name, row.table_name)),
    )
