"""Judging loads: oldest first, each with the good ones before it, as staging would read them.

Not here: what an expectation is (expectations), how rows are split (rules), how a result reads (results), how verdicts are
kept (verdicts).
"""

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import duckdb
import pyarrow as pa

from scorecard.contracts import Contract, Expectation
from scorecard.load import LoadManifest
from scorecard.sources import Table
from transforms.checker import Answer, Asked, Checker, CheckerCrashed, open_checker
from transforms.contracts.results import (
    checks,
    expectation_result,
    first_line,
    rule_results,
    told_by_columns,
)
from transforms.contracts.rules import Split, allowed_rows, split
from transforms.contracts.verdicts import (
    CheckResult,
    LoadVerdict,
    TableVerdict,
    Verdict,
    VerdictCache,
    verdict_key,
)
from transforms.engine import Limits, literal, quoted
from transforms.raw import RawTable, create_raw_faces, current_loads


@dataclass(frozen=True)
class LandedTable:
    """A table with its loads (oldest first, all that are to be known) and its contract."""

    source_id: str
    table_id: str
    table: Table
    loads: tuple[LoadManifest, ...]
    contract: Contract | None = None


def judge_tables(
    tables: Sequence[LandedTable],
    *,
    lake: Path,
    cache: Path,
    temporary: Path,
    limits: Limits | None = None,
) -> tuple[TableVerdict, ...]:
    """Judge all loads of each table.

    `cache` is the folder of kept verdicts, `temporary` one where the database may spill. Great Expectations is imported only
    if a load has an expectation whose verdict is not known yet.
    """
    with contextlib.closing(_Bench(lake, temporary, limits or Limits())) as bench:
        return tuple(_judge_table(table, bench, VerdictCache(cache)) for table in tables)


def judge_table(
    table: LandedTable,
    *,
    lake: Path,
    cache: Path,
    temporary: Path,
    limits: Limits | None = None,
) -> TableVerdict:
    """Judge all loads of one table; see judge_tables."""
    return judge_tables([table], lake=lake, cache=cache, temporary=temporary, limits=limits)[0]


class _Bench:
    """Where loads are judged: a database in memory that reads the lake and nothing else, and the checker on it."""

    def __init__(self, lake: Path, temporary: Path, limits: Limits) -> None:
        self.lake = lake
        self._temporary = temporary
        self.limits = limits

    @cached_property
    def connection(self) -> duckdb.DuckDBPyConnection:
        """The database, opened when first needed."""
        connection = duckdb.connect(
            ":memory:",
            config={
                "memory_limit": self.limits.memory,
                "temp_directory": str(self._temporary),
                "max_temp_directory_size": self.limits.disk,
                "autoinstall_known_extensions": "false",
                "autoload_known_extensions": "false",
            },
        )
        connection.execute("set TimeZone = 'UTC'")
        if self.limits.threads:
            connection.execute(f"set threads = {self.limits.threads}")
        connection.execute(f"set allowed_directories = [{literal(str(self.lake.absolute()))}]")
        connection.execute("set enable_external_access = false")
        connection.execute("set lock_configuration = true")
        return connection

    @cached_property
    def checker(self) -> Checker | CheckerCrashed:
        """Great Expectations, or why it does not work: found out once."""
        try:
            return open_checker(self.connection)
        except CheckerCrashed as crash:
            return crash

    def close(self) -> None:
        """Close the database if it was opened."""
        if "connection" in vars(self):
            self.connection.close()


def _judge_table(landed: LandedTable, bench: _Bench, cache: VerdictCache) -> TableVerdict:
    verdicts: list[LoadVerdict] = []
    for load in landed.loads:
        good = [verdict for verdict in verdicts if verdict.is_accepted]
        verdicts.append(_judge(load, landed, good, bench, cache))
    return TableVerdict(landed.source_id, landed.table_id, landed.table, tuple(verdicts))


def _judge(
    load: LoadManifest,
    landed: LandedTable,
    good: Sequence[LoadVerdict],
    bench: _Bench,
    cache: VerdictCache,
) -> LoadVerdict:
    contract = landed.contract
    if contract is None or not checks(contract):
        return LoadVerdict(load, "unchecked")
    before = current_loads([*(verdict.load for verdict in good), load])[:-1]
    key = verdict_key(load, before=before, contract=contract, table=landed.table)
    found = cache.find(key, load)
    if found is None:
        merged = [verdict for verdict in good if verdict.load in before]
        found = _examine(load, landed, contract, merged, bench)
        cache.keep(key, found)
    return found


def _examine(
    load: LoadManifest,
    landed: LandedTable,
    contract: Contract,
    merged: Sequence[LoadVerdict],
    bench: _Bench,
) -> LoadVerdict:
    parts = split(
        bench.connection,
        load,
        contract.row_rules,
        lake=bench.lake,
        allowed=allowed_rows(load, contract),
        limits=bench.limits,
    )
    subject = RawTable(
        landed.source_id,
        landed.table_id,
        landed.table,
        loads=(*(verdict.load for verdict in merged), load),
        held=_all_held(merged, parts),
    )
    results = (
        *rule_results(parts, load, contract),
        *_expectation_results(contract.expectations, subject, bench),
    )
    names = [check.name for check in checks(contract)]
    named = tuple(
        result.model_copy(update={"check_name": name})
        for name, result in zip(names, results, strict=True)
    )
    return LoadVerdict(load, _verdict(named), named, parts.quarantined_count, parts.quarantined)


def _verdict(results: Sequence[CheckResult]) -> Verdict:
    """Let bad data outweigh a crash: it is known, and the load is not used either way."""
    decisive = {result.outcome for result in results if result.severity == "fail"}
    if "failed" in decisive:
        return "failed"
    if "crashed" in decisive:
        return "crashed"
    return "passed"


def _all_held(merged: Sequence[LoadVerdict], parts: Split) -> pa.Table:
    columns = parts.held.column_names
    return pa.concat_tables(
        [parts.held, *(verdict.quarantined.select(columns) for verdict in merged)]
    )


def _expectation_results(
    expectations: Sequence[Expectation], subject: RawTable, bench: _Bench
) -> list[CheckResult]:
    """Answer what the contract or the columns alone decide, and ask Great Expectations for the rest."""
    if not expectations:
        return []
    try:
        columns = _show(subject, bench)
    except duckdb.Error as error:
        crash = Answer(success=False, crash=f"The rows cannot be read: {first_line(error)}")
        return [expectation_result(each, crash) for each in expectations]
    told = [told_by_columns(each, columns) for each in expectations]
    open_questions = [
        each for each, answer in zip(expectations, told, strict=True) if answer is None
    ]
    answers = iter(_ask(open_questions, subject, bench))
    return [
        answer or expectation_result(each, next(answers))
        for each, answer in zip(expectations, told, strict=True)
    ]


def _show(subject: RawTable, bench: _Bench) -> dict[str, str]:
    """Create the raw faces of the subject; give its columns with their types."""
    create_raw_faces(bench.connection, [subject], lake=bench.lake)
    rows = bench.connection.execute(
        "select column_name, data_type from duckdb_columns() "
        "where schema_name = 'raw' and table_name = $name order by column_index",
        {"name": subject.name},
    ).fetchall()
    return dict(rows)


def _ask(expectations: Sequence[Expectation], subject: RawTable, bench: _Bench) -> Sequence[Answer]:
    if not expectations:
        return []
    try:
        return _validate(expectations, subject, bench)
    except (CheckerCrashed, duckdb.Error) as crash:
        return [Answer(success=False, crash=first_line(crash))] * len(expectations)


def _validate(
    expectations: Sequence[Expectation], subject: RawTable, bench: _Bench
) -> Sequence[Answer]:
    if isinstance(bench.checker, CheckerCrashed):
        raise bench.checker
    schema, table = "raw", subject.name
    if len(current_loads(subject.loads)) > 1:
        # Merged once here, and not anew in every query of the checker.
        bench.connection.execute(
            f"create or replace table main.subject as from {quoted(f'raw.{subject.name}')}"
        )
        schema, table = "main", "subject"
    asked = [Asked(each.type, each.kwargs) for each in expectations]
    return bench.checker.validate(table, asked, schema=schema)
