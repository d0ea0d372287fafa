"""The first wall around SQL that comes from a workspace: what it may say, and what it reads.

DuckDB's own parser is asked what a text means, so that no difference between parsers can be used, and everything in its
answer must be on a list of what is let through: one SELECT, over the tables that are given and its own CTEs, with functions
whose result depends on their arguments alone (`sql_functions`). SQLGlot must read the same tables from it, since lineage
and other engines rest on SQLGlot.

Not here: the second wall (a connection without external access), running SQL, and whether columns exist.
"""

import atexit
import difflib
import json
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from graphlib import CycleError, TopologicalSorter
from typing import Any

import duckdb
import sqlglot
from sqlglot import exp

from transforms.sql_functions import allowed, why_refused
from transforms.sql_header import read_header

Node = dict[str, Any]

MAX_LENGTH = 200_000
"""Characters; a definition is read by people."""
TABLE_FUNCTIONS = frozenset({"unnest", "generate_series", "range"})
PARAMETERS = frozenset({"as_of"})
"""Bound parameters that a definition may use; `$as_of` is the business date."""

_EXPRESSIONS = frozenset({
    "BETWEEN", "CASE", "CAST", "COLLATE", "COLUMN_REF", "COMPARISON", "CONJUNCTION", "CONSTANT", "FUNCTION", "LAMBDA",
    "LAMBDA_REF", "OPERATOR", "PARAMETER", "POSITIONAL_REFERENCE", "STAR", "SUBQUERY", "TYPE", "WINDOW",
})  # fmt: skip
_QUERIES = frozenset({"SELECT_NODE", "SET_OPERATION_NODE", "RECURSIVE_CTE_NODE"})
_TABLES = frozenset({
    "BASE_TABLE", "EMPTY", "EXPRESSION_LIST", "JOIN", "PIVOT", "SUBQUERY", "TABLE_FUNCTION",
})  # fmt: skip
_MODIFIERS = frozenset({
    "ORDER_MODIFIER", "LIMIT_MODIFIER", "LIMIT_PERCENT_MODIFIER", "DISTINCT_MODIFIER",
    "ORDER_DEFAULT", "ASCENDING", "DESCENDING",
})  # fmt: skip
_NOWHERE = 2**63
"""DuckDB gives places beyond this for what has no place in the text."""
_BARE = frozenset({
    "current_date", "current_time", "current_timestamp", "localtime", "localtimestamp", "current_user", "current_role",
    "session_user", "user", "current_catalog", "current_schema", "current_database",
})  # fmt: skip
"""Names that DuckDB takes for a function call where no column is called so."""


class SqlRefused(Exception):
    """SQL that is not let through: what is wrong, in which line of the text, and the mend."""

    def __init__(self, message: str, line: int, mend: str, *, name: str = "") -> None:
        """Keep the parts for findings; `name` is the definition's, where several were looked at."""
        self.message, self.line, self.mend, self.name = message, line, mend, name
        super().__init__(f"line {line}: {message} Mend: {mend}")


@dataclass(frozen=True)
class GuardedSelect:
    """One SELECT that has been let through, and what is known of it."""

    name: str
    sql: str
    depends_on: tuple[str, ...]
    """Tables that it reads, as `schema.table`, sorted."""
    columns: tuple[str | None, ...] | None
    """Names of the final SELECT's columns in order, lower case; None in place of one without a name, and None altogether
    where they cannot be known from the text (`select *`)."""
    column_lines: Mapping[str, int]
    has_aggregate: bool
    """The final SELECT groups or aggregates."""
    parameters: tuple[str, ...]
    """Bound parameters that it uses: `("as_of",)` or nothing. Binding one that is not used is an error in DuckDB."""
    first_line: int
    """Line at which the SELECT begins, after the header comment."""
    description: str
    """First sentence of the header comment."""
    grain: str
    """What follows `Grain:` in the header comment."""
    comments: Mapping[str, str]
    """Other `-- name: text` lines of the header comment: `owner`, and a column's name for its comment."""

    def bound(self, as_of: date) -> dict[str, date]:
        """Give the values of the parameters that it uses."""
        return {"as_of": as_of} if "as_of" in self.parameters else {}


def guard(sql: str, *, name: str, tables: Collection[str]) -> GuardedSelect:
    """Let `sql` through if it is one SELECT over `tables` (as `schema.table`) and its own CTEs; raise SqlRefused if not."""
    if "\x00" in sql:
        raise SqlRefused("The text holds a zero byte.", 1, "Save the file as UTF-8 text.")
    if len(sql) > MAX_LENGTH:
        raise SqlRefused(
            f"The text is longer than {MAX_LENGTH} characters.", 1, "Split the definition."
        )
    header = read_header(sql)
    try:
        node = parse(sql, header.first_line)
        reader = _Reader(sql, tables=tables, first_line=header.first_line)
        reader.query(node, frozenset(), header.first_line)
        _second_opinion(sql, reader.reads, line=header.first_line)
    except RecursionError:
        raise SqlRefused(
            "The SELECT is nested too deeply.", header.first_line, "Split it into CTEs."
        ) from None
    columns, lines = _columns(node, reader, {})
    return GuardedSelect(
        name=name,
        sql=sql,
        depends_on=tuple(sorted(reader.reads)),
        columns=columns,
        column_lines=lines,
        has_aggregate=_aggregates(node),
        parameters=tuple(sorted(reader.parameters)),
        first_line=header.first_line,
        description=header.description,
        grain=header.grain,
        comments=header.comments,
    )


def guard_condition(condition: str, *, columns: Collection[str]) -> str:
    """Let a row rule's condition through: an expression over one row, without subquery or aggregate.

    Give it in brackets, on lines of its own, ready to stand in a WHERE clause. `columns` are the row's; where empty, names
    are not checked. Raise SqlRefused, with the line within the condition, if it is anything else.
    """
    bracketed = f"(\n{condition}\n)"
    try:
        guarded = guard(f"select {bracketed} as verdict", name="condition", tables=())
        node = parse(guarded.sql, 1)
        inner = list(_walk(node.get("select_list", [])))
        if guarded.has_aggregate or guarded.parameters or not _is_one_expression(node, inner):
            raise SqlRefused(
                "A row rule is one condition over the columns of one row.",
                2,
                "Leave out `select`, aggregates, `over`, `*`, `$` and further clauses.",
            )
        _known_columns(inner, columns)
    except SqlRefused as error:
        raise SqlRefused(error.message, max(error.line - 1, 1), error.mend) from None
    return bracketed


def _is_one_expression(node: Node, inner: list[Node]) -> bool:
    """Nothing closed the bracket early and went on with clauses of its own."""
    empty = ("modifiers", "where_clause", "group_expressions", "group_sets", "having", "qualify")
    return (
        node["type"] == "SELECT_NODE"
        and node["from_table"]["type"] == "EMPTY"
        and not any(node[clause] for clause in empty)
        and not node["cte_map"]["map"]
        and [item["alias"] for item in node["select_list"]] == ["verdict"]
        and not any(child.get("class") in {"SUBQUERY", "STAR", "WINDOW"} for child in inner)
    )


def order(selects: Mapping[str, GuardedSelect]) -> list[str]:
    """Order names (`staging.x`, `measure.y`) so that each comes after what it reads; equal ones by name.

    Names that are read but not in `selects` (raw tables) are left out. A ring raises SqlRefused and names it.
    """
    graph = {
        name: sorted(table for table in select.depends_on if table in selects)
        for name, select in sorted(selects.items())
    }
    sorter = TopologicalSorter(graph)
    try:
        sorter.prepare()
    except CycleError as error:
        ring = _from_the_first(list(reversed(error.args[1]))[:-1])
        start = selects[ring[0]]
        raise SqlRefused(
            f"Definitions read each other in a ring: {' reads '.join(ring)}.",
            start.first_line,
            "Let one of them read what the other reads, instead of the other.",
            name=ring[0],
        ) from None
    ordered: list[str] = []
    while sorter.is_active():
        ready = sorted(sorter.get_ready())
        ordered.extend(ready)
        sorter.done(*ready)
    return ordered


def _from_the_first(ring: list[str]) -> list[str]:
    """Turn the ring so that it begins, and ends, with the name that is first in the alphabet."""
    start = ring.index(min(ring))
    return [*ring[start:], *ring[: start + 1]]


# --- what DuckDB reads in it ------------------------------------------------------------------------------------------


@cache
def _parser() -> duckdb.DuckDBPyConnection:
    """Open an empty database that only parses."""
    return duckdb.connect(
        ":memory:",
        config={
            "enable_external_access": "false",
            "autoload_known_extensions": "false",
            "autoinstall_known_extensions": "false",
            "python_enable_replacements": "false",
            "lock_configuration": "true",
            "threads": "1",
        },
    )


# A connection that outlives the interpreter makes DuckDB's binding complain of leaks on the way out.
atexit.register(_parser.cache_clear)


def parse(sql: str, first_line: int) -> Node:
    """Give DuckDB's syntax tree of one SELECT; raise SqlRefused if it is anything else."""
    try:
        with _parser().cursor() as cursor:
            row = cursor.execute("select json_serialize_sql($1::varchar)", [sql]).fetchone()
    except (duckdb.Error, UnicodeEncodeError) as error:
        raise SqlRefused(
            f"DuckDB cannot read it: {str(error).splitlines()[0]}.", first_line, "Correct the SQL."
        ) from error
    answer: Node = json.loads(row[0]) if row else {}
    if answer.get("error", True):
        raise _unreadable(answer, sql, first_line)
    statements: list[Node] = answer["statements"]
    if len(statements) != 1:
        raise SqlRefused(
            f"A file holds one SELECT; this holds {len(statements) or 'none'}.",
            first_line,
            "Keep one SELECT in each file.",
        )
    node: Node = statements[0]["node"]
    return node


def _unreadable(answer: Node, sql: str, first_line: int) -> SqlRefused:
    message = str(answer.get("error_message", "unknown error")).rstrip(".")
    if answer.get("error_type") == "parser":
        place = answer.get("position")
        line = _line(sql, int(place)) if place is not None else first_line
        return SqlRefused(f"SQL syntax: {message}.", line, "Correct the SQL (DuckDB's dialect).")
    if message.startswith("Only SELECT"):
        return SqlRefused(
            "Only a SELECT is let through: no statement that creates, changes, copies, attaches or sets anything.",
            first_line,
            "Write one SELECT; Steelyard makes the table of it.",
        )
    return SqlRefused(
        f"DuckDB cannot take it apart: {message}.", first_line, "Write it in a simpler form."
    )


def _line(sql: str, byte: int) -> int:
    return sql.encode("utf-8", "surrogatepass")[:byte].count(b"\n") + 1


@cache
def _aggregate_functions() -> frozenset[str]:
    with _parser().cursor() as cursor:
        rows = cursor.execute(
            "select distinct lower(function_name) from duckdb_functions() where function_type = 'aggregate'"
        ).fetchall()
    return frozenset(row[0] for row in rows)


class _Reader:
    """Goes through DuckDB's syntax tree; whatever it does not know it refuses."""

    def __init__(self, sql: str, *, tables: Collection[str], first_line: int) -> None:
        self.sql = sql
        self.tables = {table.lower(): table for table in tables}
        self.first_line = first_line
        self.reads: set[str] = set()
        self.parameters: set[str] = set()

    def line(self, node: Node, above: int) -> int:
        """Give the line of `node`, or of what it stands in where DuckDB does not say."""
        place = node.get("query_location")
        return above if place is None or place >= _NOWHERE else _line(self.sql, place)

    def query(self, node: Node, ctes: frozenset[str], line: int) -> None:
        """Read a SELECT, a set operation or a recursive CTE; `ctes` are the names that it can see."""
        if node.get("type") not in _QUERIES:
            raise SqlRefused(
                "Only SELECTs are let through, in CTEs too.",
                line,
                "Write one SELECT; Steelyard makes the table of it.",
            )
        if node.get("sample"):
            raise _sampled(line)
        for entry in node["cte_map"]["map"]:
            inner = entry["value"]["query_node"]
            self._cte_name(entry["key"], inner, line)
            self.query(inner, ctes, line)
            ctes |= {entry["key"].lower()}
        if node["type"] == "RECURSIVE_CTE_NODE":
            ctes |= {node["cte_name"].lower()}
        for key, value in node.items():
            if key not in {"cte_map", "sample"}:
                self.anything(value, ctes, line)

    def _cte_name(self, name: str, inner: Node, line: int) -> None:
        """See that a CTE's name is a plain word, so that it can never stand for a file or for a table of a schema."""
        if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name):
            first = next(
                (n for n in _walk(inner) if n.get("query_location", _NOWHERE) < _NOWHERE), {}
            )
            raise SqlRefused(
                f"A CTE is called {name!r}.",
                self.line(first, line),
                "Call it by a plain word: letters, digits, underscores.",
            )

    def anything(self, value: Any, ctes: frozenset[str], line: int) -> None:
        """Read a part of the tree of any kind."""
        if isinstance(value, list):
            for item in value:
                self.anything(item, ctes, line)
        elif isinstance(value, dict):
            self._node(value, ctes, self.line(value, line))

    def _node(self, node: Node, ctes: frozenset[str], line: int) -> None:
        kind = node.get("type")
        if "class" in node:
            self._expression(node, line)
        elif kind in _QUERIES or "cte_map" in node:
            return self.query(node, ctes, line)
        elif "alias" in node and "sample" in node:
            self._table(node, ctes, line)
        elif isinstance(kind, str) and kind not in _MODIFIERS:
            raise _unknown(kind, line)
        for child in node.values():
            self.anything(child, ctes, line)
        return None

    def _expression(self, node: Node, line: int) -> None:
        kind = node["class"]
        if kind not in _EXPRESSIONS:
            raise _unknown(kind, line)
        if kind in {"FUNCTION", "WINDOW"}:
            self._function(node, line)
        elif kind == "PARAMETER":
            self._parameter(node["identifier"], line)
        elif kind == "COLUMN_REF" and len(node["column_names"]) == 1:
            name = node["column_names"][0].lower()
            if name in _BARE:
                raise _refused_function(
                    name, line, also="For a column of that name write table.column."
                )

    def _function(self, node: Node, line: int) -> None:
        name = node["function_name"].lower()
        if name not in allowed() and name not in TABLE_FUNCTIONS:
            raise _refused_function(name, line)
        if name == "age" and len(node.get("arguments", ())) == 1:
            raise SqlRefused(
                "The function age with one argument reads the clock.",
                line,
                "Give it both moments: age($as_of, …).",
            )
        unordered = node["class"] == "FUNCTION" and not node["order_bys"]["orders"]
        if name in {"first", "last"} and unordered:
            raise SqlRefused(
                f"{name}(…) without an order gives any row.",
                line,
                f"Write {name}(x order by y), or arg_min / arg_max.",
            )

    def _parameter(self, name: str, line: int) -> None:
        if name not in PARAMETERS:
            raise SqlRefused(
                f"The parameter ${name} is not given to definitions.",
                line,
                "Use $as_of, the business date, or write the value.",
            )
        self.parameters.add(name)

    def _table(self, node: Node, ctes: frozenset[str], line: int) -> None:
        kind = node["type"]
        if kind not in _TABLES:
            raise _unknown(kind, line)
        if node["sample"]:
            raise _sampled(line)
        if kind == "BASE_TABLE":
            self._base_table(node, ctes, line)
        elif kind == "TABLE_FUNCTION":
            self._table_function(node, line)
        elif kind == "PIVOT":
            _pivot(node, line)

    def _table_function(self, node: Node, line: int) -> None:
        function = node.get("function") or {}
        name = str(function.get("function_name", "")).lower()
        if name not in TABLE_FUNCTIONS:
            raise _refused_function(name, line)

    def _base_table(self, node: Node, ctes: frozenset[str], line: int) -> None:
        path = [str(part) for part in node["qualified_name"]["path"]]
        name = ".".join(path)
        if node.get("at_clause"):
            raise SqlRefused(f"{name} at a version is not let through.", line, "Leave out `at`.")
        if len(path) == 1 and path[0].lower() in ctes:
            return
        if len(path) != 2 or name.lower() not in self.tables:  # noqa: PLR2004 - schema and table
            raise self._no_table(name, ctes, line)
        self.reads.add(self.tables[name.lower()])

    def _no_table(self, name: str, ctes: frozenset[str], line: int) -> SqlRefused:
        unqualified = {table.split(".", 1)[1]: table for table in self.tables}
        candidates = {
            **unqualified,
            **{table: table for table in self.tables},
            **{c: c for c in ctes},
        }
        near = difflib.get_close_matches(name.lower(), candidates, n=1)
        mend = f"Did you mean {candidates[near[0]]}? " if near else ""
        return SqlRefused(
            f"The table {name} does not exist here.",
            line,
            f"{mend}A definition reads raw.<source>__<table>, staging.<name>, measure.<name> and its own CTEs.",
        )


def _pivot(node: Node, line: int) -> None:
    """Columns of a pivot must not depend on the rows."""
    for pivot in node["pivots"]:
        if pivot["pivot_enum"] or not (pivot["entries"] or pivot["unpivot_names"]):
            raise SqlRefused(
                "The columns of this pivot depend on the rows.",
                line,
                "List the values: pivot … on … in (…).",
            )


def _sampled(line: int) -> SqlRefused:
    return SqlRefused(
        "A sample gives other rows in every run.", line, "Leave out the sample; use all rows."
    )


def _unknown(kind: str, line: int) -> SqlRefused:
    return SqlRefused(
        f"This construction ({kind.lower()}) is not let through.",
        line,
        "Write a plain SELECT with joins, subqueries and CTEs.",
    )


def _refused_function(name: str, line: int, also: str = "") -> SqlRefused:
    refusal = why_refused(name)
    message = f"The function {name} is not let through: {refusal.because}."
    return SqlRefused(message, line, f"{refusal.mend} {also}".strip())


def _walk(value: Any) -> Iterator[Node]:
    """Yield each object in a part of DuckDB's tree."""
    if isinstance(value, dict):
        yield value
        for child in value.values():
            yield from _walk(child)
    elif isinstance(value, list):
        for child in value:
            yield from _walk(child)


# --- what SQLGlot reads in it -----------------------------------------------------------------------------------------


def _second_opinion(sql: str, reads: set[str], *, line: int) -> None:
    """Have SQLGlot find the same: one query, the same tables."""
    try:
        found = [tree for tree in sqlglot.parse(sql, read="duckdb") if tree is not None]
    except sqlglot.errors.SqlglotError as error:
        raise SqlRefused(
            f"DuckDB can read it, but SQLGlot, which follows the lineage, cannot: {_plain(error)}.",
            _error_line(error, line),
            "Write that place in a more common form of SQL.",
        ) from error
    if len(found) != 1 or not isinstance(found[0], exp.Query):
        raise SqlRefused(
            "SQLGlot, which follows the lineage, does not read it as one SELECT.",
            line,
            "Write one SELECT.",
        )
    tables = {
        f"{table.db}.{table.name}".lower() for table in found[0].find_all(exp.Table) if table.db
    }
    if tables != {table.lower() for table in reads}:
        differing = ", ".join(sorted(tables ^ {table.lower() for table in reads}))
        raise SqlRefused(
            f"DuckDB and SQLGlot read different tables in it: {differing}.",
            line,
            "Write the FROM clause in a more common form of SQL.",
        )


def _plain(error: Exception) -> str:
    text = re.sub(r"\x1b\[[0-9;]*m", "", str(error)).splitlines()
    return text[0].rstrip(". ") if text else type(error).__name__


def _error_line(error: Exception, line: int) -> int:
    errors = getattr(error, "errors", None) or [{}]
    return int(errors[0].get("line") or line)


# --- what comes out of it ---------------------------------------------------------------------------------------------


Columns = tuple[str | None, ...] | None


def _columns(
    node: Node, reader: _Reader, above: Mapping[str, Columns]
) -> tuple[Columns, dict[str, int]]:
    """Give the names of a query's columns; of a set operation those of its first part. `above`: the CTEs that it sees."""
    ctes = dict(above)
    for entry in node["cte_map"]["map"]:
        value = entry["value"]
        inner = tuple(value["aliases"]) or _columns(value["query_node"], reader, ctes)[0]
        ctes[entry["key"].lower()] = inner
    if node["type"] == "SET_OPERATION_NODE" and node["setop_type"] != "UNION_BY_NAME":
        return _columns((node["children"] or [node["left"]])[0], reader, ctes)
    if node["type"] != "SELECT_NODE":
        return None, {}
    return _selected(node["select_list"], node["from_table"], reader, ctes)


def _selected(
    items: list[Node], source: Node, reader: _Reader, ctes: Mapping[str, Columns]
) -> tuple[Columns, dict[str, int]]:
    names = tuple(_name(item) for item in items)
    lines = {
        name: reader.line(item, reader.first_line)
        for name, item in zip(names, items, strict=True)
        if name
    }
    if not any(child.get("class") == "STAR" for item in items for child in _walk(item)):
        return names, lines
    star = items[0]
    plain = len(items) == 1 and not any(star.get(key) for key in _STAR_CHANGES)
    if plain and source["type"] == "BASE_TABLE" and not source["column_name_alias"]:
        return ctes.get(str(source["qualified_name"]["path"][0]).lower()), {}
    return None, {}


_STAR_CHANGES = (
    "exclude_list",
    "replace_list",
    "rename_list",
    "qualified_exclude_list",
    "columns",
    "expr",
)


def _name(item: Node) -> str | None:
    if item.get("alias"):
        return str(item["alias"]).lower()
    if item.get("class") == "COLUMN_REF":
        return str(item["column_names"][-1]).lower()
    return None


def _aggregates(node: Node) -> bool:
    if node["type"] == "SET_OPERATION_NODE":
        return any(_aggregates(part) for part in node["children"] or [node["left"], node["right"]])
    if node["type"] != "SELECT_NODE":
        return False
    grouped = node["group_expressions"] or node["aggregate_handling"] == "FORCE_AGGREGATES"
    return bool(grouped) or any(_is_aggregate(item) for item in node["select_list"])


def _is_aggregate(item: Any) -> bool:
    """Look for an aggregate function outside subqueries; functions with `over` are another class."""
    if isinstance(item, list):
        return any(_is_aggregate(child) for child in item)
    if not isinstance(item, dict) or item.get("class") == "SUBQUERY":
        return False
    if item.get("class") == "FUNCTION" and item["function_name"].lower() in _aggregate_functions():
        return True
    return any(_is_aggregate(child) for child in item.values())


def _known_columns(nodes: list[Node], columns: Collection[str]) -> None:
    known = {column.lower() for column in columns}
    bound = {
        name for node in nodes if node.get("class") == "LAMBDA" for name in _lambda_names(node)
    }
    for node in nodes:
        if node.get("class") != "COLUMN_REF" or not known:
            continue
        name = node["column_names"][0]
        if name.lower() not in known | bound:
            near = difflib.get_close_matches(name.lower(), known, n=1)
            mend = f"Did you mean {near[0]}?" if near else f"Columns: {', '.join(sorted(known))}."
            raise SqlRefused(f"There is no column {name}.", 2, mend)


def _lambda_names(node: Node) -> Iterator[str]:
    for child in _walk(node.get("lhs")):
        if child.get("class") == "COLUMN_REF":
            yield child["column_names"][0].lower()
