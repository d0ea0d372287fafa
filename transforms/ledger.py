"""The ledger: what each run reported, kept for ever as changes against the release it was built on.

A run's part is the folder `parts/<run_id>/` with `part.json` and one Parquet file per table; it is written once, under a
leading dot until it is whole. What stood reported at a release is its part laid over the parts of its base release, of
that one's base, and so on: its line. A part counts as reported only if its release got the pointer, which the caller knows
and says (`published`).

Not here: the pointer and its log (pipelines), and what the numbers mean.
"""

import os
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Literal

import duckdb
from pydantic import ValidationError

from scorecard.base import Part
from transforms.build import Definition
from transforms.engine import literal, quoted

TABLES = ("reported_value", "reported_score", "definition")
"""Tables of the schema `history` that a part carries rows of."""

_SQL = Path(__file__).parent / "sql" / "ledger"


class LedgerError(Exception):
    """A part of the ledger that is missing or damaged."""


class Report(Part):
    """What a run reports, apart from its rows: which release, from which base, for which date."""

    run_id: str
    release_id: str
    base_run_id: str | None
    as_of_date: date
    period_start_date: date | None
    reported_at: datetime


class PartFile(Part):
    """One file of a part."""

    name: str
    row_count: int
    byte_count: int


class LedgerPart(Report):
    """`part.json`: a report and its files."""

    format: Literal[1] = 1
    files: tuple[PartFile, ...]


def read_parts(parts: Path, run_ids: Iterable[str]) -> dict[str, LedgerPart]:
    """Read the headers of the parts of `run_ids`, in their order.

    Raises:
        LedgerError: where a part is missing, or a file is not as long as it was written.

    """
    return {run_id: _read_part(parts / run_id) for run_id in run_ids}


def line_of(run_id: str | None, *, bases: Mapping[str, str | None]) -> list[str]:
    """Give the run and those that it builds on, newest first; empty for None."""
    line: list[str] = []
    while run_id is not None:
        line.append(run_id)
        run_id = bases[run_id]
    return line


def history_tables(
    connection: duckdb.DuckDBPyConnection,
    report: Report,
    *,
    parts: Path,
    published: Sequence[str],
    definitions: Iterable[Definition],
) -> dict[str, int]:
    """Fill the schema `history` of a new warehouse: all that was ever published, then what this run reports.

    Args:
        connection: The new warehouse, its scores computed and its history empty.
        report: The run's own.
        parts: The ledger's parts.
        published: Runs whose release ever got the pointer, in the order of their first publication.
        definitions: What the run's KPIs mean.

    Returns:
        How many rows this run reports, by table: its changes.

    """
    ledger = read_parts(parts, published)
    bases = {run_id: part.base_run_id for run_id, part in ledger.items()}
    for table in TABLES:
        _insert_parts(connection, table, parts=parts, run_ids=list(ledger))
    _insert_releases(connection, [*ledger.values(), report], bases=bases, report=report)
    line = line_of(report.base_run_id, bases=bases)
    changes = {
        table: _insert_changes(connection, table, run_id=report.run_id, line=line)
        for table in ("reported_value", "reported_score")
    }
    return {
        **changes,
        "definition": _insert_definitions(connection, definitions, run_id=report.run_id),
    }


def write_part(connection: duckdb.DuckDBPyConnection, report: Report, *, parts: Path) -> Path:
    """Write the run's part from the history of its warehouse; give the part's folder, whole and on the disk."""
    unfinished = parts / f".writing-{report.run_id}"
    unfinished.mkdir(parents=True)
    files = [
        _write_table(connection, table, folder=unfinished, run_id=report.run_id) for table in TABLES
    ]
    part = LedgerPart(**report.model_dump(), files=tuple(files))
    (unfinished / "part.json").write_text(part.model_dump_json(indent=2) + "\n", "utf-8")
    for path in [*unfinished.iterdir(), unfinished]:
        _sync(path)
    unfinished.rename(parts / report.run_id)
    _sync(parts)
    return parts / report.run_id


def write_marts(connection: duckdb.DuckDBPyConnection, marts: Path) -> None:
    """Write the history tables as Parquet beside the other marts."""
    for table in (*TABLES, "release"):
        name = f"history.{table}"
        connection.execute(
            f"copy (from {quoted(name)} order by all) "
            f"to {literal(str(marts / f'{name}.parquet'))} (format parquet)"
        )


def _read_part(folder: Path) -> LedgerPart:
    mend = "restore it from a backup: the ledger is the only copy of what was reported."
    try:
        part = LedgerPart.model_validate_json((folder / "part.json").read_text("utf-8"))
    except FileNotFoundError as error:
        raise LedgerError(f"The ledger's part {folder} is missing: {mend}") from error
    except ValidationError as error:
        raise LedgerError(f"{folder / 'part.json'} is damaged: {mend}") from error
    for file in part.files:
        path = folder / file.name
        if not path.exists() or path.stat().st_size != file.byte_count:
            raise LedgerError(f"{path} is missing or not as long as it was written: {mend}")
    return part


def _insert_parts(
    connection: duckdb.DuckDBPyConnection, table: str, *, parts: Path, run_ids: list[str]
) -> None:
    if not run_ids:
        return
    connection.execute(
        f"insert into {quoted(f'history.{table}')} by name "
        "select * from read_parquet($files, union_by_name = true)",
        {"files": [str(parts / run_id / f"{table}.parquet") for run_id in run_ids]},
    )


def _insert_releases(
    connection: duckdb.DuckDBPyConnection,
    reports: Sequence[Report],
    *,
    bases: Mapping[str, str | None],
    report: Report,
) -> None:
    line = {report.run_id, *line_of(report.base_run_id, bases=bases)}
    connection.executemany(
        "insert into history.release values (?, ?, ?, ?, ?, ?, ?)",
        [
            (
                each.run_id,
                each.release_id,
                each.base_run_id,
                each.as_of_date,
                each.period_start_date,
                each.reported_at.astimezone(UTC).replace(tzinfo=None),
                each.run_id in line,
            )
            for each in reports
        ],
    )


def _insert_changes(
    connection: duckdb.DuckDBPyConnection, table: str, *, run_id: str, line: list[str]
) -> int:
    select = (_SQL / f"{table}.sql").read_text("utf-8")
    return _count(
        connection.execute(
            f"insert into {quoted(f'history.{table}')} by name "
            f"select $run_id as run_id, change.* from ({select}) as change",
            {"run_id": run_id, "line": line},
        )
    )


def _insert_definitions(
    connection: duckdb.DuckDBPyConnection, definitions: Iterable[Definition], *, run_id: str
) -> int:
    known = set(
        connection.execute("select kpi_id, definition_id from history.definition").fetchall()
    )
    new = [
        (each.kpi_id, each.definition_id, run_id, each.text)
        for each in definitions
        if (each.kpi_id, each.definition_id) not in known
    ]
    if new:
        connection.executemany("insert into history.definition values (?, ?, ?, ?)", new)
    return len(new)


def _write_table(
    connection: duckdb.DuckDBPyConnection, table: str, *, folder: Path, run_id: str
) -> PartFile:
    path = folder / f"{table}.parquet"
    rows = connection.sql(
        f"select * from {quoted(f'history.{table}')} where run_id = $run_id order by all",
        params={"run_id": run_id},
    )
    rows.write_parquet(str(path))
    count = _count(
        connection.execute("select count(*) from read_parquet($file)", {"file": str(path)})
    )
    return PartFile(name=path.name, row_count=count, byte_count=path.stat().st_size)


def _count(result: duckdb.DuckDBPyConnection) -> int:
    # all rows are fetched: DuckDB holds a connection busy while a result is unfinished
    return int(result.fetchall()[0][0])


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
