"""Writes rows in the form in which each source system hands them out: a database, JSON, CSV, workbooks, Parquet.

Every file is the same, byte for byte, for the same rows: no clock gets into it.

Not here: the rows.
"""

import csv
import io
import json
import os
import zipfile
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow.parquet as pq
import sqlalchemy as sa
from pyarrow.csv import read_csv

Rows = Sequence[Mapping[str, Any]]
SAVED_AT = time(1, 0)
"""Systems hand their files out at this time of the morning, UTC."""
_PACKED_AT = (2026, 1, 1, 0, 0, 0)


def write_database(
    url: str, tables: Mapping[str, Rows], *, keys: Mapping[str, Sequence[str]]
) -> None:
    """Create the tables in the database behind any SQLAlchemy URL and fill them; tables of these names must not exist."""
    engine = open_database(url)
    metadata = sa.MetaData()
    made = {name: _table(metadata, name, rows, key=keys[name]) for name, rows in tables.items()}
    try:
        with engine.begin() as connection:
            metadata.create_all(connection, checkfirst=False)
            for name, table in made.items():
                connection.execute(sa.insert(table), [dict(row) for row in tables[name]])
    finally:
        engine.dispose()


def open_database(url: str) -> sa.Engine:
    """Open the database behind a SQLAlchemy URL; for PostgreSQL with the driver that Steelyard brings."""
    parsed = sa.make_url(url)
    is_plain = parsed.drivername in {"postgres", "postgresql"}
    return sa.create_engine(parsed.set(drivername="postgresql+psycopg") if is_plain else parsed)


def _table(metadata: sa.MetaData, name: str, rows: Rows, *, key: Sequence[str]) -> sa.Table:
    columns = [
        sa.Column(
            column, _type(column), primary_key=column in key, nullable=False, autoincrement=False
        )
        for column in rows[0]
    ]
    return sa.Table(name, metadata, *columns)


def _type(column: str) -> sa.types.TypeEngine[Any]:
    """Read the type off the column's name, as style has it."""
    kinds: tuple[tuple[str, sa.types.TypeEngine[Any]], ...] = (
        ("_amount", sa.Numeric(14, 2)),
        ("_date", sa.Date()),
        ("_at", sa.DateTime()),
        ("_count", sa.Integer()),
        ("_no", sa.Integer()),
    )
    if column == "amount":
        return sa.Numeric(14, 2)
    return next((kind for ending, kind in kinds if column.endswith(ending)), sa.String(40))


def write_json(path: Path, rows: Rows) -> None:
    """Write a list of objects."""
    _write(path, json.dumps(rows, ensure_ascii=False, separators=(",", ":")).encode())


def write_csv(path: Path, rows: Rows, *, delimiter: str = ",", encoding: str = "utf-8") -> None:
    """Write rows of equal columns; a missing value is empty."""
    _write(path, _csv(rows, delimiter=delimiter).encode(encoding))


def _csv(rows: Rows, *, delimiter: str = ",") -> str:
    buffer = io.StringIO()
    writer = csv.DictWriter(buffer, list(rows[0]), delimiter=delimiter, lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(rows)
    return buffer.getvalue()


def write_parquet(path: Path, rows: Rows) -> None:
    """Write rows of equal columns: text, whole numbers, numbers, moments."""
    buffer = io.BytesIO()
    # By way of CSV: to make arrays from Python values, pyarrow first imports pandas, which takes longer than all the rest.
    pq.write_table(read_csv(io.BytesIO(_csv(rows).encode())), buffer)
    _write(path, buffer.getvalue())


def write_workbook(path: Path, sheets: Mapping[str, Rows], *, titles: Mapping[str, str]) -> None:
    """Write one sheet per table. A sheet with a title has it in row 1 and its header in row 3."""
    book = openpyxl.Workbook(write_only=True)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        if name in titles:
            sheet.append([titles[name]])
            sheet.append([])
        sheet.append(list(rows[0]))
        for row in rows:
            sheet.append(list(row.values()))
    buffer = io.BytesIO()
    book.save(buffer)
    _write(path, _without_clock(buffer.getvalue()))


def _without_clock(workbook: bytes) -> bytes:
    """Pack a workbook again without the moments that the library wrote into it."""
    packed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(workbook)) as old, zipfile.ZipFile(packed, "w") as new:
        for name in old.namelist():
            content = _CORE.encode() if name == "docProps/core.xml" else old.read(name)
            entry = zipfile.ZipInfo(name, _PACKED_AT)
            new.writestr(entry, content, zipfile.ZIP_DEFLATED)
    return packed.getvalue()


_CORE = (
    '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
    '<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties" '
    'xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:creator>Kestrel Coffee</dc:creator></cp:coreProperties>'
)


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


def date_files(folder: Path, day: date) -> None:
    """Date every file below a folder to the morning on which the data were as they are, whenever they were made."""
    moment = datetime.combine(day, SAVED_AT, UTC).timestamp()
    for path in folder.rglob("*"):
        os.utime(path, (moment, moment))
