"""Increments: where the last accepted load ended, which rows lie at or after that, and whether any of them is new.

Rows at the very end come again with each increment, since more of them may have come later; they are merged by key.

Not here: how a source is asked for them (each kind pushes the start down where it can).
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from connectors.errors import SourceBroken
from connectors.values import arrow_type, cursor_from_text, cursor_text
from scorecard.load import LoadManifest


@dataclass(frozen=True)
class Increment:
    """The rows at or after the start, and the greatest cursor value of them and all before."""

    rows: pa.Table
    greatest: str | None


def start_of(since: LoadManifest | None, cursor: str | None) -> LoadManifest | None:
    """Give the load that an increment builds on; None where everything is to be loaded."""
    if (
        since is None
        or cursor is None
        or since.cursor_column != cursor
        or since.cursor_value is None
    ):
        return None
    return since


def increment(
    rows: pa.Table, cursor: str, *, since: LoadManifest | None, is_time: bool, place: str
) -> Increment:
    """Cut off what lies before the start, and find the greatest value. Rows without a cursor value are refused."""
    values = rows.column(cursor)
    if values.null_count:
        raise SourceBroken(
            f"{place}: {values.null_count} row(s) have no value in the cursor {cursor}: they would never be asked for again.",
            "choose a cursor that is never empty, or leave `cursor` out and load full snapshots.",
        )
    started = start_of(since, cursor)
    order = _order(values, started, is_time=is_time)
    greatest = _greatest(values, order(values))
    if started is None or started.cursor_value is None:
        return Increment(rows, greatest)
    start = order(
        pa.chunked_array(
            [pa.array([cursor_from_text(started.cursor_value, values.type)], values.type)]
        )
    )[0]
    kept = rows.filter(pc.greater_equal(order(values), start))
    return Increment(kept, greatest if len(kept) else started.cursor_value)


def _greatest(values: pa.ChunkedArray, keys: pa.ChunkedArray) -> str | None:
    if not len(values):
        return None
    return cursor_text(values[pc.index(keys, pc.max(keys)).as_py()].as_py())


def _order(
    values: pa.ChunkedArray, since: LoadManifest | None, *, is_time: bool
) -> Callable[[pa.ChunkedArray], pa.ChunkedArray]:
    """Tell by what cursor values are compared: by themselves, or as moments where text in ISO form stands for such."""
    if not is_time or not pa.types.is_string(values.type):
        return lambda column: column
    texts = [*values.unique().to_pylist(), *([since.cursor_value] if since else [])]
    return _moments if all(_moment(text) for text in texts) else lambda column: column


def _moments(column: pa.ChunkedArray) -> pa.ChunkedArray:
    return pa.chunked_array(
        [pa.array([_moment(text) for text in column.to_pylist()], pa.timestamp("us", tz="UTC"))]
    )


def _moment(text: Any) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def brings_nothing_new(rows: pa.Table, since: LoadManifest, *, lake: Path) -> bool:
    """Tell whether an increment holds nothing but rows at its start, as they are in the load that it builds on.

    That load holds all rows at its greatest cursor value that were there then, because it was itself asked for from at
    or before that value. Some servers leave the rows at the start out: that is no news either.
    """
    cursor = since.cursor_column
    if cursor is None or since.cursor_value is None:
        return False
    held = pa.concat_tables(
        pq.ParquetFile(lake / since.folder / name).read() for name in since.files
    )
    if not len(rows):
        return True
    if held.schema != rows.schema:
        return False
    start = pa.scalar(
        cursor_from_text(since.cursor_value, held.schema.field(cursor).type),
        held.schema.field(cursor).type,
    )
    at_start = held.filter(pc.equal(held.column(cursor), start))
    return len(rows) <= len(at_start) and _distinct(rows) <= _distinct(at_start)


def _distinct(rows: pa.Table) -> set[tuple[Any, ...]]:
    return set(zip(*(column.to_pylist() for column in rows.columns), strict=True))


def widened(types: dict[str, pa.DataType], since: LoadManifest | None) -> dict[str, pa.DataType]:
    """Keep the types of an increment of undeclared columns at least as wide as those that it builds on.

    Else a column would change type with the values that happen to come: null throughout is text, 1 is BIGINT, 1.5 DOUBLE.
    """
    if since is None:
        return types
    before = {name: arrow_type(kind) for name, kind in since.columns.items()}
    return {name: _wider(kind, before.get(name, kind)) for name, kind in types.items()}


def _wider(kind: pa.DataType, before: pa.DataType) -> pa.DataType:
    if kind == before:
        return kind
    if {kind, before} == {pa.int64(), pa.float64()}:
        return pa.float64()
    return pa.string()
