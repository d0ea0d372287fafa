"""The ledger: what each run reported, kept for ever as changes against the release it was built on.

A run's part is the folder `parts/<run_id>/` with `part.json` and one Parquet file per table; it is written once, under a
leading dot until it is whole. What stood reported at a release is its part laid over the parts of its base release, of
that one's base, and so on: its line. A part counts as reported only if its release got the pointer, which the caller knows
and says (`published`).

Each change carries its reasons. How they are found is told in `sql/ledger/`, and in short: a value has `changed_definition`
where the part of its definition that makes it is another, `changed_unit_tree` where its months' rows would be other units' by the tree that stood before,
and `late_data` where it changed and neither explains it. A score has the reasons of its value and what of target and definition
changed; a parent those of its children, and what of weights and roll-up changed.

Not here: the pointer and its log (pipelines), how changes are laid over each other (standing), and what the numbers mean.
"""

import os
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import Any, Literal, NamedTuple

import duckdb
from pydantic import ValidationError

from scorecard.base import Part
from transforms.build import Definition
from transforms.engine import literal, quoted
from transforms.standing import REPORTED, lay, line_of
from transforms.steps import step_text
from transforms.strategy_tables import value_definition_id

TABLES = (*REPORTED, "definition", "roll_up")
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


class PointerMove(NamedTuple):
    """A move of the pointer that happened."""

    run_id: str
    kind: str
    """`publish` or `rollback`."""
    moved_at: datetime


class PartFile(Part):
    """One file of a part."""

    name: str
    row_count: int
    byte_count: int


class LedgerPart(Report):
    """`part.json`: a report and its files.

    Parts of format 1 know neither reasons nor units, points, roll-ups, targets and weights as given; those of format 2 not
    which part of a definition makes the value.
    """

    format: Literal[1, 2, 3] = 3
    files: tuple[PartFile, ...]


def read_parts(parts: Path, run_ids: Iterable[str]) -> dict[str, LedgerPart]:
    """Read the headers of the parts of `run_ids`, in their order.

    Raises:
        LedgerError: where a part is missing, or a file is not as long as it was written.

    """
    return {run_id: _read_part(parts / run_id) for run_id in run_ids}


def history_tables(
    connection: duckdb.DuckDBPyConnection,
    report: Report,
    *,
    parts: Path,
    moves: Sequence[PointerMove],
    definitions: Iterable[Definition],
) -> dict[str, int]:
    """Fill the schema `history` of a new warehouse: all that was ever published, then what this run reports.

    Args:
        connection: The new warehouse, its scores computed and its history empty.
        report: The run's own.
        parts: The ledger's parts.
        moves: Every move of the pointer, oldest first; a run whose release never got it reported nothing.
        definitions: What the run's KPIs mean.

    Returns:
        How many rows this run reports, by table: its changes.

    """
    ledger = read_parts(parts, dict.fromkeys(move.run_id for move in moves))
    bases = read_history(connection, ledger, parts=parts)
    bases[report.run_id] = report.base_run_id
    line = line_of(report.run_id, bases=bases)
    _insert_releases(connection, [*ledger.values(), report], line=line)
    own = PointerMove(report.run_id, "publish", report.reported_at)
    _insert_moves(connection, [*moves, own])
    for statement in _statements("as_reported"):
        connection.execute(statement)
    for table in REPORTED:
        lay(connection, table, line=line[1:], name=f"stood_{table}")
    base = ledger.get(report.base_run_id or "")
    changes = _report(connection, report.run_id, base_as_of=base.as_of_date if base else None)
    for step in ("held_back", "held_back_score"):
        connection.execute(_text(step))
    return {
        **changes,
        "definition": _insert_definitions(connection, definitions, run_id=report.run_id),
    }


def read_history(
    connection: duckdb.DuckDBPyConnection, ledger: Mapping[str, LedgerPart], *, parts: Path
) -> dict[str, str | None]:
    """Read what the parts of `ledger` carry into the schema `history`; give each run's base."""
    for table in TABLES:
        written = [
            str(parts / run_id / f"{table}.parquet")
            for run_id, part in ledger.items()
            if any(file.name == f"{table}.parquet" for file in part.files)
        ]
        if written:
            connection.execute(
                f"insert into {quoted(f'history.{table}')} by name "
                "select * from read_parquet($files, union_by_name = true)",
                {"files": written},
            )
    _name_value_definitions(connection)
    return {run_id: part.base_run_id for run_id, part in ledger.items()}


def ledger_tables(
    connection: duckdb.DuckDBPyConnection, *, parts: Path, moves: Sequence[PointerMove]
) -> None:
    """Fill the schema `history` of empty tables with all that was ever published, up to the last move of the pointer."""
    ledger = read_parts(parts, dict.fromkeys(move.run_id for move in moves))
    bases = read_history(connection, ledger, parts=parts)
    line = line_of(moves[-1].run_id if moves else None, bases=bases)
    _insert_releases(connection, [*ledger.values()], line=line)
    _insert_moves(connection, moves)
    for statement in _statements("as_reported"):
        connection.execute(statement)


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
    for table in (*TABLES, "release", "pointer"):
        name = f"history.{table}"
        connection.execute(
            f"copy (from {quoted(name)} order by all) "
            f"to {literal(str(marts / f'{name}.parquet'))} (format parquet)"
        )


def _name_value_definitions(connection: duckdb.DuckDBPyConnection) -> None:
    """Say of definitions that an older version kept which part makes the value."""
    old = connection.execute(
        "select kpi_id, definition_id, definition_json from history.definition "
        "where value_definition_id is null"
    ).fetchall()
    for kpi_id, definition_id, text in old:
        connection.execute(
            "update history.definition set value_definition_id = $made "
            "where kpi_id = $kpi_id and definition_id = $definition_id",
            {
                "made": value_definition_id(text),
                "kpi_id": kpi_id,
                "definition_id": definition_id,
            },
        )


def _read_part(folder: Path) -> LedgerPart:
    mend = "restore it from a backup: the ledger is the only copy of what was reported."
    try:
        part = LedgerPart.model_validate_json((folder / "part.json").read_text("utf-8"))
    except FileNotFoundError as error:
        raise LedgerError(f"The ledger's part {folder} is missing: {mend}") from error
    except (ValidationError, UnicodeDecodeError) as error:
        raise LedgerError(f"{folder / 'part.json'} is damaged: {mend}") from error
    for file in part.files:
        path = folder / file.name
        if not path.exists() or path.stat().st_size != file.byte_count:
            raise LedgerError(f"{path} is missing or not as long as it was written: {mend}")
    return part


def _insert_releases(
    connection: duckdb.DuckDBPyConnection, reports: Sequence[Report], *, line: Sequence[str]
) -> None:
    connection.executemany(
        "insert into history.release values (?, ?, ?, ?, ?, ?, ?)",
        [
            (
                each.run_id,
                each.release_id,
                each.base_run_id,
                each.as_of_date,
                each.period_start_date,
                _in_utc(each.reported_at),
                each.run_id in line,
            )
            for each in reports
        ],
    )


def _insert_moves(connection: duckdb.DuckDBPyConnection, moves: Sequence[PointerMove]) -> None:
    connection.executemany(
        "insert into history.pointer values (?, ?, ?, ?)",
        [
            (number, move.run_id, move.kind, _in_utc(move.moved_at))
            for number, move in enumerate(moves, 1)
        ],
    )


def _in_utc(moment: datetime) -> datetime:
    return moment.astimezone(UTC).replace(tzinfo=None)


def _report(
    connection: duckdb.DuckDBPyConnection, run_id: str, *, base_as_of: date | None
) -> dict[str, int]:
    """Add the run's own changes to the history tables; how many, by table."""
    _compare_values(connection, base_as_of)
    changes = {"reported_value": _insert(connection, "reported_value", run_id)}
    _create(connection, "roll_up", "roll_up")
    _create(connection, "score_change", "score_change")
    _create(connection, "target_change", "reported_target")
    _create(connection, "closure_change", "reported_closure")
    _create(connection, "score_cause", "kpi_cause", run_id=run_id)
    for level in ("kpi", "objective", "perspective"):
        _run(connection, "insert into score_cause by name", "parent_cause", level=level)
    for table in REPORTED[1:]:
        changes[table] = _insert(connection, table, run_id)
    connection.execute(
        "insert into history.roll_up by name select roll_up.*, $run_id as run_id from roll_up "
        "anti join history.roll_up as known using (level, node_id, definition_id) order by all",
        {"run_id": run_id},
    )
    return changes


def _compare_values(connection: duckdb.DuckDBPyConnection, base_as_of: date | None) -> None:
    """Lay values beside those that stood, and the units that they are made of by the tree now and by the one that stood."""
    connection.execute(step_text("macros"))
    _create(connection, "value_change", "value_change", base_as_of=base_as_of)
    _create(connection, "value_month", "value_month")
    # Parts of format 1 do not know the tree: then it counts as unchanged.
    connection.execute(
        "create or replace temp table closure_then as "
        "select ancestor_unit_id, unit_id, distance, valid_from_date, valid_to_date "
        "from stood_reported_closure union all "
        "select ancestor_unit_id, unit_id, distance, valid_from_date, valid_to_date "
        "from scorecard.unit_closure where not exists (from stood_reported_closure)"
    )
    _list_keyed_months(connection)
    _create(connection, "measured_month", "measured_month")
    for moment, closure in (("now", "scorecard.unit_closure"), ("then", "closure_then")):
        connection.execute(f"create or replace temp view placement as from {quoted(closure)}")
        _create(connection, f"unit_set_{moment}", "unit_set")


def _list_keyed_months(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute(
        "create or replace temp table keyed_month "
        "(measure_id varchar, unit_id varchar, month_start_date date)"
    )
    keyed = connection.execute("select measure_id from measure.dim_measure where kind = 'keys'")
    for (measure,) in keyed.fetchall():
        connection.execute(
            "insert into keyed_month select distinct $measure, unit_id, period_start_date "
            f"from {quoted(f'measure.{measure}')}",
            {"measure": measure},
        )


def _insert(connection: duckdb.DuckDBPyConnection, table: str, run_id: str) -> int:
    target = quoted(f"history.{table}")
    return _count(
        connection.execute(
            f"insert into {target} by name select $run_id as run_id, change.* from ({_text(table)}) as change",
            {"run_id": run_id},
        )
    )


def _create(connection: duckdb.DuckDBPyConnection, name: str, step: str, **given: Any) -> None:
    _run(connection, f"create or replace temp table {quoted(name)} as", step, **given)


def _run(connection: duckdb.DuckDBPyConnection, act: str, step: str, **given: Any) -> None:
    connection.execute(f"{act}\n{_text(step)}", given)


def _statements(name: str) -> list[str]:
    return [text for text in _text(name).split(";\n") if text.strip()]


@cache
def _text(step: str) -> str:
    return (_SQL / f"{step}.sql").read_text("utf-8")


def _insert_definitions(
    connection: duckdb.DuckDBPyConnection, definitions: Iterable[Definition], *, run_id: str
) -> int:
    known = set(
        connection.execute("select kpi_id, definition_id from history.definition").fetchall()
    )
    new = [
        (each.kpi_id, each.definition_id, each.value_definition_id, run_id, each.text)
        for each in definitions
        if (each.kpi_id, each.definition_id) not in known
    ]
    if new:
        connection.executemany("insert into history.definition values (?, ?, ?, ?, ?)", new)
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
