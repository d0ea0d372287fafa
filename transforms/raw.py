"""The two raw faces of each source table: views over the lake's Parquet that staging SQL reads.

`raw."<source>__<table>"` is the table as it stands: the newest good snapshot, or the newest good version of each row by
primary key. `raw."<source>__<table>__loads"` holds every good version, with the load that it came in. Rows that a row rule
holds back are in neither.

Not here: which loads are good (contracts), and what staging makes of the rows.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache, partial
from pathlib import Path

import duckdb
import pyarrow as pa

from scorecard.load import LoadManifest
from scorecard.sources import Table
from transforms.digits import common, digits_of
from transforms.engine import literal

LOAD_COLUMNS = ("load_id", "extracted_at")
"""What the `__loads` face has besides the table's own columns."""
HELD_SCHEMA = pa.schema(
    [("load_id", pa.string()), ("file", pa.string()), ("file_row_number", pa.int64())]
)
"""Rows held back: their load, its Parquet file, and the row's place in it, from 0."""
OWN_COLUMNS = frozenset({"landed_file", "landed_row", "file_row_number"})


class RawFaceError(Exception):
    """A source table that cannot be shown: which one, why, and the mend."""


@dataclass(frozen=True)
class RawTable:
    """A source table and what of it counts."""

    source_id: str
    table_id: str
    table: Table
    loads: tuple[LoadManifest, ...]
    """Good loads, oldest first."""
    newest: LoadManifest | None = None
    """The newest load, good or not: gives the columns where no load is good."""
    held: pa.Table = field(default_factory=partial(pa.Table.from_batches, [], HELD_SCHEMA))
    """Rows of good loads that are held back, as in HELD_SCHEMA; further columns are ignored."""

    @property
    def name(self) -> str:
        """The face's name in the schema `raw`."""
        return f"{self.source_id}__{self.table_id}"


def create_raw_faces(
    connection: duckdb.DuckDBPyConnection, tables: Sequence[RawTable], *, lake: Path
) -> None:
    """Create both faces of each table in the connection's default database, replacing those that are there.

    The views read the lake where it is now; `lake.file` and `lake.held_row` beside them say which rows count.

    Raises:
        RawFaceError: no load of a table is known, or its columns cannot be told from those that are added.

    """
    for statement in _sql("places").split(";"):
        if statement.strip():
            connection.execute(statement)
    for table in tables:
        _forget(connection, table)
        _note_files(connection, table, lake)
        _note_held_rows(connection, table, lake)
        for statement in _views(table, lake):
            connection.execute(statement)


def current_loads(loads: Sequence[LoadManifest]) -> tuple[LoadManifest, ...]:
    """Give those of the good loads that the table as it stands is made of: from the newest snapshot on."""
    snapshots = [number for number, load in enumerate(loads) if load.is_snapshot]
    return tuple(loads[snapshots[-1] if snapshots else 0 :])


def column_name(name: str) -> str:
    """Quote a column's name, which may hold anything."""
    return '"' + name.replace('"', '""') + '"'


def landed(loads: Sequence[LoadManifest], *, lake: Path) -> str:
    """Give the SELECT of all rows of `loads`, with `landed_file` and `landed_row` (from 0).

    Columns are matched by name, missing ones are null, and types that differ meet in a common one. DuckDB rounds decimals
    to the smaller scale when it does that by itself: here they meet in one that holds both.
    """
    widened = _widened(loads)
    parts: dict[tuple[str | None, ...], list[LoadManifest]] = {}
    for load in loads:
        parts.setdefault(tuple(load.columns.get(name) for name in widened), []).append(load)
    return "\nunion all by name\n".join(_part(part, widened, lake) for part in parts.values())


def fill(name: str, **parts: str) -> str:
    """Fill the places `$part` of `sql/raw/<name>.sql`. Parts come quoted from the functions of this module and of engine."""
    return re.sub(r"\$([a-z_]+)", lambda found: parts[found[1]], _sql(name))


def paths(load: LoadManifest, *, lake: Path) -> list[str]:
    """Give a load's Parquet files as DuckDB names them."""
    return [str(lake.absolute() / load.folder / file) for file in load.files]


@cache
def _sql(name: str) -> str:
    return (Path(__file__).parent / "sql" / "raw" / f"{name}.sql").read_text("utf-8")


def _forget(connection: duckdb.DuckDBPyConnection, table: RawTable) -> None:
    connection.execute("delete from lake.file where face = $face", {"face": table.name})
    connection.execute("delete from lake.held_row where face = $face", {"face": table.name})


def _note_files(connection: duckdb.DuckDBPyConnection, table: RawTable, lake: Path) -> None:
    rows = [
        (table.name, path, load.load_id, number, plain_utc(load.extracted_at))
        for number, load in enumerate(table.loads, 1)
        for path in paths(load, lake=lake)
    ]
    if rows:
        connection.executemany("insert into lake.file values ($1, $2, $3, $4, $5)", rows)


def plain_utc(moment: datetime) -> datetime:
    """Give a moment as DuckDB's plain timestamp holds it."""
    return moment.astimezone(UTC).replace(tzinfo=None) if moment.tzinfo else moment


def _note_held_rows(connection: duckdb.DuckDBPyConnection, table: RawTable, lake: Path) -> None:
    if not table.held.num_rows:
        return
    incoming = table.held.select(HELD_SCHEMA.names)
    connection.register("incoming", incoming)
    connection.execute(
        "insert into lake.held_row "
        "select distinct $face, $folder || load_id || '/' || file, file_row_number from incoming",
        {"face": table.name, "folder": f"{lake.absolute() / table.source_id / table.table_id}/"},
    )
    connection.unregister("incoming")


def _views(table: RawTable, lake: Path) -> tuple[str, str]:
    newest = table.loads[-1] if table.loads else table.newest
    if newest is None:
        raise RawFaceError(
            f"{table.source_id}.{table.table_id}: nothing was ever loaded, so that its columns are not known. "
            f"See why source {table.source_id} failed, and run again."
        )
    clash = sorted(OWN_COLUMNS & {name.lower() for name in newest.columns})
    if clash:
        raise RawFaceError(
            f"{table.source_id}.{table.table_id}: the column name {clash[0]} is taken. Rename the column at the source."
        )
    if not table.loads:
        return _empty(table, newest)
    return _current(table, newest, lake), _loads(table, lake)


def _current(table: RawTable, newest: LoadManifest, lake: Path) -> str:
    loads = current_loads(table.loads)
    rows = landed(loads, lake=lake)
    parts = {
        "face": _face(table.name),
        "columns": _columns(newest.columns),
        "is_present": _is_present(table.table, newest.columns),
        "landed": rows,
        "kept": fill("kept", landed=rows),
    }
    if len(loads) > 1 or not loads[0].is_snapshot:
        cursor = table.table.cursor
        return fill(
            "newest",
            **parts,
            primary_key=_columns(table.table.primary_key),
            cursor=column_name(cursor) if cursor in newest.columns else "null",
        )
    is_held = loads[0].load_id in table.held.column("load_id").unique().to_pylist()
    return fill("snapshot_kept" if is_held else "snapshot", **parts)


def _loads(table: RawTable, lake: Path) -> str:
    """Columns of the newest load come first, then those that only older ones have."""
    columns = {name: None for load in reversed(table.loads) for name in load.columns}
    return fill(
        "loads",
        face=_face(f"{table.name}__loads"),
        columns=", ".join(f"kept.{column_name(name)}{_renamed(name)}" for name in columns),
        kept=fill("kept", landed=landed(table.loads, lake=lake)),
    )


def _empty(table: RawTable, newest: LoadManifest) -> tuple[str, str]:
    own = [f"cast(null as {kind}) as {column_name(name)}" for name, kind in newest.columns.items()]
    versioned = [
        f"cast(null as {kind}) as {_renamed(name).removeprefix(' as ') or column_name(name)}"
        for name, kind in newest.columns.items()
    ]
    added = ["cast(null as varchar) as load_id", "cast(null as timestamp) as extracted_at"]
    return (
        fill("empty", face=_face(table.name), columns=", ".join(own)),
        fill("empty", face=_face(f"{table.name}__loads"), columns=", ".join(versioned + added)),
    )


def _renamed(name: str) -> str:
    """Call the table's own `load_id` and `extracted_at` otherwise in the `__loads` face."""
    return f" as {column_name(f'source_{name}')}" if name.lower() in LOAD_COLUMNS else ""


def _face(name: str) -> str:
    return f"raw.{column_name(name)}"


def _columns(names: Iterable[str]) -> str:
    return ", ".join(column_name(name) for name in names)


def _is_present(table: Table, columns: Mapping[str, str]) -> str:
    """Give the condition under which a row is not marked as deleted.

    A flag may come as a boolean, as a number (SQLite knows no booleans: 0 is not deleted) or as text (`false`, `0` and
    empty are not deleted); of any other type, such as a moment of deletion, every value marks the row.
    """
    if table.deletes is None or table.deletes.column not in columns:
        return "true"
    name, kind = column_name(table.deletes.column), columns[table.deletes.column].upper()
    if kind == "BOOLEAN":
        return f"{name} is not true"
    if kind in {"DOUBLE", "FLOAT"} or digits_of(kind):
        return f"coalesce({name}, 0) = 0"
    if kind == "VARCHAR":
        return f"coalesce(trim({name}), '') = '' or try_cast(trim({name}) as boolean) is not distinct from false"
    return f"{name} is null"


def _part(loads: Sequence[LoadManifest], widened: Mapping[str, str], lake: Path) -> str:
    columns = dict.fromkeys(name for load in loads for name in load.columns)
    selected = [
        f"cast({column_name(name)} as {widened[name]}) as {column_name(name)}"
        if name in widened
        else column_name(name)
        for name in columns
    ]
    files = [literal(path) for load in loads for path in paths(load, lake=lake)]
    return fill("landed", columns=", ".join(selected), files=f"[{', '.join(files)}]")


def _widened(loads: Sequence[LoadManifest]) -> dict[str, str]:
    """Give the common type of each column that came as different decimals, or as decimals and whole numbers."""
    kinds: dict[str, set[str]] = {}
    for load in loads:
        for name, kind in load.columns.items():
            kinds.setdefault(name, set()).add(kind.upper())
    return {
        name: widest
        for name, different in kinds.items()
        if len(different) > 1 and (widest := _common_decimal(different))
    }


def _common_decimal(kinds: set[str]) -> str | None:
    widest = common(kinds)
    return f"DECIMAL({widest.precision},{widest.scale})" if widest and widest.scale else None
