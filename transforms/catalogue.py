"""The catalogue of published tables: read from `catalogue.yaml`, created and commented in the warehouse.

Not here: filling them.
"""

import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import duckdb

from scorecard.yaml_lines import own_yaml
from transforms.engine import literal, quoted


@dataclass(frozen=True)
class Column:
    """A column: name, DuckDB type, meaning."""

    name: str
    type: str
    comment: str


@dataclass(frozen=True)
class MartTable:
    """A published table: `schema.table`, its meaning and grain, its key, its columns."""

    name: str
    comment: str
    key: tuple[str, ...]
    columns: tuple[Column, ...]


@cache
def catalogue() -> dict[str, MartTable]:
    """Read the catalogue, by table name."""
    entries = own_yaml(Path(__file__).with_name("catalogue.yaml").read_text("utf-8"))
    return {
        name: MartTable(
            name,
            entry["comment"],
            tuple(entry["key"]),
            tuple(Column(column, *rest) for column, rest in entry["columns"].items()),
        )
        for name, entry in entries.items()
    }


def markdown() -> str:
    """Give the reference page of the published tables."""
    parts = [
        "# The warehouse",
        "",
        "Written from `transforms/catalogue.yaml` by `make reference`. The same texts stand in the warehouse as comments:",
        "`select table_name, column_name, comment from duckdb_columns()`.",
        "",
        "`current/warehouse.duckdb` is the published release; open it read-only, for as long as you like: the nightly run writes",
        "elsewhere and replaces the link `current`. An open connection keeps the release that it opened. The same tables are in",
        "`current/marts/` as Parquet. Measures are published as `measure.<measure>`; raw rows stay in",
        "`lake/<source>/<table>/<load>/*.parquet`.",
    ]
    for table in catalogue().values():
        parts += [
            "",
            f"## {table.name}",
            "",
            table.comment,
            "",
            f"Key: {', '.join(table.key)}.",
            "",
        ]
        parts += ["| column | type | meaning |", "|---|---|---|"]
        parts += [f"| `{each.name}` | {each.type} | {each.comment} |" for each in table.columns]
    return "\n".join(parts) + "\n"


def create_tables(connection: duckdb.DuckDBPyConnection) -> None:
    """Create every table of the catalogue, empty and commented, in the connection's default database."""
    for schema in sorted({name.split(".")[0] for name in catalogue()}):
        connection.execute(f"create schema if not exists {quoted(schema)}")
    for table in catalogue().values():
        columns = ", ".join(f"{quoted(column.name)} {column.type}" for column in table.columns)
        connection.execute(f"create table {quoted(table.name)} ({columns})")
        comment_table(connection, table.name, table.comment)
        for column in table.columns:
            comment_column(connection, table.name, column.name, column.comment)


def lacking(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """Name what a published warehouse has not got of the catalogue, as `table.column`: another version of the program made it."""
    there = {
        f"{schema}.{table}.{column}"
        for schema, table, column in connection.execute(
            "select schema_name, table_name, column_name from duckdb_columns() "
            "where database_name = current_database()"
        ).fetchall()
    }
    wanted = [
        f"{table.name}.{column.name}" for table in catalogue().values() for column in table.columns
    ]
    return [name for name in wanted if name not in there]


def comment_table(connection: duckdb.DuckDBPyConnection, table: str, comment: str) -> None:
    """Set a table's comment."""
    connection.execute(f"comment on table {quoted(table)} is {literal(comment)}")


def comment_column(
    connection: duckdb.DuckDBPyConnection, table: str, column: str, comment: str
) -> None:
    """Set a column's comment."""
    connection.execute(f"comment on column {quoted(table)}.{quoted(column)} is {literal(comment)}")


if __name__ == "__main__":
    sys.stdout.write(markdown())
