"""Scores of KPIs as given, rolled up by the warehouse's own steps: for tests of what comes after the scoring of single KPIs."""

from collections.abc import Iterable, Sequence
from datetime import date
from functools import cache
from typing import Any

import duckdb

from scorecard.strategy import Bands
from tests.transforms.small_scorecard import SmallScorecard, kpi
from transforms.catalogue import create_tables
from transforms.scoring import _roll_up
from transforms.steps import insert, step_text
from transforms.strategy_tables import fill_strategy_tables, insert_rows

JULY, AUGUST = date(2026, 7, 1), date(2026, 8, 1)
Given = tuple[str, str, date, float | None, str]
"""KPI, unit, month, score, data state."""
STRATEGY_TABLES = (
    "dim_scorecard", "dim_unit", "unit_closure", "dim_perspective", "dim_objective", "dim_kpi", "kpi_term",
    "weight", "dim_period", "kpi_score", "child_cost", "objective_score", "perspective_score",
    "scorecard_score", "balance", "score_contribution",
)  # fmt: skip


def one_objective(
    scores: Sequence[float | None], weights: Sequence[Any] | None = None, *,
    strategy: dict[str, Any] | None = None, objective: dict[str, Any] | None = None,
    **changes: dict[str, Any],
) -> duckdb.DuckDBPyConnection:  # fmt: skip
    """Roll KPIs `a`, `b`, … of the objective `o` up from their scores in August; `changes` are of KPIs, by id."""
    names = "abcdefgh"[: len(scores)]
    perspectives = [{"id": "p", "name": "P", "objectives": [
        {"id": "o", "name": "O", "owner": "Owner", "kpis": [
            kpi(name, weight=weight) | changes.get(name, {})
            for name, weight in zip(names, weights or [1] * len(names), strict=True)
        ]} | (objective or {})
    ]}]  # fmt: skip
    given = [(name, "all", AUGUST, score, "") for name, score in zip(names, scores, strict=True)]
    return rolled_up(perspectives, given, strategy=strategy or {})


def rolled_up(
    perspectives: Sequence[dict[str, Any]], given: Iterable[Given], *,
    strategy: dict[str, Any] | None = None,
) -> duckdb.DuckDBPyConnection:  # fmt: skip
    """Roll given scores up; a data state of "" is `current` with a score, else `no_data`."""
    connection = _warehouse().cursor()
    connection.execute(step_text("macros"))
    for table in STRATEGY_TABLES:
        connection.execute(f"delete from scorecard.{table}")
    workspace = SmallScorecard(perspectives=perspectives, strategy=strategy or {}).workspace()
    kpis = {each.id: each for _, _, each in workspace.strategy.kpis()}
    fill_strategy_tables(
        connection, workspace, definitions=dict.fromkeys(kpis, ("d-0", "v-0")), as_of=date(2026, 9, 5),
        headline=AUGUST,
    )  # fmt: skip
    insert_rows(connection, "scorecard.dim_period", [
        {"grain": "month", "period_start_date": first, "first_date": first,
         "last_date": first.replace(day=31), "is_closed": True, "is_headline": first == AUGUST}
        for first in (JULY, AUGUST)
    ])  # fmt: skip
    insert_rows(connection, "scorecard.kpi_score", [
        {"kpi_id": name, "unit_id": unit, "period_start_date": month, "grain": "month", "score": score,
         "band": band(score, kpis[name].bands or workspace.strategy.bands),
         "data_state": state or ("no_data" if score is None else "current"),
         "coverage": float(score is not None)}
        for name, unit, month, score, state in given
    ])  # fmt: skip
    parameters = {"scorecard_roll_up": workspace.strategy.roll_up}
    _roll_up(connection, parameters)
    insert(connection, "scorecard.balance", "balance", parameters)
    insert(connection, "scorecard.score_contribution", "score_contribution", parameters)
    return connection


@cache
def _warehouse() -> duckdb.DuckDBPyConnection:
    """Create the tables once: their comments take longer than a roll-up."""
    connection = duckdb.connect()
    create_tables(connection)
    return connection


def band(score: float | None, edges: Bands) -> str | None:
    """Give the band of a score that needs no rounding."""
    if score is None:
        return None
    if score >= edges.on_track:
        return "on_track"
    return "at_risk" if score >= edges.at_risk else "off_track"
