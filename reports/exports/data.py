"""The data of the pages as JSON and CSV under stable addresses, with their schema.

Not here: which rows there are and what their columns mean (records), the workbook, the board pack.
"""

import csv
import json
from collections.abc import Iterable, Mapping, Sequence
from io import StringIO
from pathlib import Path
from typing import Any

from reports.edition import Edition
from reports.exports import records
from reports.exports.addresses import SCHEMA, SCORECARD, kpi_data
from reports.exports.records import Cell, Column, Record
from reports.text import later, say

RUN_AS_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""A spreadsheet that opens a CSV file runs text that begins with one of these."""
TYPES: dict[str, dict[str, Any]] = {
    "text": {"type": "string"},
    "number": {"type": "number"},
    "integer": {"type": "integer"},
    "flag": {"type": "boolean"},
    "day": {"type": "string", "format": "date"},
}
Parts = tuple[tuple[str, str, tuple[Column, ...], bool], ...]
"""Key, meaning, columns, and whether it is a list of rows."""
SCORECARD_PARTS: Parts = (
    ("release", later("The release."), records.RELEASE, False),
    ("rows", later("The organisation's scorecard."), records.SCORECARD, True),
)
KPI_PARTS: Parts = (
    ("release", later("The release."), records.RELEASE, False),
    ("kpi", later("What the KPI is."), records.DEFINITION, False),
    ("rows", later("Its periods, of every unit."), records.KPI, True),
    ("targets", later("Its targets."), records.TARGETS, True),
    ("comments", later("What was said of it."), records.COMMENTS, True),
)


def write_data(edition: Edition, out: Path) -> int:
    """Write the scorecard, every KPI and the schema; return how many files that are."""
    release = records.release_record(edition)
    whole = records.scorecard_records(edition)
    _write_json(out / SCHEMA, schema())
    _write_json(
        out / f"{SCORECARD}.json",
        {"$schema": SCHEMA, "kind": "scorecard", "release": release, "rows": whole},
    )
    _write(out / f"{SCORECARD}.csv", csv_text(records.SCORECARD, whole))
    for kpi in edition.strategy.kpis.values():
        address = kpi_data(kpi.kpi_id)
        history = records.history_records(edition, kpi)
        found = {
            "$schema": f"../{SCHEMA}",
            "kind": "kpi",
            "release": release,
            "kpi": records.definition_record(kpi),
            "rows": history,
            "targets": records.target_records(edition, kpi),
            "comments": records.comment_records(edition, kpi),
        }
        _write_json(out / f"{address}.json", found)
        _write(out / f"{address}.csv", csv_text(records.KPI, history))
    return 3 + 2 * len(edition.strategy.kpis)


def schema() -> dict[str, Any]:
    """Return the JSON Schema of the files."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": say("Steelyard's published data"),
        "oneOf": [{"$ref": "#/$defs/scorecard"}, {"$ref": "#/$defs/kpi"}],
        "$defs": {
            "scorecard": _document("scorecard", SCORECARD_PARTS),
            "kpi": _document("kpi", KPI_PARTS),
        },
    }


def _document(kind: str, parts: Parts) -> dict[str, Any]:
    found: dict[str, Any] = {"$schema": {"type": "string"}, "kind": {"const": kind}}
    for key, meaning, columns, is_list in parts:
        row = _row_schema(columns)
        listed = {"type": "array", "items": row} if is_list else row
        found[key] = {"description": say(meaning), **listed}
    return _closed(found)


def _row_schema(columns: Sequence[Column]) -> dict[str, Any]:
    return _closed({column.name: _column_schema(column) for column in columns})


def _closed(properties: dict[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def _column_schema(column: Column) -> dict[str, Any]:
    found = dict(TYPES[column.kind])
    if column.is_optional:
        found["type"] = [found["type"], "null"]
    return {"description": say(column.meaning), **found}


def csv_text(columns: Sequence[Column], found: Iterable[Record]) -> str:
    """Write rows as CSV (RFC 4180): text that a spreadsheet would run is led by an apostrophe, numbers stay numbers."""
    text = StringIO()
    writer = csv.writer(text)
    writer.writerow([column.name for column in columns])
    for row in found:
        writer.writerow([_cell(column, row[column.name]) for column in columns])
    return text.getvalue()


def _cell(column: Column, cell: Cell) -> str:
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if column.kind in records.NUMBERS:
        return json.dumps(cell)
    text = str(cell)
    return f"'{text}" if text.startswith(RUN_AS_FORMULA) else text


def _write_json(path: Path, found: Mapping[str, Any]) -> None:
    _write(
        path, json.dumps(found, ensure_ascii=False, allow_nan=False, separators=(",", ":")) + "\n"
    )


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text.encode())
