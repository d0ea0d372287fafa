"""Reads rows of the published tables into their NamedTuples, sorted, and lays them by key.

Not here: which rows a page needs (reader, window).
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any, TypeVar, get_args, get_type_hints

import duckdb
from duckdb import ColumnExpression, ConstantExpression, DuckDBPyConnection, Expression

Row = TypeVar("Row", bound=tuple)  # type: ignore[type-arg]  # the rows are NamedTuples of many shapes
Key = TypeVar("Key")

MEMORY = "64MB"
"""What the engine may keep of the warehouse: a read asks for a few MB, and pages are made by several processes."""


def opened(warehouse: Path) -> DuckDBPyConnection:
    """Open the warehouse of a release, read-only, with little memory and on one thread."""
    connection = duckdb.connect(str(warehouse), read_only=True)
    connection.execute(f"set threads = 1; set memory_limit = '{MEMORY}'")
    return connection


def read_rows(
    connection: DuckDBPyConnection,
    kind: type[Row],
    table: str,
    *,
    order: Sequence[str],
    where: Expression | None = None,
    rename: dict[str, str] | None = None,
    instead: dict[str, Expression] | None = None,
    limit: int | None = None,
) -> list[Row]:
    """Read a table's rows; `rename` and `instead` say what stands in a column's place."""
    names: tuple[str, ...] = kind._fields  # type: ignore[attr-defined]  # a NamedTuple
    given = instead or {}
    columns = [
        given[name] if name in given else ColumnExpression((rename or {}).get(name, name))
        for name in names
    ]
    exact = [at for at, name in enumerate(names) if name in _exact(kind)]
    for at in exact:
        # A decimal comes as text and is read here: the engine takes ten times as long to make one.
        columns[at] = columns[at].cast("varchar")
    sql = f"select {_listed(columns)} from {table}"  # noqa: S608 - our own names; the engine quotes the values
    if where is not None:
        sql += f" where {where}"
    sql += f" order by {_listed(map(ColumnExpression, order))}"
    if limit is not None:
        sql += f" limit {limit:d}"
    found = connection.execute(sql).fetchall()
    return [kind._make(_read(row, exact) if exact else row) for row in found]  # type: ignore[attr-defined]  # a NamedTuple


def _listed(expressions: Iterable[Expression]) -> str:
    """Write expressions as SQL; the engine quotes what is in them, and is asked once instead of at every step."""
    return ", ".join(map(str, expressions))


@cache
def _exact(kind: type[Row]) -> frozenset[str]:
    """Return the fields of a row that are decimals."""
    hints = get_type_hints(kind)
    return frozenset(name for name, hint in hints.items() if Decimal in (hint, *get_args(hint)))


def _read(row: Sequence[Any], exact: Sequence[int]) -> list[Any]:
    """Return a row with its decimals, which came as text."""
    found = list(row)
    for at in exact:
        if found[at] is not None:
            found[at] = Decimal(found[at])
    return found


def grouped(found: Iterable[Row], key: Callable[[Row], Key]) -> dict[Key, list[Row]]:
    """Lay rows by key, in their order."""
    groups: dict[Key, list[Row]] = defaultdict(list)
    for row in found:
        groups[key(row)].append(row)
    return dict(groups)


def by_period(found: Iterable[Row], key: Callable[[Row], Key]) -> dict[Key, dict[date, Row]]:
    """Lay rows by key and period."""
    groups: dict[Key, dict[date, Row]] = defaultdict(dict)
    for row in found:
        groups[key(row)][row.period_start_date] = row  # type: ignore[attr-defined]  # rows of periods have one
    return dict(groups)


def equals(column: str, value: str | date | bool) -> Expression:
    """Return the condition that a column has a value."""
    return ColumnExpression(column) == ConstantExpression(value)


def among(column: str, values: Iterable[str]) -> Expression:
    """Return the condition that a column has one of some values."""
    return ColumnExpression(column).isin(*(ConstantExpression(value) for value in values))
