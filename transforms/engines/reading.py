"""A second look at what SQLGlot read: its own DuckDB SQL must mean to DuckDB what the text meant.

SQLGlot takes some texts apart otherwise than DuckDB (`timestamp '…'::date` casts the text to a date first), without an error. What
it read is written as DuckDB SQL again and given to DuckDB's parser; the two syntax trees must be the same, but for spellings
that mean the same.

Not here: the tree itself (transpile).
"""

from collections.abc import Callable
from typing import Any

from sqlglot import exp

from transforms.sql_guard import SqlRefused, parse

_PLACES = frozenset({"query_location", "query_location_length"})
_TYPES = {"text": "varchar", "string": "varchar", "int128": "hugeint", "int": "integer"}
_FUNCTIONS = {"datediff": "date_diff", "datetrunc": "date_trunc", "ifnull": "coalesce"}
_TRUE_OR_FALSE = frozenset({"bool_or", "bool_and"})


def same_reading(sql: str, tree: exp.Expr, *, line: int) -> None:
    """Refuse a text that SQLGlot reads otherwise than DuckDB."""
    if _plain(parse(sql, line)) != _plain(_again(tree, line)):
        raise SqlRefused(
            "SQLGlot, which writes it for Spark, reads it otherwise than DuckDB.",
            line,
            "Put brackets around the parts of expressions, and write casts as cast(… as …).",
        )


def _again(tree: exp.Expr, line: int) -> Any:
    """Give what DuckDB reads in SQLGlot's text; nothing where it cannot read it."""
    try:
        return parse(tree.sql("duckdb", comments=False), line)
    except SqlRefused:
        return None


def _plain(value: Any) -> Any:
    """Write a tree in one spelling."""
    if isinstance(value, list):
        return [_plain(each) for each in value]
    if not isinstance(value, dict):
        return value.lower() if isinstance(value, str) else value
    if value.keys() == {"kind", "text"}:
        return value  # a constant, which is as it is written
    node = {key: _plain(each) for key, each in value.items() if key not in _PLACES}
    rule = _SPELLINGS.get(str(node.get("type")))
    return rule(node) if rule else node


def _function(node: dict[str, Any]) -> Any:
    name = _FUNCTIONS.get(node["function_name"], node["function_name"])
    given = [argument["expression"] for argument in node["arguments"]]
    if name == "if":
        return _case(node["alias"], given)
    if name in {"date_diff", "date_trunc"}:
        given[0] = _lowered(given[0])
    if name.startswith("to_"):
        given = [_without_kinds(each) for each in given]
    if name in _TRUE_OR_FALSE:
        given[0] = _bare(given[0])
    return node | {"function_name": name, "arguments": given, "qualified_name": name}


def _window(node: dict[str, Any]) -> Any:
    if node["function_name"] not in _TRUE_OR_FALSE:
        return node
    given = [_bare(argument["expression"]) for argument in node["arguments"]]
    return node | {"arguments": given}


def _bare(value: Any) -> Any:
    """Leave out the cast to boolean that SQLGlot writes by itself."""
    return value["child"] if value.get("class") == "cast" else value


def _case(alias: str, given: list[Any]) -> dict[str, Any]:
    nothing = {
        "class": "constant",
        "type": "value_constant",
        "alias": "",
        "literal": {"kind": "NULL_LITERAL", "text": ""},
    }
    return {
        "class": "case",
        "type": "case_expr",
        "alias": alias,
        "case_checks": [{"when_expr": given[0], "then_expr": given[1]}],
        "else_expr": given[2] if len(given) > 2 else nothing,  # noqa: PLR2004 - if(a, b, c)
    }


def _lowered(constant: Any) -> Any:
    literal = constant.get("literal")
    return constant | {"literal": literal["text"].lower()} if literal else constant


def _without_kinds(value: Any) -> Any:
    """Leave out whether the number of an interval was written as text."""
    if isinstance(value, list):
        return [_without_kinds(each) for each in value]
    if not isinstance(value, dict):
        return value
    return {key: _without_kinds(each) for key, each in value.items() if key != "kind"}


def _negated(node: dict[str, Any]) -> dict[str, Any]:
    inner = node | {"type": "operator_is_null", "alias": ""}
    return _not(inner, node["alias"])


def _other(node: dict[str, Any]) -> dict[str, Any]:
    inner = node | {"type": "compare_not_distinct_from", "alias": ""}
    return _not(inner, node["alias"])


def _not(inner: dict[str, Any], alias: str) -> dict[str, Any]:
    return {"class": "operator", "type": "operator_not", "alias": alias, "children": [inner]}


def _type(node: dict[str, Any]) -> dict[str, Any]:
    names = [_TYPES.get(name, name) for name in node["qualified_name"]["path"]]
    return node | {"type_name": "", "qualified_name": names}


_SPELLINGS: dict[str, Callable[[dict[str, Any]], Any]] = {
    "function": _function,
    "window_aggregate": _window,
    "operator_is_not_null": _negated,
    "compare_distinct_from": _other,
    "type": _type,
}
"""By kind of node: how spellings that mean the same become one."""
