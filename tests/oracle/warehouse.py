"""A random organisation scored by the warehouse's own SQL, without lake, loads and pages.

Not here: the oracle, and comparing the two.
"""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import duckdb

from scorecard.plans import Initiatives
from scorecard.sources import Sources
from scorecard.workspace import Workspace
from tests.oracle.measured import Measured
from tests.oracle.periods import first_day, month_of
from tests.oracle.strategies import Case
from transforms.catalogue import catalogue, create_tables
from transforms.engine import quoted
from transforms.scoring import score
from transforms.strategy_tables import fill_strategy_tables, insert_rows


def workspace_of(case: Case) -> Workspace:
    """Give the typed workspace that a case would be read as."""
    return Workspace(
        root=Path(),
        company=case.company,
        sources=Sources(sources={}),
        strategy=case.strategy,
        contracts={},
        staging={},
        measures={},
        targets=case.targets,
        initiatives=Initiatives(),
        comments=(),
    )


@cache
def _warehouse() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect(":memory:", config={"threads": 1})
    create_tables(connection)
    return connection


@contextmanager
def _emptied() -> Iterator[duckdb.DuckDBPyConnection]:
    """Give the one warehouse of all examples without its rows: creating its tables takes longer than to score a case."""
    connection = _warehouse()
    declared = set(catalogue())
    present = connection.execute(
        "select schema_name || '.' || table_name from duckdb_tables() where not temporary"
    ).fetchall()
    for (table,) in present:
        act = "delete from" if table in declared else "drop table"
        connection.execute(f"{act} {quoted(table)}")
    yield connection


@contextmanager
def scored(case: Case) -> Iterator[duckdb.DuckDBPyConnection]:
    """Score a case, and give the open warehouse."""
    workspace = workspace_of(case)
    with _emptied() as connection:
        fill_strategy_tables(
            connection,
            workspace,
            definitions={kpi.id: ("d-0", "v-0") for _, _, kpi in workspace.strategy.kpis()},
            as_of=case.as_of,
            headline=first_day(month_of(case.as_of) - 1),
        )
        for name, measured in case.measures.items():
            _fill(connection, name, measured)
        score(connection, workspace, as_of=case.as_of)
        yield connection


def _fill(connection: duckdb.DuckDBPyConnection, name: str, measured: Measured) -> None:
    first = measured.first_month
    insert_rows(connection, "measure.dim_measure", [{
        "measure_id": name,
        "kind": measured.kind,
        "data_as_of_date": measured.data_as_of,
        "first_period_start_date": None if first is None else first_day(first),
        "is_broken": measured.is_broken,
        "error_message": None,
    }])  # fmt: skip
    insert_rows(connection, "measure.unplaced", [
        {"measure_id": name, "unit_id": unit, "period_start_date": month, "row_count": 1}
        for unit, month in sorted(measured.unplaced)
    ])  # fmt: skip
    if measured.kind == "keys":
        _fill_keys(connection, name, measured)
    elif measured.kind == "answers":
        _fill_answers(connection, name, measured)
    else:
        _fill_components(connection, name, measured)


def _fill_components(connection: duckdb.DuckDBPyConnection, name: str, measured: Measured) -> None:
    insert_rows(connection, "measure.component", [
        {
            "measure_id": name, "unit_id": row.unit, "period_start_date": row.month,
            "numerator": row.numerator,
            "denominator": Decimal(1) if row.denominator is None else row.denominator,
            "observations_count": row.observations,
        }
        for row in measured.rows
    ])  # fmt: skip


def _fill_keys(connection: duckdb.DuckDBPyConnection, name: str, measured: Measured) -> None:
    connection.execute(
        f'create table measure."{name}" (unit_id varchar, period_start_date date, key varchar)'
    )
    insert_rows(connection, f"measure.{name}", [
        {"unit_id": row.unit, "period_start_date": row.month, "key": row.key} for row in measured.rows
    ])  # fmt: skip


def _fill_answers(connection: duckdb.DuckDBPyConnection, name: str, measured: Measured) -> None:
    counts: Counter[tuple[str, date, Decimal]] = Counter()
    for row in measured.rows:
        assert row.answer is not None
        counts[row.unit, row.month, row.answer] += row.observations or 1
    insert_rows(connection, "measure.answer", [
        {
            "measure_id": name, "unit_id": unit, "period_start_date": month,
            "answer": answer, "observations_count": count,
        }
        for (unit, month, answer), count in counts.items()
    ])  # fmt: skip


def rows_of(connection: duckdb.DuckDBPyConnection, table: str) -> list[dict[str, Any]]:
    """Give a table's rows by column name."""
    found = connection.execute(f"select * from {table}")
    names = [column[0] for column in found.description or []]
    return [dict(zip(names, row, strict=True)) for row in found.fetchall()]
