"""A published warehouse as the pages ask for it: what all pages need is read at once, all else when it is asked for.

What grows with KPIs times units is held a part at a time (slices): memory does not grow with the number of pages.

Not here: any scoring, any wording, how a part is read (reader).
"""

import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import duckdb
from duckdb import ColumnExpression, ConstantExpression, DuckDBPyConnection

from reports.periods import add_months, months_between
from reports.warehouse import rows
from reports.warehouse.drill import Drill, dimensions_of, is_entered
from reports.warehouse.reader import Line, Reader
from reports.warehouse.reading import Row, equals, grouped, opened, read_rows
from reports.warehouse.slices import Kept, Looked, Order, Slices
from reports.warehouse.window import Window


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
    targets: Mapping[str, list[rows.Target]]
    links: tuple[rows.Link, ...]
    initiatives: tuple[rows.Initiative, ...]
    milestones: dict[str, list[rows.Milestone]]
    comments: Mapping[tuple[str, str], list[rows.Comment]]
    """By KPI and unit."""

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

    values: Mapping[tuple[str, str, str], dict[date, rows.Value]]
    """By KPI, unit and grain."""
    scores: Mapping[tuple[str, str, str], dict[date, rows.Score]]
    moves: Mapping[tuple[str, str], dict[date, rows.Moved]]
    """By KPI and unit; the KPI's own periods."""
    nodes: Mapping[tuple[str, str, str], dict[date, rows.Node]]
    """By level, node and unit; months."""
    costs: Mapping[tuple[str, date], list[rows.Cost]]
    """By unit and month: the headline month and the one before."""
    balance: Mapping[str, rows.Balance]
    contributions: Mapping[tuple[str, str, str], list[rows.ScoreContribution]]
    """By parent's level, parent and unit; what moved its score since the month before."""
    unit_contributions: Mapping[tuple[str, str], list[rows.UnitContribution]]
    """By KPI and upper unit; what moved its value since the period before."""
    link_evidence: Mapping[tuple[str, str], list[rows.LinkEvidence]]
    """By cause and effect."""


@dataclass(frozen=True)
class Evidence:
    """Where the numbers come from: measures, tables, loads, checks."""

    measures: dict[str, rows.Measure]
    drills: Mapping[str, tuple[Drill, ...]]
    entries: Mapping[str, list[rows.Entry]]
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
    values: Mapping[tuple[str, str], list[rows.Reported]]
    """By KPI and unit, oldest report first within a month; of a unit below only the periods whose value or score was reported more than once."""
    scores: Mapping[tuple[str, str, str], list[rows.ReportedScore]]
    """By level, node and unit; of a KPI likewise."""
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
    slices: Slices
    """What is held of it."""
    reader: Reader

    def plan(self, kpis: Sequence[str], units: Sequence[str]) -> None:
        """Say of which KPIs and units the next pages are, so that their rows are read in one go."""
        self.slices.plan(kpis, units)

    def close(self) -> None:
        """Let go of the warehouse."""
        self.reader.close()


SHOWN_QUARANTINED = 100
HELD = 2
"""How many measures' parts are held."""


def read(warehouse: Path) -> Published:
    """Read what all pages of a release need; the rest is read when it is asked for, until it is closed.

    Raises:
        FileNotFoundError: where there is none.

    """
    if not warehouse.is_file():
        raise FileNotFoundError(f"There is no warehouse at {warehouse}: run the nightly job first.")
    with opened(warehouse) as connection:
        plan = _plan(connection)
        releases = read_rows(
            connection, rows.PastRelease, "history.release", order=("reported_at", "run_id")
        )
        reader = Reader(
            warehouse,
            window=_window(plan),
            frequencies={kpi.kpi_id: kpi.frequency for kpi in plan.kpis.values()},
            line=Line(
                {row.run_id: row.as_of_date for row in releases if row.is_current_line},
                {key: period.last_date for key, period in plan.periods.items()},
            ),
            month=plan.headlines.get("month"),
            units=frozenset(plan.units),
        )
        slices = Slices(
            reader, Order(tuple(plan.kpis), tuple(plan.units), plan.scorecard.organisation_id)
        )
        strategy = replace(
            plan,
            targets=Looked(slices.targets),
            comments=Looked(lambda key: slices.pairs(*key).comments),
        )
        return Published(
            strategy=strategy,
            results=_results(connection, slices),
            evidence=_evidence(connection, reader),
            reports=_reports(connection, releases, slices=slices, reader=reader),
            dictionary=_dictionary(connection),
            warehouse=warehouse,
            past_months=_past_months(connection, strategy.scorecard),
            slices=slices,
            reader=reader,
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


def _plan(connection: DuckDBPyConnection) -> Strategy:
    """Read the strategy, the organisation and the calendar, without targets and comments."""

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
            unit: frozenset(sys.intern(row.kpi_id) for row in group)
            for unit, group in grouped(pairs, lambda row: row.unit_id).items()
        },
        periods={(row.grain, row.period_start_date): row for row in periods},
        headlines=headlines,
        targets={},
        links=tuple(table(rows.Link, "strategy_link", "cause_objective_id", "effect_objective_id")),
        initiatives=tuple(table(rows.Initiative, "initiative", "end_date", "initiative_id")),
        milestones=grouped(
            table(rows.Milestone, "milestone", "initiative_id", "sort_order"),
            lambda row: row.initiative_id,
        ),
        comments={},
    )


def _is_valid(row: rows.Closure, headlines: dict[str, rows.Period]) -> bool:
    """Whether a unit stood under another at the headline month's end."""
    month = headlines.get("month")
    return month is None or row.valid_from_date <= month.last_date <= row.valid_to_date


def _window(plan: Strategy) -> Window:
    slower: dict[str, list[str]] = {}
    for kpi in plan.kpis.values():
        if kpi.frequency != "month":
            slower.setdefault(kpi.frequency, []).append(kpi.kpi_id)
    return Window(
        month=plan.scorecard.headline_period_start_date,
        fiscal_start=plan.fiscal_start,
        headlines={grain: row.period_start_date for grain, row in plan.headlines.items()},
        slower=slower,
    )


def _results(connection: DuckDBPyConnection, slices: Slices) -> Results:
    evidence = read_rows(
        connection,
        rows.LinkEvidence,
        "scorecard.link_evidence",
        order=("cause_objective_id", "effect_objective_id", "lag_months"),
    )
    return Results(
        values=Looked(lambda key: slices.pairs(key[0], key[1]).values),
        scores=Looked(lambda key: slices.pairs(key[0], key[1]).scores),
        moves=Looked(lambda key: slices.pairs(*key).moves),
        nodes=Looked(lambda key: slices.of_unit(key[2]).nodes),
        costs=Looked(lambda key: slices.of_unit(key[0]).costs),
        balance=Looked(lambda key: slices.of_unit(key).balance),
        contributions=Looked(lambda key: slices.of_unit(key[2]).contributions),
        unit_contributions=Looked(lambda key: slices.pairs(*key).contributions),
        link_evidence=grouped(
            evidence, lambda row: (row.cause_objective_id, row.effect_objective_id)
        ),
    )


def _evidence(connection: DuckDBPyConnection, reader: Reader) -> Evidence:
    def table(kind: type[Row], name: str, *order: str, limit: int | None = None) -> list[Row]:
        return read_rows(connection, kind, name, order=order, limit=limit)

    measures = {
        row.measure_id: row for row in table(rows.Measure, "measure.dim_measure", "measure_id")
    }
    parted = [name for name, row in measures.items() if dimensions_of(row)]
    entered = [name for name, row in measures.items() if is_entered(row)]
    loads = table(rows.Load, "quality.load", "source_id", "table_id", "load_id")
    lineage = table(rows.Lineage, "quality.table_lineage", "table_name", "depends_on")
    return Evidence(
        measures=measures,
        drills=Kept(parted, lambda name: reader.drills(measures[name]), keep=HELD),
        entries=Kept(entered, lambda name: reader.entries(measures[name]), keep=HELD),
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


def _reports(
    connection: DuckDBPyConnection,
    releases: Sequence[rows.PastRelease],
    *,
    slices: Slices,
    reader: Reader,
) -> Reports:
    nodes = Kept(tuple(slices.order.units), reader.reported_nodes, keep=HELD)

    def scores(
        key: tuple[str, str, str],
    ) -> Mapping[tuple[str, str, str], list[rows.ReportedScore]]:
        level, node_id, unit = key
        return slices.pairs(node_id, unit).rescored if level == "kpi" else nodes.get(unit, {})

    return Reports(
        releases=tuple(reversed(releases)),
        values=Looked(lambda key: slices.pairs(*key).reported),
        scores=Looked(scores),
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
        columns=grouped(described, lambda row: (row.schema_name, row.table_name)),
    )
