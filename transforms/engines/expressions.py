"""Expressions of DuckDB written for Spark: one rule for each construct, typed as DuckDB types it.

DuckDB itself is asked for the type of every expression, so that no rule of its types is written down here a second time; the
result on Spark is cast to it. What has no rule is refused by name.

Here is the way that every expression takes: its name, its rule or template, its type; and columns, literals and casts themselves.

Not here: the rules (arithmetic, conditions, text, dates, lists, aggregates; all of them in rules), queries (transpile).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Protocol

import duckdb
from sqlglot import exp

from transforms.engines.allowed import Entry, allowed, entries
from transforms.engines.casts import cast_name
from transforms.engines.kinds import UNKNOWN, kind, spark_type, type_of, value_of
from transforms.engines.terms import (
    Column,
    Term,
    exactly,
    line_of,
    only,
    refused,
    text_literal,
    to_type,
)
from transforms.sql_guard import SqlRefused

BY_CLASS: Mapping[type[exp.Expr], str] = {
    exp.Add: "+", exp.Sub: "-", exp.Mul: "*", exp.Div: "/", exp.Neg: "negation", exp.EQ: "=", exp.NEQ: "<>",
    exp.LT: "<", exp.LTE: "<=", exp.GT: ">", exp.GTE: ">=", exp.NullSafeEQ: "is not distinct from",
    exp.NullSafeNEQ: "is distinct from", exp.Is: "is", exp.Between: "between", exp.In: "in", exp.Like: "like",
    exp.And: "and", exp.Or: "or", exp.Not: "not", exp.DPipe: "||", exp.Case: "case", exp.If: "if",
    exp.Coalesce: "coalesce", exp.Nullif: "nullif", exp.Greatest: "greatest", exp.Least: "least",
    exp.TimestampTrunc: "date_trunc", exp.DateTrunc: "date_trunc", exp.DateDiff: "date_diff", exp.TimeToUnix: "epoch",
    exp.GenerateSeries: "generate_series", exp.Array: "[…]", exp.Explode: "unnest", exp.CountIf: "count_if",
    exp.LogicalOr: "bool_or", exp.LogicalAnd: "bool_and", exp.AnyValue: "any_value", exp.ArgMin: "arg_min",
    exp.ArgMax: "arg_max", exp.RowNumber: "row_number", exp.DenseRank: "dense_rank", exp.LastDay: "last_day",
    exp.StartsWith: "starts_with", exp.DayOfWeek: "dayofweek", exp.Length: "length",
}  # fmt: skip
"""How the list calls what SQLGlot reads; other functions have the name that they are written by."""


class Place(Protocol):
    """Where an expression stands: what its columns mean, and which rules there are."""

    as_of: date
    used: set[str]
    """Entries of the list that were needed so far."""

    @property
    def rules(self) -> Mapping[str, "Rule"]:
        """By the name that the list has; what has none is written by its template."""
        ...

    def resolve(self, column: exp.Column) -> tuple[str, Column] | exp.Expr:
        """Give a column as Spark has it, or the expression that the name stands for."""
        ...


Rule = Callable[[exp.Expr, Place], Term]
"""Writes one construct."""


def name_of(node: exp.Expr) -> str:
    """Give the name by which the list knows a node."""
    if isinstance(node, exp.IgnoreNulls):
        return name_of(node.this)
    if type(node) in BY_CLASS:
        return BY_CLASS[type(node)]
    if isinstance(node, exp.Anonymous):
        return str(node.this).lower()
    return node.sql_name().lower() if isinstance(node, exp.Func) else type(node).__name__.lower()


def use(name: str, node: exp.Expr, used: set[str]) -> None:
    """Note that a construct is used; refuse it where the list does not have it."""
    if name not in entries():
        raise refused(name, node, allowed().mend(name))
    used.add(name)


def compile_term(node: exp.Expr, place: Place) -> Term:
    """Write an expression for Spark; raise SqlRefused where it is not on the list."""
    rule = _LEAVES.get(type(node))
    if rule is not None:
        return rule(node, place)
    name = name_of(node)
    use(name, node, place.used)
    written = place.rules.get(name)
    if written is not None:
        return written(node, place)
    return _templated(entries()[name], node, place)


def both(node: exp.Expr, place: Place) -> tuple[Term, Term]:
    """Write the two sides of an operator."""
    only(node, "this", "expression", "typed", "safe")
    return compile_term(node.this, place), compile_term(node.expression, place)


def written_out(node: exp.Expr, place: Place) -> Term:
    """Write a function by its template; refuse a computed or negative number of places or letters, which the engines take differently."""
    count = _arguments(node)[-1]
    if not (isinstance(count, exp.Literal) and str(count.this).isdigit()):
        raise refused(f"{name_of(node)} by a computed number", node, "Write the number out.")
    return _templated(entries()[name_of(node)], node, place)


def _arguments(node: exp.Expr) -> list[exp.Expr]:
    """Give a function's arguments in the order in which they were written."""
    found: list[exp.Expr] = []
    for key in node.arg_types:
        value = node.args.get(key)
        if isinstance(value, exp.Expr):
            found.append(value)
        elif isinstance(value, list):
            found += value
    return found


def typed(node: exp.Expr, place: Place) -> str:
    """Ask DuckDB for the type of an expression; unknown where a column's is."""
    if node.find(exp.Select):
        raise refused("A subquery in an expression", node, "Join a CTE, or use a semi join.")
    holder = exp.Paren(this=node.copy())
    if not (_without_inner(holder, place) and _without_columns(holder, place)):
        return UNKNOWN
    for parameter in list(holder.find_all(exp.Placeholder)):
        parameter.replace(exp.cast(exp.Null(), "date"))
    try:
        return type_of(holder.sql("duckdb"))
    except duckdb.Error as error:
        message = str(error).splitlines()[0]
        raise SqlRefused(
            f"DuckDB cannot tell its type: {message}", line_of(node), "Write it in a plainer form."
        ) from None


def _without_inner(holder: exp.Expr, place: Place) -> bool:
    """Put a null of its type in place of each aggregate within another; False where a type is not known."""
    for inner in list(holder.find_all(exp.AggFunc)):
        if inner.find_ancestor(exp.AggFunc):
            known = typed(inner, place)
            if known == UNKNOWN:
                return False
            inner.replace(_null_of(known))
    return True


def _without_columns(holder: exp.Expr, place: Place) -> bool:
    """Put a null of its type in place of each column; False where a type is not known."""
    while column := holder.find(exp.Column):
        found = place.resolve(column)
        if isinstance(found, exp.Expr):
            column.replace(exp.Paren(this=found.copy()))
        elif found[1].type == UNKNOWN:
            return False
        else:
            column.replace(_null_of(found[1].type))
    return True


def _null_of(kind_: str) -> exp.Expr:
    if kind(kind_) == "null":
        return exp.Null()
    return exp.cast(exp.Null(), exp.DataType.build(kind_, dialect="duckdb"))


def result(sql: str, node: exp.Expr, place: Place, parts: Sequence[Term] = ()) -> Term:
    """Give what a rule wrote the type that DuckDB gives it."""
    wanted = typed(node, place)
    is_inexact = wanted in {"DOUBLE", UNKNOWN} and any(part.is_inexact for part in parts)
    if wanted == UNKNOWN:
        return Term(sql, wanted, is_inexact)
    target = spark_type(wanted)
    if target is None:
        raise refused(f"{name_of(node)} of type {wanted}", node, "Cast it to a common type.")
    return Term(f"cast({sql} as {target})", wanted, is_inexact)


def _templated(entry: Entry, node: exp.Expr, place: Place) -> Term:
    """Write a function by the template of its entry in the list."""
    given = _arguments(node)
    only(node, *node.arg_types)
    terms = [compile_term(each, place) for each in given]
    kinds = entry.kinds_of(len(terms))
    for term, wanted in zip(terms, kinds or (), strict=bool(kinds)):
        if term.is_known and term.kind not in wanted.split("|"):
            raise refused(
                f"{entry.name} of {term.kind}", node, "Cast the argument, or leave it out."
            )
    if kinds is None:
        raise refused(
            f"{entry.name} of {len(terms)} arguments", node, "Write it in a plainer form."
        )
    exactly(terms, node, entry.name)
    return result(entry.spark.format(*(term.sql for term in terms)), node, place, terms)


# --- leaves -----------------------------------------------------------------------------------------------------------


def _column(node: exp.Expr, place: Place) -> Term:
    assert isinstance(node, exp.Column)  # noqa: S101 - told by _LEAVES
    found = place.resolve(node)
    if isinstance(found, exp.Expr):
        return compile_term(found, place)
    sql, column = found
    if column.is_unheld:
        raise refused(
            f"The column {column.name} of type {column.type}",
            node,
            "Cast it at the source, or leave it out.",
        )
    return Term(sql, column.type, column.is_inexact)


def _paren(node: exp.Expr, place: Place) -> Term:
    inner = compile_term(node.this, place)
    return replace(inner, sql=f"({inner.sql})")


def _literal(node: exp.Expr, place: Place) -> Term:
    if node.is_string:
        return Term(text_literal(str(node.this)), "VARCHAR")
    kind_ = typed(node, place)
    return Term(f"cast('{node.this}' as {spark_type(kind_)})", kind_)


def _boolean(node: exp.Expr, _: Place) -> Term:
    return Term("true" if node.this else "false", "BOOLEAN")


def _null(_: exp.Expr, __: Place) -> Term:
    return Term("null", "NULL")


def _parameter(_: exp.Expr, place: Place) -> Term:
    return Term(f"date'{place.as_of.isoformat()}'", "DATE")


def _cast(node: exp.Expr, place: Place) -> Term:
    only(node, "this", "to")
    wanted = type_of(exp.cast(exp.Null(), node.args["to"]).sql("duckdb"))
    if (
        isinstance(node.this, exp.Literal)
        and node.this.is_string
        and wanted in {"DATE", "TIMESTAMP"}
    ):
        place.used.add(f"{wanted.lower()} literal")
        return _moment(node, wanted)
    if isinstance(node.this, exp.Explode):
        raise refused("unnest here", node, "Let unnest be a column of its own, or its cast.")
    term = compile_term(node.this, place)
    if term.is_known and term.type != wanted and term.kind not in {"null", kind(wanted)}:
        use(cast_name(term.type, wanted), node, place.used)
    elif term.is_known and term.type != wanted and kind(wanted) in {"integer", "decimal"}:
        use(cast_name(wanted, wanted), node, place.used)
    return to_type(term, wanted, node)


def _moment(node: exp.Expr, wanted: str) -> Term:
    try:
        text = value_of(node.sql("duckdb"))
    except duckdb.Error as error:
        raise SqlRefused(
            str(error).splitlines()[0], line_of(node), "Write a date as date '2024-01-31'."
        ) from None
    prefix = "date" if wanted == "DATE" else "timestamp_ntz"
    return Term(f"{prefix}'{text}'", wanted)


_LEAVES: Mapping[type[exp.Expr], Rule] = {
    exp.Column: _column, exp.Paren: _paren, exp.Literal: _literal, exp.Boolean: _boolean, exp.Null: _null,
    exp.Placeholder: _parameter, exp.Cast: _cast,
}  # fmt: skip
