"""What each release changed: how many values and scores it reported anew or otherwise, and what became another in the strategy.

Counted by the warehouse, so that a long history stays small here. Not here: the reports of one KPI (published), how the
changes are told (views).
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import NamedTuple

import duckdb
from duckdb import (
    ColumnExpression,
    ConstantExpression,
    DuckDBPyConnection,
    DuckDBPyRelation,
    Expression,
    FunctionExpression,
)

from reports.warehouse.reading import equals, read_rows

VALUE_KEY = ("kpi_id", "unit_id", "period_start_date", "grain")
SCORE_KEY = ("level", "node_id", "unit_id", "period_start_date", "grain")


class Counted(NamedTuple):
    """How many values or scores of one KPI, objective, perspective or scorecard a run reported, for the same reasons."""

    run_id: str
    level: str
    node_id: str
    grain: str
    reasons: tuple[str, ...]
    """Empty where nothing stood reported before; `unrecorded` where an older version did not say."""
    is_withdrawn: bool
    number: int


class Scored(NamedTuple):
    """What a run reported of the scorecard's own score in a month."""

    run_id: str
    period_start_date: date
    score: float | None
    band: str | None


class Defined(NamedTuple):
    """A definition of a KPI, with the run that first reported with it."""

    kpi_id: str
    run_id: str


@dataclass(frozen=True)
class Changes:
    """What runs reported, by run."""

    values: dict[str, list[Counted]]
    scores: dict[str, list[Counted]]
    headline: dict[str, dict[date, Scored]]
    definitions: dict[str, list[str]]
    """The KPIs whose definition became another with the run."""
    targets: dict[str, list[str]]
    """The KPIs of which it reported targets anew."""
    weights: dict[str, list[str]]
    units: dict[str, list[str]]
    """The units whose place in the tree it reported anew."""


UNRECORDED = "unrecorded"


def read_changes(warehouse: Path, *, scorecard_id: str, organisation_id: str) -> Changes:
    """Read what every run of the history reported."""
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        values = connection.table("history.reported_value")
        kpi = ConstantExpression("kpi").alias("level")
        node = ColumnExpression("kpi_id").alias("node_id")
        return Changes(
            values=_by_run(_counted(values, VALUE_KEY, [kpi, node])),
            scores=_by_run(_scores(connection)),
            headline=_headline(connection, scorecard_id, organisation_id),
            definitions=_redefined(connection),
            targets=_listed(connection, "history.reported_target", "kpi_id"),
            weights=_listed(connection, "history.reported_weight", "node_id"),
            units=_listed(connection, "history.reported_closure", "unit_id"),
        )


def _scores(connection: DuckDBPyConnection) -> list[Counted]:
    names = [ColumnExpression("level"), ColumnExpression("node_id")]
    return _counted(connection.table("history.reported_score"), SCORE_KEY, names)


def _counted(
    table: DuckDBPyRelation, key: Sequence[str], names: Sequence[Expression]
) -> list[Counted]:
    reasons = ColumnExpression("reasons")
    told = (
        duckdb.CaseExpression(reasons.isnull(), FunctionExpression("list_value").cast("varchar[]"))
        .otherwise(reasons)
        .alias("told")
    )
    rows = table
    if table.filter(reasons.isnull()).limit(1).fetchall():
        rows = _with_unrecorded(table, key)
    rows = rows.select(
        ColumnExpression("run_id"),
        *names,
        ColumnExpression("grain"),
        told,
        ColumnExpression("is_withdrawn"),
    )
    groups = [ColumnExpression(name) for name in rows.columns]
    found = rows.aggregate([*groups, FunctionExpression("count", ColumnExpression("run_id"))])
    counted = (
        Counted(run, level, node, grain, tuple(reasons), withdrawn, count)
        for run, level, node, grain, reasons, withdrawn, count in found.fetchall()
    )
    return sorted(counted)


def _with_unrecorded(table: DuckDBPyRelation, key: Sequence[str]) -> DuckDBPyRelation:
    """Return the reports with a reason where an older version gave none and something had been reported before."""
    first = FunctionExpression("min", ColumnExpression("run_id")).alias("first_run_id")
    firsts = table.aggregate([*(ColumnExpression(name) for name in key), first])
    reasons = ColumnExpression("reasons")
    is_unsaid = reasons.isnull() & (ColumnExpression("first_run_id") < ColumnExpression("run_id"))
    unrecorded = FunctionExpression("list_value", ConstantExpression(UNRECORDED))
    joined = table.set_alias("reports").join(firsts.set_alias("firsts"), ",".join(key), "inner")
    kept = [ColumnExpression(name) for name in table.columns if name != "reasons"]
    given = duckdb.CaseExpression(is_unsaid, unrecorded).otherwise(reasons).alias("reasons")
    return joined.select(*kept, given)


def _by_run(found: Sequence[Counted]) -> dict[str, list[Counted]]:
    groups: dict[str, list[Counted]] = defaultdict(list)
    for row in found:
        groups[row.run_id].append(row)
    return dict(groups)


def _headline(
    connection: DuckDBPyConnection, scorecard_id: str, organisation_id: str
) -> dict[str, dict[date, Scored]]:
    whole = (
        equals("level", "scorecard")
        & equals("node_id", scorecard_id)
        & equals("unit_id", organisation_id)
        & equals("grain", "month")
    )
    rows = read_rows(
        connection,
        Scored,
        "history.reported_score",
        order=("run_id", "period_start_date"),
        where=whole,
    )
    groups: dict[str, dict[date, Scored]] = defaultdict(dict)
    for row in rows:
        groups[row.run_id][row.period_start_date] = row
    return dict(groups)


def _redefined(connection: DuckDBPyConnection) -> dict[str, list[str]]:
    """Return the KPIs whose definition became another with a run; the first one of a KPI is no change."""
    rows = read_rows(connection, Defined, "history.definition", order=("kpi_id", "run_id"))
    groups: dict[str, list[str]] = defaultdict(list)
    known: set[str] = set()
    for row in rows:
        if row.kpi_id in known:
            groups[row.run_id].append(row.kpi_id)
        known.add(row.kpi_id)
    return dict(groups)


def _listed(connection: DuckDBPyConnection, table: str, name: str) -> dict[str, list[str]]:
    columns = (ColumnExpression("run_id"), ColumnExpression(name))
    found = connection.table(table).select(*columns).distinct().fetchall()
    groups: dict[str, list[str]] = defaultdict(list)
    for run_id, each in sorted(found):
        groups[run_id].append(each)
    return dict(groups)
