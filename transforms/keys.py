"""Keys by content: what a staging table or a measure would be made of tonight, known before anything is made.

Equal keys mean equal tables: a key covers the definition's SELECT, the business date where the SELECT uses it, the rows that
it can see (which loads, how they are merged, which rows are held back), the keys of the definitions that it reads, and what
makes tables (DuckDB, this program). It covers nothing else, so that a comment, or another measure, changes no key.

Not here: the tables that are kept under keys (`kept`), and how a measure is published, which is done anew every night.
"""

import hashlib
import json
import platform
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import duckdb

from scorecard.load import LoadManifest
from transforms.raw import HELD_SCHEMA, RawTable, current_loads
from transforms.sql_guard import GuardedSelect, order

FIRST_TIME = "first time"
NOT_KEPT = "not kept from the last time"
_MAKERS = (
    "build.py",
    "engine.py",
    "keys.py",
    "kept.py",
    "measures.py",
    "raw.py",
    "sql_guard.py",
    "sql/raw",
)
"""Below this package: what decides how a table comes of a SELECT and of loads."""


@dataclass(frozen=True)
class Key:
    """The key of one definition, and the parts that it is made of."""

    digest: str
    parts: Mapping[str, str]
    """`sql`, `maker`, `as_of` where the SELECT uses it, and each table that it reads."""


def definition_keys(
    selects: Mapping[str, GuardedSelect],
    raw_tables: Sequence[RawTable],
    *,
    as_of: date,
    maker: str | None = None,
) -> dict[str, Key]:
    """Give the key of every definition whose tables all have data; the others cannot be made tonight.

    `maker` names what makes tables, where that is not this program's own DuckDB.
    """
    known = raw_keys(raw_tables)
    found: dict[str, Key] = {}
    for name in order(selects):
        select = selects[name]
        if all(table in known for table in select.depends_on):
            found[name] = _key(select, known, as_of=as_of, maker=maker or own_maker())
            known[name] = found[name].digest
    return found


def raw_keys(tables: Iterable[RawTable]) -> dict[str, str]:
    """Give the key of both faces of each raw table: the newest load's name, for people, and the hash of what can be seen."""
    keys = {}
    for table in tables:
        keys[f"raw.{table.name}"] = _face(table, current_loads(table.loads))
        keys[f"raw.{table.name}__loads"] = _face(table, table.loads)
    return keys


def why_made(key: Key, before: Mapping[str, str] | None) -> str:
    """Say in a few words why a table is made anew; `before` are the parts of its key the last time, None the first time."""
    if before is None:
        return FIRST_TIME
    changed = [part for part in key.parts if key.parts[part] != before.get(part)]
    if "maker" in changed:  # then all are made anew, and no other reason counts
        return _said("maker", "", "")
    if "sql" in changed or set(before) - set(key.parts):
        return "SQL changed"
    return (
        "; ".join(_said(part, key.parts[part], before.get(part, "")) for part in changed)
        or NOT_KEPT
    )


def digest(content: Any) -> str:
    """Hash plain values; the order of keys and of rows counts."""
    text = json.dumps(content, ensure_ascii=False, default=str)
    return hashlib.sha256(text.encode()).hexdigest()


@cache
def own_maker() -> str:
    """Name what makes tables here: DuckDB, the machine's arithmetic, and those files of this program that have a part in it."""
    package = Path(__file__).parent
    hashed = hashlib.sha256()
    for name in _MAKERS:
        path = package / name
        for file in sorted(path.rglob("*.sql")) if path.is_dir() else [path]:
            hashed.update(hashlib.sha256(file.read_bytes()).digest())
    return f"duckdb {duckdb.__version__} {platform.machine()} {hashed.hexdigest()[:16]}"


def _key(select: GuardedSelect, known: Mapping[str, str], *, as_of: date, maker: str) -> Key:
    parts = {"sql": digest(_without_header(select)), "maker": maker}
    if "as_of" in select.parameters:
        parts["as_of"] = as_of.isoformat()
    parts |= {table: known[table] for table in select.depends_on}
    return Key(digest([select.name, parts]), parts)


def _without_header(select: GuardedSelect) -> str:
    """Leave the header comment out: it describes the table and is read anew every night."""
    return "\n".join(select.sql.splitlines()[select.first_line - 1 :])


def _face(table: RawTable, loads: Sequence[LoadManifest]) -> str:
    newest = table.loads[-1] if table.loads else table.newest
    seen = {
        "columns": list(newest.columns.items()) if newest else None,
        "merged": table.table.model_dump(mode="json", include={"primary_key", "cursor", "deletes"}),
        "loads": [_load(load) for load in loads],
        "held": _held(table, {load.load_id for load in loads}),
    }
    return f"{newest.load_id if newest else ''} {digest(seen)}"


def _load(load: LoadManifest) -> list[Any]:
    """Name the load besides its content: it never changes once it is there, and `__loads` shows its name and moment."""
    return [
        load.load_id,
        load.content_hash,
        load.extracted_at.isoformat(),
        load.is_snapshot,
        list(load.columns.items()),
        list(load.files),
    ]


def _held(table: RawTable, load_ids: set[str]) -> list[list[Any]]:
    rows = table.held.select(HELD_SCHEMA.names).to_pylist()
    return sorted(list(row.values()) for row in rows if row["load_id"] in load_ids)


def _said(part: str, now: str, before: str) -> str:
    if part == "as_of":
        return "another business date"
    if part == "maker":
        return "another version of the program"
    if not part.startswith("raw."):
        return f"{part} was made anew"
    name = part.removeprefix("raw.").removesuffix("__loads").replace("__", ".", 1)
    is_newer = now.split(" ", 1)[0] > before.split(" ", 1)[0]
    return f"new load of {name}" if is_newer else f"other rows of {name} count"
