"""Loads in a lake, made for tests the way connectors make them: Parquet sorted by primary key, and a manifest."""

import hashlib
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import duckdb

from scorecard.load import LoadManifest
from scorecard.sources import ColumnarTable, Deletes

SNAPSHOT = ColumnarTable(files="orders.parquet", primary_key=("order_id",))
INCREMENTAL = ColumnarTable(
    files="orders.parquet",
    primary_key=("order_id",),
    cursor="changed",
    deletes=Deletes(column="is_deleted"),
)
FIRST = datetime(2026, 1, 1, 2, tzinfo=UTC)


def land(
    lake: Path,
    number: int,
    rows: str,
    *,
    is_snapshot: bool = True,
    source: str = "shop",
    table: str = "orders",
) -> LoadManifest:
    """Land the rows of a SELECT as load `number` (from 1), extracted that many days after the first of January 2026."""
    moment = FIRST + timedelta(days=number - 1)
    load_id = f"{moment:%Y%m%dT%H%M%SZ}-{number:06x}"
    folder = lake / source / table / load_id
    folder.mkdir(parents=True)
    file = folder / "part-0000.parquet"
    with duckdb.connect() as connection:
        relation = connection.sql(rows)
        columns = dict(zip(relation.columns, map(str, relation.types), strict=True))
        relation.order("1").write_parquet(str(file))
        (count,) = connection.execute(f"select count(*) from '{file}'").fetchone() or (0,)
    manifest = LoadManifest(
        source=source,
        table=table,
        load_id=load_id,
        row_count=count,
        byte_count=file.stat().st_size,
        columns=columns,
        primary_key=("order_id",),
        cursor_column=None if is_snapshot else "changed",
        cursor_value=None if is_snapshot else "9",
        is_snapshot=is_snapshot,
        extracted_at=moment,
        data_as_of=date(2026, 1, 1) + timedelta(days=number - 1),
        content_hash=hashlib.sha256(file.read_bytes()).hexdigest(),
        files=(file.name,),
    )
    (folder / "manifest.json").write_text(manifest.model_dump_json(), "utf-8")
    return manifest


def land_many(lake: Path, *rows: str, is_snapshot: bool = True) -> tuple[LoadManifest, ...]:
    """Land one load per SELECT."""
    return tuple(
        land(lake, number, each, is_snapshot=is_snapshot) for number, each in enumerate(rows, 1)
    )
