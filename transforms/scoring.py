"""From components to scores: runs the static SQL of `sql/score/` in order, in a warehouse that holds components and strategy.

Each rule of the method is defined once, in those files. This module alone owns create and insert.

Not here: SQL from the workspace (measures), and the strategy's own tables.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import duckdb

from scorecard.workspace import Workspace
from transforms.derived import compute_derived
from transforms.engine import quoted
from transforms.steps import create, insert, run, step_text
from transforms.strategy_tables import insert_rows
from transforms.suppression import hold_back, suppress

GRAINS = ("month", "quarter", "half", "year", "ytd", "ttm")
"""Every length of period."""
LEVELS = ("kpi", "objective", "perspective")
"""The levels that are rolled up, from below."""
PERIODS = ("period_month", "term", "own_month", "own_period", "due_period", "base_period")
"""Steps that say which periods a KPI of each frequency has, shows and is taken against, and what it is computed from."""
VALUES = ("term_unit", "unit_month", "added_value", "counted_key", "base_value", "term_value")
"""Steps from components to the values of terms at every grain."""
POINTS = ("target_row", "given_point", "season", "month_target", "length_kpi", "level_target", "period_mix", "mixed_point", "point")  # fmt: skip
"""Steps from the rows of targets.csv to the scoring points of each period."""


def score(
    connection: duckdb.DuckDBPyConnection,
    workspace: Workspace,
    *,
    as_of: date,
    grains: Sequence[str] = GRAINS,
) -> None:
    """Fill values, scores and balance in the connection's default database.

    Periods that ended before `as_of` are scored, the one it lies in is shown as provisional. `grains` are the lengths of
    period that are computed; months are always among them.
    """
    connection.execute(step_text("macros"))
    _step_inputs(connection, workspace)
    parameters = {
        "as_of": as_of,
        "fiscal_start": workspace.company.fiscal_year_start_month,
        "scorecard_roll_up": workspace.strategy.roll_up,
        "grains": list(grains),
    }
    insert(connection, "scorecard.dim_period", "dim_period", parameters)
    for step in PERIODS:
        create(connection, step, parameters)
    create(connection, "survey_component", parameters)
    create(connection, "component_of_term", parameters)
    create(connection, "measured_unit", parameters)
    insert(connection, "scorecard.kpi_unit", "kpi_unit", parameters)
    for step in VALUES:
        create(connection, step, parameters)
    compute_derived(connection, (kpi for _, _, kpi in workspace.strategy.kpis()))
    create(connection, "measured_value", parameters)
    suppress(connection, parameters)
    create(connection, "value_interval", parameters)
    insert(connection, "scorecard.kpi_value", "kpi_value", parameters)
    create(connection, "unplaced_period", parameters)
    create(connection, "whole_value", parameters)
    create(connection, "counted_value", parameters)
    for step in POINTS:
        create(connection, step, parameters)
    create(connection, "usual_range", parameters)
    insert(connection, "scorecard.kpi_score", "kpi_score", parameters)
    insert(connection, "scorecard.movement", "movement", parameters)
    insert(connection, "quality.warning", "warning", parameters)
    _roll_up(connection, parameters)
    insert(connection, "scorecard.balance", "balance", parameters)
    insert(connection, "scorecard.score_contribution", "score_contribution", parameters)
    insert(connection, "scorecard.unit_contribution", "unit_contribution", parameters)
    hold_back(connection, parameters)


def _step_inputs(connection: duckdb.DuckDBPyConnection, workspace: Workspace) -> None:
    """Lay what the SQL needs of the workspace, and has no published table for, into temporary tables."""
    kpis = [kpi for _, _, kpi in workspace.strategy.kpis()]
    _lay(
        connection,
        "applies_to (kpi_id varchar, place_id varchar)",
        [{"kpi_id": kpi.id, "place_id": place} for kpi in kpis for place in kpi.applies_to],
    )
    _lay(
        connection,
        "written_unit (unit_id varchar, tree_id varchar, level bigint)",
        [
            {"unit_id": unit.id, "tree_id": tree.id if tree else None, "level": level}
            for tree, unit, _, level in workspace.company.units()
        ],
    )
    _lay(connection, "flow (kpi_id varchar)", [{"kpi_id": kpi.id} for kpi in kpis if kpi.is_flow])
    connection.execute(
        "create or replace temp table measure_key "
        "(measure_id varchar, unit_id varchar, period_start_date date, key varchar)"
    )
    keyed = connection.execute("select measure_id from measure.dim_measure where kind = 'keys'")
    for (measure,) in keyed.fetchall():
        connection.execute(
            "insert into measure_key select $measure, keyed.unit_id, keyed.period_start_date, keyed.key::varchar "
            f"from {quoted('measure.' + measure)} as keyed "
            "inner join scorecard.dim_unit as unit on keyed.unit_id = unit.unit_id",
            {"measure": measure},
        )


def _lay(
    connection: duckdb.DuckDBPyConnection, table: str, rows: Sequence[Mapping[str, Any]]
) -> None:
    """Lay rows into a temporary table, given as `name (columns)`."""
    connection.execute(f"create or replace temp table {table}")
    insert_rows(connection, table.split(" ", maxsplit=1)[0], rows)


def _roll_up(connection: duckdb.DuckDBPyConnection, parameters: Mapping[str, Any]) -> None:
    create(connection, "node", parameters)
    connection.execute(f"create or replace temp table node_score as {step_text('kpi_node_score')}")
    for level in LEVELS:
        scoped = {**parameters, "level": level}
        create(connection, "sibling", scoped)
        insert(connection, "scorecard.child_cost", "child_cost", scoped)
        run(connection, "insert into node_score by name", "parent_score", scoped)
    for level in (*LEVELS[1:], "scorecard"):
        run(
            connection,
            f"insert into {quoted(f'scorecard.{level}_score')} by position",
            "level_score",
            {**parameters, "level": level},
        )
