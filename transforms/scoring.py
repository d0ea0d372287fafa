"""From components to scores: runs the static SQL of `sql/score/` in order, in a warehouse that holds components and strategy.

Each rule of the method is defined once, in those files. This module alone owns create and insert.

Not here: SQL from the workspace (measures), and the strategy's own tables.
"""

import re
from collections.abc import Mapping
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import duckdb

from scorecard.workspace import Workspace
from transforms.engine import quoted
from transforms.strategy_tables import insert_rows

SQL = Path(__file__).with_name("sql") / "score"
LEVELS = ("kpi", "objective", "perspective")
"""The levels that are rolled up, from below."""


def score(connection: duckdb.DuckDBPyConnection, workspace: Workspace, *, as_of: date) -> None:
    """Fill values, scores and balance in the connection's default database.

    Periods that ended before `as_of` are scored, the one it lies in is shown as provisional.
    """
    connection.execute(_text("macros"))
    _step_inputs(connection, workspace)
    parameters = {
        "as_of": as_of,
        "fiscal_start": workspace.company.fiscal_year_start_month,
        "scorecard_roll_up": workspace.strategy.roll_up,
    }
    _insert(connection, "scorecard.dim_period", "dim_period", parameters)
    _create(connection, "period_month", parameters)
    _create(connection, "measured_unit", parameters)
    _insert(connection, "scorecard.kpi_unit", "kpi_unit", parameters)
    _create(connection, "unit_month", parameters)
    _create(connection, "base_value", parameters)
    _insert(connection, "scorecard.kpi_value", "kpi_value", parameters)
    _create(connection, "point", parameters)
    _create(connection, "usual_range", parameters)
    _insert(connection, "scorecard.kpi_score", "kpi_score", parameters)
    _roll_up(connection, parameters)
    _insert(connection, "scorecard.balance", "balance", parameters)
    _hold_back(connection, parameters)


def _step_inputs(connection: duckdb.DuckDBPyConnection, workspace: Workspace) -> None:
    """Lay what the SQL needs of the workspace, and has no published table for, into temporary tables."""
    connection.execute("create or replace temp table applies_to (kpi_id varchar, place_id varchar)")
    connection.execute(
        "create or replace temp table kpi_signal (kpi_id varchar, signal_on varchar)"
    )
    kpis = [kpi for _, _, kpi in workspace.strategy.kpis()]
    insert_rows(
        connection,
        "applies_to",
        [{"kpi_id": kpi.id, "place_id": place} for kpi in kpis for place in kpi.applies_to],
    )
    insert_rows(
        connection, "kpi_signal", [{"kpi_id": kpi.id, "signal_on": kpi.signal_on} for kpi in kpis]
    )
    connection.execute(
        "create or replace temp table measure_key "
        "(measure_id varchar, unit_id varchar, period_start_date date, key varchar)"
    )
    keyed = connection.execute("select measure_id from measure.dim_measure where kind = 'keys'")
    for (measure,) in keyed.fetchall():
        connection.execute(
            "insert into measure_key select $measure, keyed.unit_id, keyed.period_start_date, keyed.key "
            f"from {quoted('measure.' + measure)} as keyed "
            "inner join scorecard.dim_unit as unit on keyed.unit_id = unit.unit_id",
            {"measure": measure},
        )


def _roll_up(connection: duckdb.DuckDBPyConnection, parameters: Mapping[str, Any]) -> None:
    _create(connection, "node", parameters)
    connection.execute(f"create or replace temp table node_score as {_text('kpi_node_score')}")
    for level in LEVELS:
        scoped = {**parameters, "level": level}
        _insert(connection, "scorecard.child_cost", "child_cost", scoped)
        _run(connection, "insert into node_score by name", "parent_score", scoped)
    for level in (*LEVELS[1:], "scorecard"):
        _run(
            connection,
            f"insert into {quoted(f'scorecard.{level}_score')} by position",
            "level_score",
            {**parameters, "level": level},
        )


def _hold_back(connection: duckdb.DuckDBPyConnection, parameters: Mapping[str, Any]) -> None:
    """Empty published components that rest on too few observations, once everything has been added up from them."""
    _create(connection, "least_observations", parameters)
    _create(connection, "held_back", parameters)
    connection.execute(
        "update measure.component as shown set numerator = null, denominator = null, "
        "observations_count = null from held_back where shown.measure_id = held_back.measure_id "
        "and shown.unit_id = held_back.unit_id "
        "and shown.period_start_date = held_back.period_start_date"
    )
    guarded = connection.execute(
        "select least.measure_id, least.observations_count from least_observations as least "
        "inner join duckdb_tables() as present on present.database_name = current_database() "
        "and present.schema_name = 'measure' and present.table_name = least.measure_id order by all"
    ).fetchall()
    for measure, least in guarded:
        _hold_back_rows(connection, measure, least)


def _hold_back_rows(connection: duckdb.DuckDBPyConnection, measure: str, least: int) -> None:
    """Empty a measure's own rows: those of a month held back, and single parts that rest on too few themselves."""
    table = quoted(f"measure.{measure}")
    columns = [name for name, *_ in connection.execute(f"describe {table}").fetchall()]
    counts = [name for name in ("observations_count", "denominator") if name in columns]
    if not counts:
        return
    emptied = ", ".join(f"{name} = null" for name in ("numerator", *counts))
    connection.execute(
        f"update {table} as shown set {emptied} where coalesce({', '.join(counts)}) < $least "
        "or exists (select 1 from held_back where held_back.measure_id = $measure "
        "and held_back.unit_id = shown.unit_id "
        "and held_back.period_start_date = shown.period_start_date)",
        {"least": least, "measure": measure},
    )


def _create(
    connection: duckdb.DuckDBPyConnection, step: str, parameters: Mapping[str, Any]
) -> None:
    _run(connection, f"create or replace temp table {quoted(step)} as", step, parameters)


def _insert(
    connection: duckdb.DuckDBPyConnection, table: str, step: str, parameters: Mapping[str, Any]
) -> None:
    _run(connection, f"insert into {quoted(table)} by name", step, parameters)


def _run(
    connection: duckdb.DuckDBPyConnection, act: str, step: str, parameters: Mapping[str, Any]
) -> None:
    text = _text(step)
    used = {name: value for name, value in parameters.items() if re.search(rf"\${name}\b", text)}
    connection.execute(f"{act}\n{text}", used)


@cache
def _text(step: str) -> str:
    return (SQL / f"{step}.sql").read_text("utf-8")
