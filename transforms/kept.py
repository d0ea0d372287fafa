"""Tables that are kept from night to night under the key of what they are made of, so that equal ones are not made twice.

They lie in one DuckDB file beside the work database: exact types, a checksum on every block, and a table comes in the same
transaction as its key, so that a killed run leaves whole tables only. The file can be deleted at any time, and is thrown away
whole where it cannot be read, is of another version, or is mostly holes; the next night then makes everything anew.

Not here: keys (`keys`), and making tables (`measures`).
"""

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

import duckdb

from transforms.engine import literal, quoted, transaction
from transforms.keys import Key, why_made

TABLES = "tables.duckdb"
"""The file's name in the folder of what is kept."""
CATALOG = "kept"
FORMAT = 1
"""Goes up when the file would be understood otherwise."""
_OWN_FAULTS = (
    duckdb.DataError,
    duckdb.ProgrammingError,
    duckdb.NotSupportedError,
    duckdb.OutOfMemoryException,
)
"""Errors of a definition, or of what it was given; every other may come of a damaged file."""
_MOST_HOLES = 4
"""A file is thrown away when more than this share (one in …) of it is used no more …"""
_HOLES_BEGIN = 1024
"""… and it has more blocks than this (256 MB)."""


@dataclass(frozen=True)
class Keeping:
    """Where tables are kept, and what may happen there."""

    file: Path
    is_changed: bool = True
    """New tables are kept and those of earlier nights go. A run for another date only reads."""
    is_fresh: bool = False
    """Whatever is kept is thrown away first."""


def is_damage(error: duckdb.Error) -> bool:
    """Say whether an error may come of a damaged file rather than of a definition."""
    return not isinstance(error, _OWN_FAULTS)


def discard(file: Path) -> None:
    """Throw the kept tables away."""
    file.unlink(missing_ok=True)
    file.with_name(f"{file.name}.wal").unlink(missing_ok=True)


def attach_kept(connection: duckdb.DuckDBPyConnection, *, keeping: Keeping | None) -> None:
    """Attach the file of kept tables to a connection that may still attach; a file that cannot be used is made anew."""
    if keeping is None:
        return
    if keeping.is_fresh:
        discard(keeping.file)
    keeping.file.parent.mkdir(parents=True, exist_ok=True)
    try:
        _attach(connection, keeping.file)
    except duckdb.Error:
        connection.execute(f"detach database if exists {CATALOG}")
        discard(keeping.file)
        _attach(connection, keeping.file)


def _attach(connection: duckdb.DuckDBPyConnection, file: Path) -> None:
    connection.execute(f"attach {literal(str(file))} as {CATALOG}")
    connection.execute(f"create schema if not exists {CATALOG}.made")
    connection.execute(
        f"create table if not exists {CATALOG}.main.kept_table_{FORMAT} "
        "(name varchar, key varchar, parts varchar, seconds double)"
    )
    _entries(connection)


class Kept:
    """The kept tables as one run sees them."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, keys: Mapping[str, Key]) -> None:
        """Look what is there for tonight's keys; see `for_run`."""
        self._connection = connection
        self._keys = keys
        self._keys_there: dict[str, str] = {}
        self._parts_before: dict[str, Mapping[str, str]] = {}
        self._is_kept = False
        self._is_changed = False

    @classmethod
    def for_run(
        cls,
        connection: duckdb.DuckDBPyConnection,
        keys: Mapping[str, Key],
        *,
        keeping: Keeping | None,
    ) -> "Kept":
        """Look what is there for tonight's keys, and let the rest go where tables may change; nothing without `keeping`."""
        kept = cls(connection, keys)
        if keeping is None:
            return kept
        for name, key, parts in _entries(connection):
            kept._keys_there[key] = name
            kept._parts_before[name] = json.loads(parts)
        kept._is_kept = True
        kept._is_changed = keeping.is_changed
        if keeping.is_changed:
            kept._let_go({key.digest for key in keys.values()})
        return kept

    @property
    def has_tables(self) -> bool:
        """Tables of an earlier run are used tonight."""
        return any(key.digest in self._keys_there for key in self._keys.values())

    def find(self, name: str) -> str | None:
        """Give the kept table that `name` would be made as, ready for SQL; None where there is none."""
        key = self._keys[name].digest
        return _place(key) if key in self._keys_there else None

    def why_made(self, name: str) -> str | None:
        """Say why `name` is made anew; nothing where no tables are kept."""
        if not self._is_kept:
            return None
        return why_made(self._keys[name], self._parts_before.get(name))

    def place(self, name: str) -> str | None:
        """Give the name under which a new table is kept, ready for SQL; None where this run keeps nothing."""
        return _place(self._keys[name].digest) if self._is_changed else None

    def note(self, name: str, *, seconds: float) -> None:
        """Note a table that was made under its `place`; call it in the transaction that makes it."""
        key = self._keys[name]
        self._connection.execute(
            f"insert into {CATALOG}.main.kept_table_{FORMAT} values ($name, $key, $parts, $seconds)",
            {"name": name, "key": key.digest, "parts": json.dumps(key.parts), "seconds": seconds},
        )

    def is_mostly_holes(self) -> bool:
        """Say whether the file holds little beside the room of tables that went."""
        if not self._is_changed:
            return False
        found = self._connection.execute(
            "select total_blocks, used_blocks from pragma_database_size() where database_name = $name",
            {"name": CATALOG},
        ).fetchone()
        total, used = found or (0, 0)
        return bool(total > _HOLES_BEGIN and used * _MOST_HOLES < total)

    def _let_go(self, wanted: Collection[str]) -> None:
        gone = sorted(set(self._keys_there) - set(wanted))
        if not gone:
            return
        with transaction(self._connection):
            for key in gone:
                self._connection.execute(f"drop table if exists {_place(key)}")
                del self._keys_there[key]
            self._connection.execute(
                f"delete from {CATALOG}.main.kept_table_{FORMAT} where key = any($gone)",
                {"gone": gone},
            )
        self._connection.execute(f"checkpoint {CATALOG}")  # their room is used by what comes


def _entries(connection: duckdb.DuckDBPyConnection) -> list[tuple[str, str, str]]:
    return connection.execute(
        f"select name, key, parts from {CATALOG}.main.kept_table_{FORMAT} order by all"
    ).fetchall()


def _place(key: str) -> str:
    return f"{CATALOG}.made.{quoted(key)}"
