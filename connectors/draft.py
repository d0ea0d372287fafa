"""A load on its way into the lake: rows cut to the increment, in order, written, described by a manifest.

Not here: reading the rows (one module per kind) and putting the load in its place (lake).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pyarrow as pa

from connectors.as_of import data_as_of
from connectors.cursor import Increment, brings_nothing_new, increment, start_of
from connectors.dlt_pipeline import column_name
from connectors.errors import SourceBroken
from connectors.lake import loads
from connectors.landing import PART, in_order, write
from connectors.reading import Reading, Request
from connectors.values import duckdb_type
from scorecard.load import LoadManifest
from scorecard.sources import AnyTable, DataAsOf


@dataclass(frozen=True)
class Moment:
    """When a load is made, and how the day up to which it is complete is known."""

    load_id: str
    now: datetime
    zone: ZoneInfo
    today: date | None
    declared: DataAsOf


@dataclass(frozen=True)
class Draft:
    """A load that is written, but not yet in its place."""

    manifest: LoadManifest
    rows: pa.Table
    builds_on: LoadManifest | None


def draft(
    request: Request, table: AnyTable, *, reading: Reading, rows: pa.Table, at: Moment, folder: Path
) -> Draft:
    """Write the load's Parquet file into `folder`, and describe it."""
    primary_key = tuple(column_name(column) for column in table.primary_key)
    cursor = column_name(table.cursor) if table.cursor else None
    _require_columns(rows, primary_key, table, place=request.place)
    builds_on = start_of(request.since, cursor)
    cut = _cut(rows, cursor, request=request, reading=reading)
    ordered = in_order(cut.rows, primary_key)
    folder.mkdir()
    written = write(ordered, folder / PART)
    manifest = LoadManifest(
        source=request.source_id,
        table=request.table_id,
        load_id=at.load_id,
        row_count=len(ordered),
        byte_count=written.byte_count,
        columns={field.name: duckdb_type(field.type) for field in ordered.schema},
        primary_key=primary_key,
        cursor_column=cursor,
        cursor_value=cut.greatest,
        is_snapshot=cursor is None,
        extracted_at=at.now.astimezone(UTC),
        data_as_of=_as_of(request, at, rows=ordered, reading=reading, builds_on=builds_on),
        content_hash=written.content_hash,
        files=(PART,),
    )
    return Draft(manifest, ordered, builds_on)


def _as_of(
    request: Request,
    at: Moment,
    *,
    rows: pa.Table,
    reading: Reading,
    builds_on: LoadManifest | None,
) -> date:
    declared = at.declared
    if declared.column:
        declared = declared.model_copy(update={"column": column_name(declared.column)})
    return data_as_of(
        declared,
        rows,
        place=request.place,
        now=at.now,
        zone=at.zone,
        today=at.today,
        since=builds_on,
        newest_file=reading.newest_file(),
    )


def _cut(rows: pa.Table, cursor: str | None, *, request: Request, reading: Reading) -> Increment:
    if cursor is None:
        return Increment(rows, None)
    return increment(
        rows, cursor, since=request.since, is_time=reading.text_cursor_is_time, place=request.place
    )


def _require_columns(
    rows: pa.Table, primary_key: Sequence[str], table: AnyTable, *, place: str
) -> None:
    """Refuse rows that cannot be told apart: without a column of the key or the cursor, or with nulls in the key."""
    others = (table.cursor, table.deletes.column if table.deletes else None)
    for column in (*primary_key, *(column_name(other) for other in others if other)):
        if column not in rows.column_names:
            raise SourceBroken(
                f"{place}: there is no column {column}, which is declared as primary key, cursor or mark of deletes; "
                f"there are {', '.join(rows.column_names) or 'no columns at all'}.",
                "correct the declaration in sources.yaml; names are in lower case with underscores.",
            )
    for column in primary_key:
        if nulls := rows.column(column).null_count:
            raise SourceBroken(
                f"{place}: {nulls} row(s) have no value in {column}, a column of the primary key.",
                "have the rows completed in the source, or declare a primary key that is always there.",
            )


def standing(drafted: Draft, *, lake: Path) -> LoadManifest | None:
    """Give the load that a draft would only repeat; None where the draft is to be landed."""
    manifest, builds_on = drafted.manifest, drafted.builds_on
    earlier = loads(lake, manifest.source, manifest.table)
    if earlier and _says(earlier[-1]) == _says(manifest):
        return earlier[-1]
    if builds_on is None or manifest.data_as_of > builds_on.data_as_of:
        return None
    return builds_on if brings_nothing_new(drafted.rows, builds_on, lake=lake) else None


def _says(manifest: LoadManifest) -> tuple[object, ...]:
    """Give what makes two loads say the same."""
    return (
        manifest.content_hash,
        manifest.data_as_of,
        manifest.primary_key,
        manifest.cursor_column,
        manifest.cursor_value,
    )
