"""The check of a workspace's SQL: that each file is let through, reads what exists and yields what it must.

Once columns of the sources are known from their loads, every SELECT, row rule and expectation is also bound against empty tables
of those columns, so that a misspelt column is found before any data moves.

Not here: running definitions (measures), and what other files say (scorecard.check).
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import date

import duckdb

from scorecard.contracts import Contract, Expectation, RowRule
from scorecard.findings import Finding
from scorecard.shape import did_you_mean
from scorecard.strategy import Kpi, Term
from scorecard.terms import MANUAL
from scorecard.workspace import SqlFile, Workspace
from transforms.contracts.expectations import column_fault, expectation_faults
from transforms.engine import Limits, literal, quoted
from transforms.limits import LimitReached, within
from transforms.measures import table_names
from transforms.raw import LOAD_COLUMNS, column_name
from transforms.sql_guard import GuardedSelect, SqlRefused, guard, guard_condition, order

Columns = Mapping[str, str]
"""Name to DuckDB type, in order."""

_ANY_DAY = date(2024, 1, 1)
"""Stands for `$as_of` while binding."""
_NUMBER = re.compile(r"U?(TINY|SMALL|BIG|HUGE)INT|U?INTEGER|DECIMAL.*|DOUBLE|FLOAT|BIGNUM")
_TYPES: Mapping[str, tuple[re.Pattern[str], str, str]] = {
    "unit": (re.compile(r"VARCHAR|ENUM.*"), "text", "varchar"),
    "period": (re.compile(r"DATE|TIMESTAMP.*"), "a date", "date"),
    "numerator": (_NUMBER, "a number", "decimal(38, 9)"),
    "denominator": (_NUMBER, "a number", "decimal(38, 9)"),
    "observations": (_NUMBER, "a number", "bigint"),
    "answer": (_NUMBER, "a number", "decimal(38, 9)"),
}
"""What the columns of a measure must be: pattern of the DuckDB type, in words, and the type to cast to."""


def check_sql(workspace: Workspace, *, raw_columns: Mapping[str, Columns] | None) -> list[Finding]:
    """Give every finding in the SQL of the workspace, by file and line.

    `raw_columns` are the columns of each `<source>__<table>` in its last load; tables that were never loaded may be absent, and
    what reads them is then checked by its text alone.
    """
    files = definitions(workspace)
    selects, findings = _guarded(files, table_names(workspace))
    findings += _unread(workspace, selects)
    try:
        ordered = order(selects)
    except SqlRefused as ring:
        findings.append(_finding(files[ring.name], ring.line, ring.message, ring.mend))
        ordered = []
    with closing(_Binder(raw_columns or {}, Limits.of(workspace.company))) as binder:
        for name in ordered:
            findings += binder.bind(name, selects[name], files[name])
        findings += _contracts(workspace, binder)
        if workspace.company.engine != "duckdb":
            findings += _for_engine(selects, ordered, files, known=binder.known)
        yielded = {name: binder.yields(name, select) for name, select in selects.items()}
    findings += _measures(workspace, selects, yielded)
    return sorted(set(findings))


def _for_engine(
    selects: Mapping[str, GuardedSelect],
    ordered: Sequence[str],
    files: Mapping[str, SqlFile],
    *,
    known: Mapping[str, Columns],
) -> Iterator[Finding]:
    """Refuse what is not proven to give the same on the workspace's engine; manual measures are computed here."""
    from transforms.engines.check import unproven  # noqa: PLC0415 - other workspaces do without it

    there = [name for name in ordered if not _is_manual(files[name])]
    for refused in unproven(selects, there, known=known):
        yield _finding(files[refused.name], refused.line, refused.message, refused.mend)


def definitions(workspace: Workspace) -> dict[str, SqlFile]:
    """Give the workspace's SQL files by the tables that they make: `staging.<name>`, `measure.<name>`."""
    return {f"staging.{name}": file for name, file in workspace.staging.items()} | {
        f"measure.{name}": file for name, file in workspace.measures.items()
    }


def _finding(file: SqlFile, line: int, message: str, mend: str) -> Finding:
    """Point to a line of the file; of a manual measure, whose SELECT is not in its file, to the columns' names."""
    return Finding(file.path, 1 if _is_manual(file) else line, "error", message, mend)


def _is_manual(file: SqlFile) -> bool:
    return file.path.startswith(f"{MANUAL}/")


def _guarded(
    files: Mapping[str, SqlFile], tables: set[str]
) -> tuple[dict[str, GuardedSelect], list[Finding]]:
    selects: dict[str, GuardedSelect] = {}
    findings: list[Finding] = []
    for name, file in files.items():
        try:
            selects[name] = guard(file.text, name=name, tables=tables)
        except SqlRefused as refused:
            findings.append(_finding(file, refused.line, refused.message, refused.mend))
    return selects, findings


def _unread(workspace: Workspace, selects: Mapping[str, GuardedSelect]) -> Iterator[Finding]:
    """Warn of staging that nothing reads, once all is let through; before that nothing is known."""
    if len(selects) < len(workspace.staging) + len(workspace.measures):
        return
    read = {table for select in selects.values() for table in select.depends_on}
    wanted = workspace.company.publish_staging
    for name, file in workspace.staging.items():
        if f"staging.{name}" not in read and wanted != "all" and name not in wanted:
            yield Finding(
                file.path,
                1,
                "warning",
                f"Nothing reads staging.{name}.",
                "Read it in a measure, publish it (publish_staging), or remove the file.",
            )


# --- binding ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _BindError:
    """Why DuckDB cannot bind a SELECT."""

    line: int
    message: str
    mend: str


class _Binder:
    """A locked, empty database with the tables that are known."""

    def __init__(self, raw_columns: Mapping[str, Columns], limits: Limits) -> None:
        self.connection = duckdb.connect(":memory:")
        self.limits = limits
        self.known: dict[str, Columns] = {}
        for statement in (
            f"set memory_limit={literal(limits.memory)}",
            f"set max_temp_directory_size={literal(limits.disk)}",
            "load icu",
            "set TimeZone='UTC'",
            "set threads=1",
            "set python_enable_replacements=false",
            "set enable_external_access=false",
            "set lock_configuration=true",
            "create schema raw",
            "create schema staging",
            "create schema measure",
        ):
            self.connection.execute(statement)
        for name, columns in raw_columns.items():
            self._create(f"raw.{name}", columns)
            self._create(f"raw.{name}__loads", _with_load(columns))

    def close(self) -> None:
        """Close the database."""
        self.connection.close()

    def _create(self, name: str, columns: Columns) -> None:
        listed = ", ".join(f"{column_name(column)} {kind}" for column, kind in columns.items())
        self.connection.execute(f"create table {quoted(name)} ({listed})")
        self.known[name] = columns

    def bind(self, name: str, select: GuardedSelect, file: SqlFile) -> Iterator[Finding]:
        """Bind one SELECT and keep its columns; say nothing where a table that it reads is not known."""
        if not set(select.depends_on) <= set(self.known):
            return
        bound = self.describe(select.sql, needs_as_of="as_of" in select.parameters)
        if isinstance(bound, _BindError):
            yield _finding(file, bound.line, bound.message, bound.mend)
            return
        twice = [
            column for column, count in Counter(c.lower() for c, _ in bound).items() if count > 1
        ]
        if twice:
            line = select.column_lines.get(twice[0], select.first_line)
            yield _finding(
                file,
                line,
                f"It yields the column {twice[0]} twice.",
                "Give each column a name of its own.",
            )
            return
        self._create(name, dict(bound))

    def describe(
        self, sql: str, *, needs_as_of: bool = False
    ) -> list[tuple[str, str]] | _BindError:
        """Give names and types of the columns that a SELECT yields, or why it yields none."""
        parameters = {"as_of": _ANY_DAY} if needs_as_of else {}
        try:
            # Values that need no row, such as repeat('x', 4000000000), are computed while binding.
            with within(self.connection, self.limits, what="It"):
                rows = self.connection.execute(f"describe {sql}", parameters).fetchall()
        except LimitReached as reached:
            message, _, mend = str(reached).partition(" Mend: ")
            return _BindError(1, message, mend)
        except duckdb.Error as error:
            return _told(str(error))
        return [(row[0], row[1]) for row in rows]

    def yields(self, name: str, select: GuardedSelect) -> Columns | None:
        """Give the columns that a definition yields; types are empty where only the text is known."""
        if name in self.known:
            return {column.lower(): kind for column, kind in self.known[name].items()}
        if select.columns is None:
            return None
        return {column: "" for column in select.columns if column}


def _with_load(columns: Columns) -> dict[str, str]:
    """Give the columns of the `__loads` face: a source's own load_id and extracted_at are called source_… there."""
    own = {
        f"source_{name}" if name.lower() in LOAD_COLUMNS else name: kind
        for name, kind in columns.items()
    }
    return own | {"load_id": "VARCHAR", "extracted_at": "TIMESTAMP"}


def _told(error: str) -> _BindError:
    """Take DuckDB's message apart: its first line, the line of the SQL, and the candidates that it names."""
    lines = [line.strip() for line in error.splitlines() if line.strip()]
    place = re.search(r"^LINE (\d+):", error, re.MULTILINE)
    hint = next((line for line in lines[1:] if line.startswith(("Candidate", "Did you mean"))), "")
    message = re.sub(r"^(Binder|Catalog|Conversion|Parser) Error: ", "", lines[0]).rstrip(".!")
    return _BindError(int(place[1]) if place else 1, f"{message}.", hint or "Correct the SQL.")


# --- contracts --------------------------------------------------------------------------------------------------------


def _contracts(workspace: Workspace, binder: _Binder) -> Iterator[Finding]:
    for name, contract in workspace.contracts.items():
        file = f"contracts/{name}.yaml"
        columns = binder.known.get(f"raw.{name}")
        for key, number, message, mend in _contract(contract, name, columns, binder):
            line = workspace.line(file, key, number)
            yield Finding(file, line, "error", message, mend)


def _contract(
    contract: Contract, name: str, columns: Columns | None, binder: _Binder
) -> Iterator[tuple[str, int, str, str]]:
    for number, expectation in enumerate(contract.expectations):
        for message, mend in _expectation(expectation, columns):
            yield "expectations", number, message, mend
    for number, rule in enumerate(contract.row_rules):
        for message, mend in _rule(rule, name, columns, binder):
            yield "row_rules", number, f"The row rule {rule.name}: {message}", mend


def _expectation(expectation: Expectation, columns: Columns | None) -> Iterator[tuple[str, str]]:
    faults = list(expectation_faults(expectation))
    for message, mend in faults:
        options = re.findall(r"expect_\w+", mend)
        yield message, did_you_mean(expectation.type, options) or mend
    fault = column_fault(expectation, columns) if columns and not faults else None
    if fault:
        yield (
            f"{expectation.type}: {fault}",
            did_you_mean(_column(expectation), list(columns or ()))
            or "Correct the column or its type.",
        )


def _column(expectation: Expectation) -> str:
    return str(expectation.kwargs.get("column", ""))


def _rule(
    rule: RowRule, name: str, columns: Columns | None, binder: _Binder
) -> Iterator[tuple[str, str]]:
    try:
        condition = guard_condition(rule.condition, columns=tuple(columns or ()))
    except SqlRefused as refused:
        yield refused.message, refused.mend
        return
    if not columns:
        return
    bound = binder.describe(f"select {condition} as verdict from {quoted(f'raw.{name}')}")
    if isinstance(bound, _BindError):
        yield bound.message, bound.mend
    elif bound[0][1] != "BOOLEAN":
        yield f"its condition is not true or false, but {bound[0][1]}.", "Compare: `amount > 0`."


# --- measures ---------------------------------------------------------------------------------------------------------


def _measures(
    workspace: Workspace,
    selects: Mapping[str, GuardedSelect],
    yielded: Mapping[str, Columns | None],
) -> Iterator[Finding]:
    uses: dict[str, list[_Use]] = {}
    for _, _, kpi in workspace.strategy.kpis():
        for term in kpi.terms().values():
            uses.setdefault(term.measure, []).append(_Use(kpi, term))
    for measure, file in workspace.measures.items():
        select, columns = selects.get(f"measure.{measure}"), yielded.get(f"measure.{measure}")
        if select is None:
            continue
        yield from _unnamed(select, file)
        if columns is not None:
            yield from _lacking(select, file, columns, uses.get(measure, []))
            yield from _misread(select, file, columns, uses.get(measure, []))
            yield from _typed(select, file, columns)


@dataclass(frozen=True)
class _Use:
    """A KPI that reads a measure, and how."""

    kpi: Kpi
    term: Term

    @property
    def reads(self) -> str:
        """What it reads: the column `key`, `answer` or `numerator`."""
        if self.term.aggregation == "distinct":
            return "key"
        counts_answers = self.kpi.survey is not None and self.kpi.survey != "response_rate"
        return "answer" if counts_answers else "numerator"


def _unnamed(select: GuardedSelect, file: SqlFile) -> Iterator[Finding]:
    for number, column in enumerate(select.columns or (), 1):
        if column is None:
            yield _finding(
                file,
                select.first_line,
                f"Column {number} of the final SELECT has no name.",
                "Write `… as <name>`.",
            )


def _lacking(
    select: GuardedSelect, file: SqlFile, columns: Columns, uses: list[_Use]
) -> Iterator[Finding]:
    """See that the measure yields what each KPI that uses it needs, and say each lack once."""
    said: set[str] = set()
    for column, reason in _needed(columns, uses):
        if column in columns or column in said:
            continue
        said.add(column)
        spare = [name for name in columns if name not in _TYPES and name != "key"]
        near = did_you_mean(column, spare)
        mend = f"{near} Name it `{column}`." if near else f"Yield a column named {column}."
        yield _finding(
            file,
            select.first_line,
            f"The measure yields no column {column}, {reason}.",
            _MANUAL_MENDS.get(column, f"Add the column {column}.") if _is_manual(file) else mend,
        )


_MANUAL_MENDS = {
    "numerator": "Give the column value, or numerator and denominator.",
    "denominator": "Give numerator and denominator instead of value.",
}


def _needed(columns: Columns, uses: list[_Use]) -> Iterator[tuple[str, str]]:
    yield "unit", "which every measure needs"
    yield "period", "which every measure needs"
    if not uses and not _RAW_KINDS & set(columns):
        yield "numerator", "which every measure needs, unless it yields a key or an answer"
    for use in uses:
        needs = f"which the KPI {use.kpi.id} needs"
        if use.reads == "key":
            yield "key", f"{needs}, since its aggregation is distinct"
        elif use.reads == "answer":
            yield "answer", f"{needs}, since it is a survey of kind {use.kpi.survey}"
        elif not _RAW_KINDS & set(columns):
            yield from _needed_components(use, needs)


def _needed_components(use: _Use, needs: str) -> Iterator[tuple[str, str]]:
    yield "numerator", needs
    if use.term.aggregation in {"ratio", "score"}:
        yield "denominator", f"{needs}, since its aggregation is {use.term.aggregation}"
    if use.term.component == "denominator":
        yield "denominator", f"{needs}, since a term of it is the denominator"
    if use.kpi.min_observations:
        yield "observations", f"{needs}, since it has min_observations"


_RAW_KINDS = {"key", "answer"}
"""Columns of measures whose rows are counted, by the KPI's own rule, before there is a numerator."""


def _misread(
    select: GuardedSelect, file: SqlFile, columns: Columns, uses: list[_Use]
) -> Iterator[Finding]:
    """See that keys are counted and answers read as a survey."""
    for use in uses:
        kind = f"is a {use.term.aggregation}"
        if "key" in columns and use.reads != "key":
            yield _finding(
                file,
                select.column_lines.get("key", select.first_line),
                f"The measure yields keys to be counted, but the KPI {use.kpi.id} {kind}.",
                "Write `aggregation: distinct` in strategy.yaml, or rename the column key.",
            )
        elif "answer" in columns and use.reads == "numerator":
            yield _finding(
                file,
                select.column_lines.get("answer", select.first_line),
                f"The measure yields answers, but the KPI {use.kpi.id} {kind} and does not say how they are read.",
                "Write `aggregation: score` and `survey: nps`, enps, csat or likert_mean in strategy.yaml.",
            )


def _typed(select: GuardedSelect, file: SqlFile, columns: Columns) -> Iterator[Finding]:
    for name, (pattern, words, cast) in _TYPES.items():
        kind = columns.get(name, "")
        if kind and not pattern.fullmatch(kind):
            line = select.column_lines.get(name, select.first_line)
            yield _finding(
                file,
                line,
                f"The column {name} must be {words}, and is {kind}.",
                f"Write `cast(… as {cast}) as {name}`.",
            )
