"""From the files that dlt wrote to the one Parquet file of a load: final types, rows in order, equal bytes for equal rows.

Not here: reading sources, and where the file goes (lake).
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

PART = "part-0000.parquet"
_ROWS_PER_GROUP = 122_880  # what DuckDB reads as one piece


@dataclass(frozen=True)
class Written:
    """A Parquet file that has been written."""

    byte_count: int
    content_hash: str


def gather(files: Iterable[Path], types: Mapping[str, pa.DataType]) -> pa.Table:
    """Put the rows of all files together, in the columns and types given; dlt's own columns stay out."""
    schema = pa.schema(list(types.items()))
    parts = [_aligned(pq.ParquetFile(file).read(), schema) for file in files]
    return pa.concat_tables([pa.Table.from_batches([], schema), *parts])


def _aligned(table: pa.Table, schema: pa.Schema) -> pa.Table:
    present = set(table.column_names)
    columns = [
        table.column(field.name).cast(field.type)
        if field.name in present
        else pa.nulls(len(table), field.type)
        for field in schema
    ]
    return pa.Table.from_arrays(columns, schema=schema)


def in_order(table: pa.Table, primary_key: Sequence[str]) -> pa.Table:
    """Sort by primary key; where a key comes twice, by all columns, so that the order in which rows came leaves no trace."""
    keys = [(column, "ascending") for column in primary_key]
    ordered = table.sort_by(keys)
    if _has_duplicates(ordered, primary_key):
        others = [(name, "ascending") for name in table.column_names if name not in primary_key]
        ordered = table.sort_by([*keys, *others])
    return ordered.combine_chunks()


def _has_duplicates(ordered: pa.Table, primary_key: Sequence[str]) -> bool:
    same = pa.array([True] * max(len(ordered) - 1, 0), pa.bool_())
    for column in primary_key:
        values = ordered.column(column)
        same = pc.and_(same, pc.equal(values.slice(1), values.slice(0, max(len(values) - 1, 0))))
    return pc.any(same).as_py() is True


def write(table: pa.Table, path: Path) -> Written:
    """Write a table as Parquet, with settings that never vary, and hash the bytes."""
    pq.write_table(
        table.replace_schema_metadata(None),
        path,
        compression="zstd",
        row_group_size=_ROWS_PER_GROUP,
        store_schema=False,
        version="2.6",
    )
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return Written(byte_count=path.stat().st_size, content_hash=digest)
