"""The warehouse's SQL says what the oracle says, for random organisations: every value, score and parent.

More examples than the usual ones: `STEELYARD_EXAMPLES=2000 pytest tests/oracle`.
"""

import ast
import math
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import HealthCheck, given, settings

from tests.oracle.oracle import Oracle, Scored
from tests.oracle.periods import Period
from tests.oracle.roll_up import Parent
from tests.oracle.strategies import Case, cases
from tests.oracle.values import Value
from tests.oracle.warehouse import rows_of, scored

EXAMPLES = int(os.environ.get("STEELYARD_EXAMPLES", "60"))
ROUNDING = 1e-9
"""Floating rounding, relative to the number."""

Key = tuple[str, str, str, date]
"""Node, unit, grain, and the date that names the period."""


def oracle_of(case: Case) -> Oracle:
    """Give the oracle for a case."""
    return Oracle(
        case.strategy,
        company=case.company,
        targets=case.targets,
        measures=case.measures,
        as_of=case.as_of,
    )


@dataclass(frozen=True)
class Differences:
    """Gathers where the two differ, so that a failure names the row and the column."""

    found: list[str]

    def same(self, key: Key, column: str, *, warehouse: Any, oracle: Any) -> None:
        """Note a difference of two values that are no floating numbers."""
        if warehouse != oracle:
            self.note(key, column, warehouse=warehouse, oracle=oracle)

    def near(
        self,
        key: Key,
        column: str,
        *,
        warehouse: float | None,
        oracle: float | None,
        also: float = 0,
    ) -> None:
        """Note a difference of two numbers beyond floating rounding; `also` is what rounding of their inputs may do."""
        if warehouse is None or oracle is None:
            self.same(key, column, warehouse=warehouse, oracle=oracle)
        elif not math.isclose(warehouse, oracle, rel_tol=ROUNDING, abs_tol=also):
            self.note(key, column, warehouse=warehouse, oracle=oracle)

    def note(self, key: Key, column: str, *, warehouse: Any, oracle: Any) -> None:
        """Note a difference."""
        node, unit, grain, start = key
        self.found.append(f"{column} of {node}, {unit}, {grain} {start}: {warehouse=} {oracle=}")


def by_key(rows: Iterable[dict[str, Any]], node: str) -> dict[Key, dict[str, Any]]:
    """Give rows by node, unit, grain and period."""
    return {
        (row[node], row["unit_id"], row["grain"], row["period_start_date"]): row for row in rows
    }


def compare_values(differences: Differences, oracle: Oracle, rows: Mapping[Key, Any]) -> None:
    """Compare `scorecard.kpi_value` with the oracle: what it has is right, and what it lacks is nothing."""
    for key in expected_keys(oracle, closed_only=False) | set(rows):
        value = oracle.values.value(key[0], key[1], key_period(oracle, key))
        row = rows.get(key)
        if row is None:
            if value is not None and value.actual is not None:
                differences.note(key, "kpi_value", warehouse="no row", oracle=value)
            continue
        compare_value(differences, key, row, value)


def compare_value(
    differences: Differences, key: Key, row: Mapping[str, Any], value: Value | None
) -> None:
    """Compare one row with the oracle's value."""
    if value is None:
        differences.same(key, "actual", warehouse=row["actual"], oracle=None)
        return
    differences.near(
        key, "actual", warehouse=row["actual"], oracle=value.actual, also=value.scale * 1e-14
    )
    if value.actual is not None:
        differences.same(
            key, "is_provisional", warehouse=row["is_provisional"], oracle=value.is_provisional
        )


def key_period(oracle: Oracle, key: Key) -> Period:
    """Give the period that a key names."""
    return oracle.values.calendar.period(key[2], key[3].year * 12 + key[3].month - 1)


def expected_keys(oracle: Oracle, *, closed_only: bool) -> set[Key]:
    """Give every KPI, unit that it applies to, and period."""
    return {
        (kpi, unit, period.grain, period.key)
        for kpi in oracle.values.kpis
        for unit in oracle.values.applies(kpi)
        for period in oracle.periods()
        if oracle.is_closed(period) or not closed_only
    }


def compare_scores(differences: Differences, oracle: Oracle, rows: Mapping[Key, Any]) -> None:
    """Compare `scorecard.kpi_score` with the oracle, row by row."""
    expected = expected_keys(oracle, closed_only=True)
    for key in sorted(expected ^ set(rows)):
        side = "kpi_score lacks" if key in expected else "kpi_score has"
        differences.note(key, side, warehouse=key in rows, oracle=key in expected)
    for key in sorted(expected & set(rows)):
        compare_score(
            differences, key, rows[key], oracle.scored(key[0], key[1], key_period(oracle, key))
        )


def compare_score(
    differences: Differences, key: Key, row: Mapping[str, Any], score: Scored
) -> None:
    """Compare one row with the oracle's."""
    differences.same(key, "data_state", warehouse=row["data_state"], oracle=score.state)
    differences.near(key, "score", warehouse=row["score"], oracle=score.score, also=score.tolerance)
    differences.same(key, "band", warehouse=row["band"], oracle=score.band)
    differences.near(key, "coverage", warehouse=row["coverage"], oracle=score.coverage)
    differences.near(
        key, "scored actual", warehouse=row["actual"], oracle=score.actual, also=score.scale * 1e-14
    )
    if score.actual is not None:
        shown = (row["value_grain"], row["value_period_start_date"])
        wanted = (score.value.grain, score.value.key)
        differences.same(key, "value_period", warehouse=shown, oracle=wanted)
    if score.points is not None:
        for name in ("red", "target", "worst", "best"):
            differences.near(
                key,
                name,
                warehouse=row[name],
                oracle=score.points.named.get(name),
                also=score.points.rounding,
            )


Ask = Callable[[str, Period], Parent | None]


def parents_of(oracle: Oracle) -> dict[str, list[tuple[str, Ask]]]:
    """Give, by level, each parent with the question that the oracle answers of it."""
    strategy = oracle.strategy
    objectives = [(node.id, partial(oracle.objective, node)) for _, node in strategy.objectives()]
    perspectives = [(node.id, partial(oracle.perspective, node)) for node in strategy.perspectives]
    return {
        "objective": list[tuple[str, Ask]](objectives),
        "perspective": list[tuple[str, Ask]](perspectives),
        "scorecard": [(strategy.id, oracle.scorecard)],
    }


def compare_parents(
    differences: Differences, oracle: Oracle, connection: duckdb.DuckDBPyConnection
) -> None:
    """Compare the tables of objectives, perspectives and the scorecard, and what each child cost."""
    costs = rows_of(connection, "scorecard.child_cost")
    for level, nodes in parents_of(oracle).items():
        rows = by_key(rows_of(connection, f"scorecard.{level}_score"), f"{level}_id")
        expected = dict(_parents(oracle, nodes))
        for key in sorted(set(expected) ^ set(rows)):
            differences.note(key, f"{level}_score", warehouse=key in rows, oracle=key in expected)
        for key in sorted(set(expected) & set(rows)):
            compare_parent(differences, key, rows[key], expected[key])
        below = [row for row in costs if row["parent_level"] == level]
        compare_costs(differences, expected, below)


def _parents(oracle: Oracle, nodes: list[tuple[str, Ask]]) -> Iterator[tuple[Key, Parent]]:
    for period in oracle.periods():
        if not oracle.is_closed(period):
            continue
        for unit in oracle.values.organisation.nested:
            for node, ask in nodes:
                parent = ask(unit, period)
                if parent is not None:
                    yield (node, unit, period.grain, period.key), parent


def compare_parent(
    differences: Differences, key: Key, row: Mapping[str, Any], parent: Parent
) -> None:
    """Compare one row of a parent with the oracle's."""
    differences.near(
        key, "score", warehouse=row["score"], oracle=parent.score, also=parent.tolerance
    )
    differences.near(key, "coverage", warehouse=row["coverage"], oracle=float(parent.coverage))
    for column, wanted in (
        ("band", parent.band),
        ("data_state", parent.state),
        ("weakest_child_id", parent.weakest),
        ("is_gated", parent.is_gated),
        ("off_track_below_count", parent.off_track_below),
    ):
        differences.same(key, column, warehouse=row[column], oracle=wanted)


def compare_costs(
    differences: Differences, parents: Mapping[Key, Parent], rows: Iterable[dict[str, Any]]
) -> None:
    """Compare what each child cost its parent: every child of every parent, and no other."""
    found = {(key, row["child_id"]): row for row in rows for key in by_key([row], "parent_id")}
    expected = {
        (key, child): cost
        for key, parent in parents.items()
        for child, cost in parent.costs.items()
    }
    for key, child in sorted(set(found) ^ set(expected)):
        differences.note(
            key,
            f"child_cost of {child}",
            warehouse=(key, child) in found,
            oracle=(key, child) in expected,
        )
    for key, child in sorted(set(found) & set(expected)):
        lost = found[key, child]["points_lost"]
        also = max(parents[key].tolerance, 1e-12)
        differences.near(
            key, f"points lost by {child}", warehouse=lost, oracle=expected[key, child], also=also
        )


def compare_balance(
    differences: Differences, oracle: Oracle, connection: duckdb.DuckDBPyConnection
) -> None:
    """Compare balance of weight and of result."""
    rows = by_key(
        ({**row, "node": "balance"} for row in rows_of(connection, "scorecard.balance")), "node"
    )
    expected = {
        ("balance", unit, period.grain, period.key): found
        for period in oracle.periods()
        if oracle.is_closed(period)
        for unit in oracle.values.organisation.nested
        if (found := oracle.balance(unit, period)) is not None
    }
    for key in sorted(set(rows) ^ set(expected)):
        differences.note(key, "balance", warehouse=key in rows, oracle=key in expected)
    for key in sorted(set(rows) & set(expected)):
        for column, wanted in zip(("weight_balance", "result_balance"), expected[key], strict=True):
            differences.near(key, column, warehouse=rows[key][column], oracle=wanted, also=1e-9)


def differences_of(case: Case) -> list[str]:
    """Score a case twice, and give every difference."""
    oracle = oracle_of(case)
    differences = Differences([])
    with scored(case) as connection:
        values = by_key(rows_of(connection, "scorecard.kpi_value"), "kpi_id")
        compare_values(differences, oracle, values)
        scores = by_key(rows_of(connection, "scorecard.kpi_score"), "kpi_id")
        compare_scores(differences, oracle, scores)
        compare_parents(differences, oracle, connection)
        compare_balance(differences, oracle, connection)
    return differences.found


@pytest.mark.parametrize(
    "module",
    ["oracle", "values", "rules", "roll_up", "points", "periods", "measured", "expression", "signals"],
)  # fmt: skip
def test_the_oracle_uses_nothing_of_the_warehouse(module: str) -> None:
    """Else both could be wrong alike: it knows the shape of a workspace, and neither SQL nor what runs it."""
    tree = ast.parse((Path(__file__).parent / f"{module}.py").read_text("utf-8"))
    named = {node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    named |= {a.name for node in ast.walk(tree) if isinstance(node, ast.Import) for a in node.names}
    ours = {name for name in named if name.split(".")[0] in {"transforms", "pipelines", "duckdb", "reports"}}  # fmt: skip
    assert ours == set()
    assert {name for name in named if name.startswith("scorecard")} <= {
        "scorecard.company", "scorecard.plans", "scorecard.strategy",
    }  # fmt: skip


@settings(max_examples=EXAMPLES, suppress_health_check=list(HealthCheck))
@given(cases())
def test_the_warehouse_and_the_oracle_agree(case: Case) -> None:
    found = differences_of(case)
    assert not found, "\n".join(found[:20])
