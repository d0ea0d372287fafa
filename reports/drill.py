"""The headline month of each measure by its further dimensions (product, ship method): shown, never scored.

Not here: how the parts are written on a page (views).
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from duckdb import (
    ColumnExpression,
    ConstantExpression,
    DuckDBPyConnection,
    DuckDBPyRelation,
    Expression,
    FunctionExpression,
)

from reports.rows import Measure

Parts = list[tuple[str | None, Decimal, Decimal]]
"""The dimension's value, numerator and denominator (of a count of keys: the count and 1), greatest first."""


@dataclass(frozen=True)
class Drill:
    """One dimension of one measure in the headline month."""

    dimension: str
    parts: dict[str, Parts]
    """By unit; a unit's parts include all units below it."""
    adds_up: bool
    """False where things are counted once: a customer of two shops is one customer."""


def quoted(name: str) -> str:
    """Quote an identifier; the one place where the pages put a name together."""
    return '"' + name.replace('"', '""') + '"'


def read_drills(
    connection: DuckDBPyConnection, measures: Sequence[Measure], month: date
) -> dict[str, tuple[Drill, ...]]:
    """Read the headline month of every measure that has dimensions, one query per dimension."""
    found = {}
    for measure in measures:
        if measure.dimensions and measure.row_count is not None:
            relation = _month_of(connection, measure, month)
            found[measure.measure_id] = tuple(
                _drill(relation, measure, dimension) for dimension in measure.dimensions
            )
    return found


def _month_of(connection: DuckDBPyConnection, measure: Measure, month: date) -> DuckDBPyRelation:
    """Return the month's rows, once for their unit and once for each unit above it."""
    found = connection.table(f"measure.{quoted(measure.measure_id)}").filter(
        ColumnExpression("period_start_date") == ConstantExpression(month)
    )
    closure = connection.table("scorecard.unit_closure").select(
        ColumnExpression("ancestor_unit_id").alias("drill_unit"),
        ColumnExpression("unit_id"),
    )
    return found.join(closure, "unit_id")


def _drill(relation: DuckDBPyRelation, measure: Measure, dimension: str) -> Drill:
    part = ColumnExpression(dimension).cast("varchar").alias("part")
    keys = measure.kind == "keys"
    counted = _counted(relation, part) if keys else _summed(relation, part)
    parts: dict[str, Parts] = defaultdict(list)
    for unit, value, numerator, denominator in counted.fetchall():
        if numerator is not None:
            parts[unit].append((value, Decimal(numerator), Decimal(denominator or 0)))
    for found in parts.values():
        found.sort(key=lambda row: (-abs(row[1]), row[0] is None, row[0] or ""))
    return Drill(dimension=dimension, parts=dict(parts), adds_up=not keys)


def _summed(relation: DuckDBPyRelation, part: Expression) -> DuckDBPyRelation:
    unit = ColumnExpression("drill_unit")
    numerator = FunctionExpression("sum", ColumnExpression("numerator"))
    if "denominator" in relation.columns:
        denominator = FunctionExpression("sum", ColumnExpression("denominator"))
    else:
        denominator = ConstantExpression(1)
    return relation.aggregate([unit, part, numerator, denominator])


def _counted(relation: DuckDBPyRelation, part: Expression) -> DuckDBPyRelation:
    unit, key = ColumnExpression("drill_unit"), ColumnExpression("key")
    once = relation.select(unit, part, key).distinct()
    count = FunctionExpression("count", key)
    return once.aggregate([unit, ColumnExpression("part"), count, ConstantExpression(1)])
