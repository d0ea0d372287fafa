"""DuckDB's types as other engines have them: of what kind a type is, and its name in Spark.

Not here: casts between them (casts).
"""

import atexit
from functools import cache

import duckdb

from transforms.digits import Digits, digits_of

UNKNOWN = "?"
"""The type of what reads a table whose columns are not known yet."""

_INTEGERS = {
    "TINYINT": "tinyint", "SMALLINT": "smallint", "INTEGER": "int", "BIGINT": "bigint", "HUGEINT": "decimal(38,0)",
    "UTINYINT": "smallint", "USMALLINT": "int", "UINTEGER": "bigint", "UBIGINT": "decimal(20,0)",
}  # fmt: skip
_PLAIN = {
    "DOUBLE": ("double", "double"),
    "VARCHAR": ("varchar", "string"),
    "BOOLEAN": ("boolean", "boolean"),
    "DATE": ("date", "date"),
    "TIMESTAMP": ("timestamp", "timestamp_ntz"),
    "TIMESTAMP WITH TIME ZONE": ("timestamptz", "timestamp"),
}


def kind(name: str) -> str:
    """Tell of what kind a DuckDB type is: `integer`, `decimal`, `double`, `varchar`, …; other types are their own kind."""
    if name in _INTEGERS:
        return "integer"
    if _decimal(name):
        return "decimal"
    if name in _PLAIN:
        return _PLAIN[name][0]
    return "list" if name.endswith("[]") else name.lower().strip('"')


def spark_type(name: str) -> str | None:
    """Give the Spark type that holds the values of a DuckDB type; None where there is none that is proven."""
    if name in _INTEGERS:
        return _INTEGERS[name]
    if name in _PLAIN:
        return _PLAIN[name][1]
    if _decimal(name):
        return as_decimal(name)
    if name.endswith("[]") and (inner := spark_type(name.removesuffix("[]"))):
        return f"array<{inner}>"
    return None


def _decimal(name: str) -> bool:
    return name.startswith("DECIMAL(") and digits_of(name) is not None


def is_exact(name: str) -> bool:
    """Tell whether a type holds numbers exactly."""
    return kind(name) in {"integer", "decimal"}


def is_unsigned(name: str) -> bool:
    """Tell whether a type holds no negative numbers."""
    return name.startswith("U") and name in _INTEGERS


def digits(name: str) -> Digits:
    """Give the digits of an exact number's type."""
    found = digits_of(name)
    if found is None:
        raise ValueError(f"{name} is no exact number")
    return found


def as_decimal(name: str) -> str:
    """Give the Spark decimal that an exact number becomes beside decimals."""
    found = digits(name)
    return f"decimal({found.precision},{found.scale})"


@cache
def _asked() -> duckdb.DuckDBPyConnection:
    """Open an empty database that only answers questions about expressions."""
    connection = duckdb.connect(
        ":memory:", config={"enable_external_access": "false", "threads": "1"}
    )
    connection.execute("load icu")
    connection.execute("set TimeZone='UTC'")
    return connection


# A connection that outlives the interpreter makes DuckDB's binding complain of leaks on the way out.
atexit.register(_asked.cache_clear)


@cache
def type_of(expression: str) -> str:
    """Ask DuckDB for the type of an expression without columns.

    Raises:
        duckdb.Error: it cannot be bound.

    """
    with _asked().cursor() as cursor:
        row = cursor.execute(f"describe select {expression}").fetchone()
    return str(row[1]) if row else UNKNOWN


@cache
def value_of(expression: str) -> str | None:
    """Ask DuckDB for the value of a constant, as text.

    Raises:
        duckdb.Error: it has none.

    """
    with _asked().cursor() as cursor:
        row = cursor.execute(f"select ({expression})::varchar").fetchone()
    return None if row is None or row[0] is None else str(row[0])
