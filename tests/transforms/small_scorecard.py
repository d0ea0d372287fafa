"""A scorecard in memory for tests of scoring: KPIs over amounts or components given row by row."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb

from scorecard.company import Company
from scorecard.plans import Initiatives, Target
from scorecard.sources import Sources
from scorecard.strategy import Strategy
from scorecard.workspace import Workspace
from transforms.catalogue import create_tables
from transforms.engine import Limits, open_warehouse
from transforms.scoring import score
from transforms.strategy_tables import fill_strategy_tables, insert_rows

SEPTEMBER = date(2026, 9, 1)
REGIONS = {"id": "territory", "name": "Territory", "units": [
    {"id": "north", "name": "North", "units": [{"id": "n1", "name": "N1"}, {"id": "n2", "name": "N2"}]},
    {"id": "south", "name": "South"},
]}  # fmt: skip


def kpi(kpi_id: str, **changes: Any) -> dict[str, Any]:
    """Write a KPI as strategy.yaml would."""
    return {
        "id": kpi_id, "name": kpi_id, "owner": "Owner", "measure": kpi_id, "aggregation": "sum",
        "direction": "higher_is_better",
    } | changes  # fmt: skip


@dataclass
class SmallScorecard:
    """Collects KPIs, targets and components, then scores them."""

    kpis: list[dict[str, Any]] = field(default_factory=list)
    targets: list[dict[str, Any]] = field(default_factory=list)
    components: list[tuple[str, str, date, Any, Any, int | None]] = field(default_factory=list)
    keys: list[tuple[str, str, date, str | None]] = field(default_factory=list)
    answers: list[tuple[str, str, date, Any, int]] = field(default_factory=list)
    data_as_of: date | None = date(2026, 9, 30)
    data_as_of_by_measure: dict[str, date] = field(default_factory=dict)
    broken: frozenset[str] = frozenset()
    failed: frozenset[str] = frozenset()
    manual: frozenset[str] = frozenset()
    unplaced: list[tuple[str, str, date]] = field(default_factory=list)
    company: dict[str, Any] = field(default_factory=dict)
    strategy: dict[str, Any] = field(default_factory=dict)
    perspectives: Sequence[dict[str, Any]] | None = None

    def add(
        self, measure: str, rows: Iterable[tuple[str, date, Any]], *, denominator: Any = None,
        observations: int | None = None,
    ) -> None:  # fmt: skip
        """Add rows (unit, month, numerator) of a measure; a denominator may be given with the numerator as a pair."""
        for unit, month, value in rows:
            upper, lower = value if isinstance(value, tuple) else (value, denominator)
            self.components.append((measure, unit, month, upper, lower, observations))

    def workspace(self) -> Workspace:
        """Give the typed workspace."""
        perspectives = self.perspectives or [
            {"id": "p", "name": "P", "objectives": [
                {"id": "o", "name": "O", "owner": "Owner", "kpis": self.kpis}]}
        ]  # fmt: skip
        return Workspace(
            root=Path(),
            company=Company.model_validate(
                {
                    "organisation": {"id": "all", "name": "All"},
                    "currency": "EUR",
                    "trees": [REGIONS],
                }
                | self.company
            ),
            sources=Sources(sources={}),
            strategy=Strategy.model_validate(
                {"id": "card", "name": "Card", "perspectives": perspectives} | self.strategy
            ),
            contracts={},
            staging={},
            measures={},
            targets=tuple(
                Target.model_validate({"per": "month", "valid_from": date(2020, 1, 1)} | target)
                for target in self.targets
            ),
            initiatives=Initiatives(),
            comments=(),
        )

    def scored(self, tmp_path: Path, as_of: date = date(2026, 10, 5)) -> duckdb.DuckDBPyConnection:
        """Score, and give the open warehouse."""
        workspace = self.workspace()
        connection = open_warehouse(
            tmp_path / "warehouse.duckdb", limits=Limits(threads=2), temporary=tmp_path / "spill"
        )
        create_tables(connection)
        kpis = [each for _, _, each in workspace.strategy.kpis()]
        fill_strategy_tables(
            connection, workspace, definitions={each.id: ("d-0", "v-0") for each in kpis}, as_of=as_of,
            headline=date(2026, 9, 1),
        )  # fmt: skip
        for measure in sorted({term.measure for each in kpis for term in each.terms().values()}):
            self._measure(connection, measure)
        insert_rows(connection, "measure.unplaced", [
            {"measure_id": m, "unit_id": u, "period_start_date": p, "row_count": 1}
            for m, u, p in self.unplaced
        ])  # fmt: skip
        score(connection, workspace, as_of=as_of)
        return connection

    def _measure(self, connection: duckdb.DuckDBPyConnection, measure: str) -> None:
        rows = [row for row in self.components if row[0] == measure]
        keys = [row for row in self.keys if row[0] == measure]
        answers = [row for row in self.answers if row[0] == measure]
        months = [row[2] for row in (*rows, *keys, *answers)]
        is_plain = all(row[4] is None for row in rows)
        insert_rows(connection, "measure.dim_measure", [{
            "measure_id": measure,
            "kind": "keys" if keys else "answers" if answers else "amounts" if is_plain else "components",
            "data_as_of_date": self.data_as_of_by_measure.get(measure, self.data_as_of),
            "first_period_start_date": min(months) if months else None,
            "is_broken": measure in self.broken,
            "is_manual": measure in self.manual,
            "error_message": "It failed." if measure in self.failed else None,
        }])  # fmt: skip
        insert_rows(connection, "measure.component", [
            {"measure_id": m, "unit_id": u, "period_start_date": p, "numerator": Decimal(str(n)),
             "denominator": Decimal(1) if is_plain else Decimal(str(d)), "observations_count": o}
            for m, u, p, n, d, o in rows
        ])  # fmt: skip
        insert_rows(connection, "measure.answer", [
            {"measure_id": m, "unit_id": u, "period_start_date": p, "answer": Decimal(str(a)), "observations_count": o}
            for m, u, p, a, o in answers
        ])  # fmt: skip
        if keys:
            connection.execute(
                f'create table measure."{measure}" (unit_id varchar, period_start_date date, key varchar)'
            )
            insert_rows(connection, f"measure.{measure}", [
                {"unit_id": u, "period_start_date": p, "key": k} for _, u, p, k in keys
            ])  # fmt: skip


def months(first: date, count: int) -> list[date]:
    """Give `count` first days of months from `first` on."""
    return [
        date(first.year + (first.month - 1 + i) // 12, (first.month - 1 + i) % 12 + 1, 1)
        for i in range(count)
    ]


def found(connection: duckdb.DuckDBPyConnection, table: str, **keys: Any) -> dict[str, Any] | None:
    """Give the one row of a table with these keys, or None."""
    where = " and ".join(f"{name} = ${name}" for name in keys)
    answer = connection.execute(f"select * from {table} where {where}", keys)
    names = [column[0] for column in answer.description or []]
    rows = answer.fetchall()
    assert len(rows) <= 1, rows
    return dict(zip(names, rows[0], strict=True)) if rows else None


def actual(
    connection: duckdb.DuckDBPyConnection, kpi_id: str, unit: str, grain: str, first: str
) -> float | None:
    """Give what was measured; None also where there is no row."""
    row = found(
        connection, "scorecard.kpi_value", kpi_id=kpi_id, unit_id=unit, grain=grain,
        period_start_date=date.fromisoformat(first),
    )  # fmt: skip
    return None if row is None else row["actual"]


def row(connection: duckdb.DuckDBPyConnection, table: str, **keys: Any) -> dict[str, Any]:
    """Give the one row of a table with these keys."""
    there = found(connection, table, **keys)
    assert there is not None, keys
    return there


def value(connection: duckdb.DuckDBPyConnection, kpi_id: str, **keys: Any) -> dict[str, Any]:
    """Give a KPI's value, by default the organisation's in September 2026."""
    keys = {"unit_id": "all", "grain": "month", "period_start_date": SEPTEMBER} | keys
    return row(connection, "scorecard.kpi_value", kpi_id=kpi_id, **keys)


def scored(connection: duckdb.DuckDBPyConnection, kpi_id: str, **keys: Any) -> dict[str, Any]:
    """Give a KPI's score, by default the organisation's in September 2026."""
    keys = {"unit_id": "all", "grain": "month", "period_start_date": SEPTEMBER} | keys
    return row(connection, "scorecard.kpi_score", kpi_id=kpi_id, **keys)


MONTHS = months(date(2024, 1, 1), 33)
"""The months of rows, up to September 2026."""
