"""Checks of `sources.yaml` and `contracts/`: keys, cursors, personal columns, and that each table has its contract.

Not here: whether a system can be reached, and whether columns exist in it.
"""

import codecs
from collections.abc import Iterator

from scorecard.findings import Finding
from scorecard.shape import did_you_mean
from scorecard.sources import (
    PERSONAL_IN_HR,
    AnySource,
    AnyTable,
    Column,
    ColumnarTable,
    FileTable,
    RestTable,
    SqlTable,
)
from scorecard.workspace import Workspace
from scorecard.yaml_lines import Place

FILE = "sources.yaml"
_LOADS = "__loads"


def check_sources(workspace: Workspace) -> Iterator[Finding]:
    """Check each source and table, and the contracts against them."""
    yield from _names(workspace)
    for source_id, source in workspace.sources.sources.items():
        if not source.tables:
            yield _error(
                workspace,
                ("sources", source_id),
                f"The source {source_id} has no tables.",
                "Name at least one below `tables:`.",
            )
        for table_id, table in source.tables.items():
            place = ("sources", source_id, "tables", table_id)
            for below, message, mend in _table(source, table):
                yield _error(
                    workspace, (*place, *below), f"{source_id}.{table_id}: {message}", mend
                )
    yield from _contracts(workspace)


Problem = tuple[Place, str, str]
"""Place below the table, message, mend."""


def _error(workspace: Workspace, place: Place, message: str, mend: str) -> Finding:
    return Finding(FILE, workspace.line(FILE, *place), "error", message, mend)


def table_names(workspace: Workspace) -> dict[str, Place]:
    """Give `<source>__<table>` for each table, with its place in sources.yaml."""
    return {
        f"{source_id}__{table_id}": ("sources", source_id, "tables", table_id)
        for source_id, source in workspace.sources.sources.items()
        for table_id in source.tables
    }


def _names(workspace: Workspace) -> Iterator[Finding]:
    seen: dict[str, Place] = {}
    names = table_names(workspace)
    for source_id, source in workspace.sources.sources.items():
        for table_id in source.tables:
            name, place = f"{source_id}__{table_id}", ("sources", source_id, "tables", table_id)
            if name in seen or (name.endswith(_LOADS) and name.removesuffix(_LOADS) in names):
                yield _error(
                    workspace,
                    place,
                    f"Two tables would both be called raw.{name}.",
                    "Rename the source or the table; avoid __ in ids.",
                )
            seen[name] = place


def _table(source: AnySource, table: AnyTable) -> Iterator[Problem]:
    yield from _keys(source, table)
    yield from _data_as_of(source, table)
    if isinstance(table, RestTable):
        yield from _rest(table)
    if isinstance(table, SqlTable):
        yield from _sql(table)
    if isinstance(table, FileTable):
        yield from _file(table)
    if isinstance(table, FileTable | ColumnarTable):
        for name, column in table.columns.items():
            yield from _column(name, column)


def _keys(source: AnySource, table: AnyTable) -> Iterator[Problem]:
    for key, name in _needed(source, table):
        treatment = table.personal.get(name, _by_default(source, name))
        if treatment == "drop" or (treatment == "hash" and key != "primary_key"):
            instead = "hash" if key == "primary_key" else "keep"
            yield (
                (key,),
                f"the column {name} is personal and does not reach the lake as it is, but {key} needs it.",
                f"Use another column, or write `personal: {{{name}: {instead}}}`.",
            )
    if len(set(table.primary_key)) != len(table.primary_key):
        yield ("primary_key",), "a column is twice in the primary key.", "Name each column once."
    if table.deletes and not table.cursor:
        yield (
            ("deletes",),
            "deletes are for tables with a cursor; in a full snapshot absent rows are gone anyway.",
            "Remove `deletes`, or add a `cursor`.",
        )


def _needed(source: AnySource, table: AnyTable) -> Iterator[tuple[str, str]]:
    """Yield (key, column) of each column that the table cannot do without."""
    for name in table.primary_key:
        yield "primary_key", name
    if table.cursor:
        yield "cursor", table.cursor
    if table.deletes:
        yield "deletes", table.deletes.column
    as_of = (table.data_as_of or source.data_as_of).column
    if as_of:
        yield "data_as_of", as_of


def _by_default(source: AnySource, name: str) -> str:
    """Tell how an undeclared column is treated; a nested `contact__email` is known by its last part."""
    last = name.lower().rsplit("__", maxsplit=1)[-1]
    is_known = {name.lower(), last} & PERSONAL_IN_HR
    return "drop" if source.area == "hr" and is_known else "keep"


def _data_as_of(source: AnySource, table: AnyTable) -> Iterator[Problem]:
    known = table.data_as_of or source.data_as_of
    if (known.kind == "column") != (known.column is not None):
        yield (
            ("data_as_of",),
            "data_as_of of kind column needs `column`, other kinds take none.",
            "Write `data_as_of: {kind: column, column: …}`.",
        )
    if known.kind == "file_modified" and not isinstance(table, FileTable | ColumnarTable):
        yield (
            ("data_as_of",),
            f"a source of kind {source.kind} has no files that are modified.",
            "Use the kind extracted or column.",
        )


def _rest(table: RestTable) -> Iterator[Problem]:
    if table.cursor and not table.cursor_param:
        yield (
            ("cursor",),
            "a cursor of a REST table needs cursor_param.",
            "Add `cursor_param: …`, the request parameter that takes the greatest value so far.",
        )
    if table.cursor_param and not table.cursor:
        yield (
            ("cursor_param",),
            "cursor_param without a cursor has no effect.",
            "Add `cursor: …`, the column whose greatest value is sent.",
        )


def _sql(table: SqlTable) -> Iterator[Problem]:
    if table.columns is None:
        return
    for name in [*table.primary_key, *([table.cursor] if table.cursor else []), *table.personal]:
        if name not in table.columns:
            yield (
                ("columns",),
                f"the column {name} is needed, but is not among the columns to take.",
                did_you_mean(name, table.columns) or f"Add {name} to `columns`.",
            )


def _file(table: FileTable) -> Iterator[Problem]:
    try:
        codecs.lookup(table.encoding)
    except LookupError:
        yield (
            ("encoding",),
            f"there is no encoding {table.encoding}.",
            "Use utf-8, cp1252, latin-1 or another that Python knows.",
        )
    if len(table.delimiter) != 1:
        yield (
            ("delimiter",),
            "the delimiter is one character.",
            'Write `delimiter: ";"`, or "\\t" for tabs.',
        )
    is_workbook = table.files.lower().endswith((".xlsx", ".xlsm", ".xls", ".xlsb", ".ods"))
    if table.sheet is not None and table.files.lower().endswith(".csv"):
        yield ("sheet",), "a CSV file has no sheets.", "Remove `sheet`."
    if is_workbook and table.sheet is None:
        yield (
            ("files",),
            "which sheet of the workbook is read?",
            'Add `sheet: <its name>`, or "*" for all.',
        )


def _column(name: str, column: Column) -> Iterator[Problem]:
    place = ("columns", name)
    if column.format is not None and column.type not in {"date", "timestamp"}:
        yield (
            place,
            f"the column {name} has a date format, but is no date.",
            "Write `type: date` or `type: timestamp`, or remove `format`.",
        )
    if column.decimal_comma and column.type not in {"decimal", "double"}:
        yield (
            place,
            f"the column {name} has a decimal comma, but is no decimal number.",
            "Write `type: decimal`, or remove `decimal_comma`.",
        )


def _contracts(workspace: Workspace) -> Iterator[Finding]:
    names = table_names(workspace)
    for name, contract in workspace.contracts.items():
        file = f"contracts/{name}.yaml"
        if name not in names:
            mend = (
                did_you_mean(name, list(names))
                or "Call it <source>__<table>.yaml after a table in sources.yaml."
            )
            yield Finding(file, 0, "error", f"There is no table {name} for this contract.", mend)
        if not contract.expectations and not contract.row_rules:
            yield Finding(
                file,
                1,
                "warning",
                "The contract promises nothing.",
                "Add `expectations` or `row_rules`.",
            )
        rules = [rule.name for rule in contract.row_rules]
        for number, rule in enumerate(rules):
            if rule in rules[:number]:
                yield Finding(
                    file,
                    workspace.line(file, "row_rules", number),
                    "error",
                    f"Two row rules are called {rule}.",
                    "Give each a name of its own.",
                )
    for name, place in names.items():
        if name not in workspace.contracts:
            yield Finding(
                FILE,
                workspace.line(FILE, *place),
                "warning",
                f"The table {name} has no contract: whatever comes is used.",
                f"Write contracts/{name}.yaml, at least with its key not null and unique.",
            )
