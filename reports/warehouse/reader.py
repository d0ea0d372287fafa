"""Reads an area of the published tables: some KPIs for some units, or some units' own scores.

Not here: what is held and when it goes (slices), what is read once for all pages (published).
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path

from duckdb import (
    ColumnExpression,
    ConstantExpression,
    DuckDBPyConnection,
    Expression,
    FunctionExpression,
)

from reports.warehouse import rows
from reports.warehouse.drill import Drill, read_drill, read_entry
from reports.warehouse.reading import Row, among, by_period, equals, grouped, opened, read_rows
from reports.warehouse.slices import OfPairs, OfUnits
from reports.warehouse.window import Window

LEVELS = ("objective", "perspective", "scorecard")


@dataclass(frozen=True)
class Line:
    """The runs that led to the release; what a rolled-back run reported is no part of its story."""

    as_of: Mapping[str, date]
    """The business date of each run on the line."""
    last_dates: Mapping[tuple[str, date], date]
    """The last day of every period, by grain and first day."""

    def holds(self, row: rows.Reported | rows.ReportedScore) -> bool:
        """Whether a row was reported on the line."""
        return row.run_id in self.as_of

    def was_open(self, row: rows.Reported) -> bool:
        """Whether a value was reported as provisional; an older version did not say so, but its business date does."""
        if row.is_provisional is not None:
            return row.is_provisional
        last = self.last_dates.get((row.grain, row.period_start_date))
        return last is not None and last >= self.as_of[row.run_id]


@dataclass(frozen=True)
class Reader:
    """Reads areas of one warehouse, on one connection that is opened when the first is read."""

    warehouse: Path
    window: Window
    frequencies: Mapping[str, str]
    """How often each KPI is measured."""
    line: Line
    month: rows.Period | None
    """The headline month."""
    units: frozenset[str]
    """Every unit: who asks for all of them asks for no unit in particular."""

    @cached_property
    def connection(self) -> DuckDBPyConnection:
        """The connection; read-only, closed with `close`."""
        return opened(self.warehouse)

    def close(self) -> None:
        """Close the connection; the next that is read opens another."""
        connection = self.__dict__.pop("connection", None)
        if connection is not None:
            connection.close()

    def pairs(
        self, kpis: Sequence[str], units: Sequence[str], *, is_report_whole: bool = False
    ) -> OfPairs:
        """Read some KPIs for some units; what was reported only of periods reported more than once, unless it is asked for whole."""
        window, here = self.window, among("kpi_id", kpis) & self._of("unit_id", units)
        order = ("kpi_id", "unit_id", "grain", "period_start_date")
        values = self._rows(rows.Value, "scorecard.kpi_value", here & window.all(), order=order)
        scores = read_rows(
            self.connection,
            rows.Score,
            "scorecard.kpi_score",
            order=order,
            where=here & window.all(),
            instead={"points": window.listed_points()},
        )
        moves = self._rows(rows.Moved, "scorecard.movement", here & window.own(), order=order)
        comments = self._rows(
            rows.Comment,
            "scorecard.comment",
            here,
            order=("kpi_id", "unit_id", "period_start_date"),
        )
        reported, rescored = self._reported(kpis, units, is_whole=is_report_whole)
        return OfPairs(
            kpis=frozenset(kpis),
            units=frozenset(units),
            values=by_period(values, lambda row: (row.kpi_id, row.unit_id, row.grain)),
            scores=by_period(scores, lambda row: (row.kpi_id, row.unit_id, row.grain)),
            moves=by_period(moves, lambda row: (row.kpi_id, row.unit_id)),
            contributions=self._unit_contributions(kpis, units),
            reported=grouped(reported, lambda row: (row.kpi_id, row.unit_id)),
            rescored=_by_node(rescored),
            comments=grouped(comments, lambda row: (row.kpi_id, row.unit_id)),
        )

    def of_units(self, units: Sequence[str]) -> OfUnits:
        """Read the scores of some units' objectives, perspectives and scorecards."""
        window, here = self.window, among("unit_id", units)
        costs = self._rows(
            rows.Cost,
            "scorecard.child_cost",
            here & window.last_two(),
            order=("unit_id", "period_start_date", "parent_level", "parent_id", "child_id"),
        )
        balance = self._rows(
            rows.Balance, "scorecard.balance", here & window.headline(), order=("unit_id",)
        )
        moved = self._rows(
            rows.ScoreContribution,
            "scorecard.score_contribution",
            here & window.headline(),
            order=("parent_level", "parent_id", "unit_id", "child_id"),
        )
        return OfUnits(
            units=frozenset(units),
            nodes=read_nodes(self.connection, here & window.months()),
            costs=grouped(costs, lambda row: (row.unit_id, row.period_start_date)),
            balance={row.unit_id: row for row in balance},
            contributions=grouped(
                moved, lambda row: (row.parent_level, row.parent_id, row.unit_id)
            ),
        )

    def reported_nodes(self, unit: str) -> dict[tuple[str, str, str], list[rows.ReportedScore]]:
        """Read what was reported of a unit's objectives, perspectives and scorecard."""
        return _by_node(self._rescored(among("level", LEVELS) & equals("unit_id", unit)))

    def drills(self, measure: rows.Measure) -> tuple[Drill, ...]:
        """Read a measure's headline month by its further dimensions."""
        return read_drill(self.connection, measure, self.month) if self.month is not None else ()

    def entries(self, measure: rows.Measure) -> list[rows.Entry]:
        """Read who entered each row of a measure."""
        return read_entry(self.connection, measure)

    def targets(self, kpis: Sequence[str]) -> dict[str, list[rows.Target]]:
        """Read the targets of some KPIs, of all units."""
        order = ("kpi_id", "unit_id", "per", "valid_from_date")
        found = self._rows(rows.Target, "scorecard.target", among("kpi_id", kpis), order=order)
        return grouped(found, lambda row: row.kpi_id)

    def _rows(
        self, kind: type[Row], table: str, where: Expression, *, order: Sequence[str]
    ) -> list[Row]:
        return read_rows(self.connection, kind, table, order=order, where=where)

    def _of(self, column: str, units: Sequence[str]) -> Expression:
        if self.units <= frozenset(units):
            return ConstantExpression(True)
        return among(column, units)

    def _unit_contributions(
        self, kpis: Sequence[str], units: Sequence[str]
    ) -> dict[tuple[str, str], list[rows.UnitContribution]]:
        """Read what moved each KPI's value, in the last period of its own length."""
        found = self._rows(
            rows.UnitContribution,
            "scorecard.unit_contribution",
            among("kpi_id", kpis) & self._of("parent_unit_id", units) & self.window.moved(),
            order=("kpi_id", "parent_unit_id", "tree_id", "part", "unit_id", "grain"),
        )
        return grouped(
            (row for row in found if row.grain == self.frequencies[row.kpi_id]),
            lambda row: (row.kpi_id, row.parent_unit_id),
        )

    def _reported(
        self, kpis: Sequence[str], units: Sequence[str], *, is_whole: bool
    ) -> tuple[list[rows.Reported], list[rows.ReportedScore]]:
        """Read what was reported: of all periods, or of those whose value or score was reported more than once; most never are."""
        here = self._of("unit_id", units)
        of_values = among("kpi_id", kpis) & here & self.window.reported()
        of_scores = equals("level", "kpi") & among("node_id", kpis) & here
        if is_whole:
            return self._revalued(of_values), self._rescored(of_scores)
        again = self._again("history.reported_value", "kpi_id", of_values)
        again |= self._again("history.reported_score", "node_id", of_scores)
        if not again:
            return [], []
        starts = sorted({start for _, _, start in again})
        then = ColumnExpression("period_start_date").isin(*map(ConstantExpression, starts))
        values, scores = self._revalued(of_values & then), self._rescored(of_scores & then)
        return (
            [row for row in values if (row.kpi_id, row.unit_id, row.period_start_date) in again],
            [row for row in scores if (row.node_id, row.unit_id, row.period_start_date) in again],
        )

    def _again(self, table: str, name: str, where: Expression) -> set[tuple[str, str, date]]:
        """Return what was reported more than once, by KPI, unit and first day of the period."""
        of = [ColumnExpression(each) for each in (name, "unit_id", "period_start_date", "grain")]
        times = FunctionExpression("count", ColumnExpression("run_id")).alias("times")
        counted = self.connection.table(table).filter(where).aggregate([*of, times])
        again = counted.filter(ColumnExpression("times") > ConstantExpression(1))
        return set(again.select(*of[:3]).fetchall())

    def _revalued(self, where: Expression) -> list[rows.Reported]:
        found = self._rows(
            rows.Reported,
            "history.reported_value",
            where,
            order=("kpi_id", "unit_id", "period_start_date", "run_id"),
        )
        return [row for row in found if self.line.holds(row) and not self.line.was_open(row)]

    def _rescored(self, where: Expression) -> list[rows.ReportedScore]:
        found = self._rows(
            rows.ReportedScore,
            "history.reported_score",
            where & self.window.reported("node_id"),
            order=("level", "node_id", "unit_id", "period_start_date", "run_id"),
        )
        return [row for row in found if self.line.holds(row)]


def _by_node(
    found: Iterable[rows.ReportedScore],
) -> dict[tuple[str, str, str], list[rows.ReportedScore]]:
    return grouped(found, lambda row: (row.level, row.node_id, row.unit_id))


def read_nodes(
    connection: DuckDBPyConnection, where: Expression
) -> dict[tuple[str, str, str], dict[date, rows.Node]]:
    """Read the scores of objectives, perspectives and scorecards, by level, node and unit."""
    found: dict[tuple[str, str, str], dict[date, rows.Node]] = {}
    for level in LEVELS:
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
