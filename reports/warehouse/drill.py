"""Measures' own tables: the headline month by further dimensions (product, ship method), shown, never scored; and who entered by hand.

Not here: how the parts are written on a page (views).
"""

from collections import defaultdict
from dataclasses import dataclass
from decimal import Decimal

from duckdb import (
    ColumnExpression,
    ConstantExpression,
    DuckDBPyConnection,
    DuckDBPyRelation,
    Expression,
    FunctionExpression,
)

from reports.warehouse.rows import Entry, Measure, Period

UNPARTED = frozenset({"answers"})
"""Kinds of measures that are never parted: a few answers could reveal a person."""
WHO = ("entered_by", "entered_at")
"""Columns of a measure that is entered by hand; no dimensions."""

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


def dimensions_of(measure: Measure) -> tuple[str, ...]:
    """Return the dimensions by which a measure is shown; none where it was not built or is never parted."""
    if measure.row_count is None or measure.kind in UNPARTED:
        return ()
    return tuple(name for name in measure.dimensions or () if name not in WHO)


def is_entered(measure: Measure) -> bool:
    """Whether somebody enters a measure by hand, and it was built."""
    return bool(measure.is_manual) and measure.row_count is not None


def read_drill(
    connection: DuckDBPyConnection, measure: Measure, month: Period
) -> tuple[Drill, ...]:
    """Read the headline month of a measure, one query per dimension."""
    relation = _month_of(connection, measure, month)
    return tuple(_drill(relation, measure, dimension) for dimension in dimensions_of(measure))


def read_entry(connection: DuckDBPyConnection, measure: Measure) -> list[Entry]:
    """Read who entered each row of a measure that is entered by hand, and on which day."""
    relation = connection.table(f"measure.{quoted(measure.measure_id)}").select(
        ColumnExpression("unit_id"),
        ColumnExpression("period_start_date"),
        ColumnExpression("entered_by"),
        ColumnExpression("entered_at").cast("date").alias("entered_on"),
    )
    listed = relation.distinct().sort(*(ColumnExpression(name) for name in Entry._fields))
    return [Entry._make(row) for row in listed.fetchall()]


def _month_of(connection: DuckDBPyConnection, measure: Measure, month: Period) -> DuckDBPyRelation:
    """Return the month's rows, once for their unit and once for each unit that was above it at the month's end."""
    found = connection.table(f"measure.{quoted(measure.measure_id)}").filter(
        ColumnExpression("period_start_date") == ConstantExpression(month.period_start_date)
    )
    end = ConstantExpression(month.last_date)
    valid = (ColumnExpression("valid_from_date") <= end) & (
        ColumnExpression("valid_to_date") >= end
    )
    closure = (
        connection.table("scorecard.unit_closure")
        .filter(valid)
        .select(
            ColumnExpression("ancestor_unit_id").alias("drill_unit"),
            ColumnExpression("unit_id"),
        )
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
