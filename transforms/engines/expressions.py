"""Expressions of DuckDB written for Spark: one rule for each construct, typed as DuckDB types it.

DuckDB itself is asked for the type of every expression, so that no rule of its types is written down here a second time; the
result on Spark is cast to it. What has no rule is refused by name.

Not here: queries (transpile), aggregates and windows (aggregates), casts (casts).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import Protocol

import duckdb
from sqlglot import exp

from transforms.engines.allowed import Entry, allowed, entries
from transforms.engines.casts import cast_name
from transforms.engines.kinds import (
    UNKNOWN,
    is_exact,
    is_unsigned,
    kind,
    spark_type,
    type_of,
    value_of,
)
from transforms.engines.terms import (
    Column,
    Term,
    exactly,
    line_of,
    meeting,
    number,
    only,
    refused,
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
SERIES_UNITS = {"DAY", "WEEK", "MONTH", "QUARTER", "YEAR"}
_MONTHS = {"MONTH": 1, "QUARTER": 3, "YEAR": 12}
_SPANS = {"DAY", "WEEK", "HOUR", "MINUTE", "SECOND"}
_COMPARED = {
    "=": "=", "<>": "<>", "<": "<", "<=": "<=", ">": ">", ">=": ">=",
}  # fmt: skip
_TRUNCATED = {"YEAR": "YEAR", "QUARTER": "QUARTER", "MONTH": "MM", "WEEK": "WEEK"}
_SECONDS = {"HOUR": 3600, "MINUTE": 60, "SECOND": 1}
_LATEST_DAY = 28
"""Every month has this day, so that steps of months from it never wander."""


class Place(Protocol):
    """Where an expression stands: what its columns mean."""

    as_of: date
    used: set[str]

    def resolve(self, column: exp.Column) -> tuple[str, Column] | exp.Expr:
        """Give a column as Spark has it, or the expression that the name stands for."""
        ...


def name_of(node: exp.Expr) -> str:
    """Give the name by which the list knows a node."""
    if isinstance(node, exp.IgnoreNulls):
        return name_of(node.this)
    if type(node) in BY_CLASS:
        return BY_CLASS[type(node)]
    if isinstance(node, exp.Anonymous):
        return str(node.this).lower()
    return node.sql_name().lower() if isinstance(node, exp.Func) else type(node).__name__.lower()


def use(name: str, node: exp.Expr, place: Place, *, mend: str = "") -> None:
    """Note that a construct is used; refuse it where the list does not have it."""
    entry = entries().get(name)
    if entry is None:
        raise refused(name, node, mend or allowed().mend(name))
    place.used.add(name)


def compile_term(node: exp.Expr, place: Place) -> Term:
    """Write an expression for Spark; raise SqlRefused where it is not on the list."""
    rule = _LEAVES.get(type(node))
    if rule is not None:
        return rule(node, place)
    name = name_of(node)
    use(name, node, place)
    written = RULES.get(name)
    if written is not None:
        return written(node, place)
    return _templated(entries()[name], node, place)


def arguments(node: exp.Expr) -> list[exp.Expr]:
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
    given = arguments(node)
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


def text_literal(text: str) -> str:
    """Write text as Spark reads it, where a backslash begins an escape."""
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


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
        use(cast_name(term.type, wanted), node, place)
    elif term.is_known and term.type != wanted and kind(wanted) in {"integer", "decimal"}:
        use(cast_name(wanted, wanted), node, place)
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


# --- operators --------------------------------------------------------------------------------------------------------


def _both(node: exp.Expr, place: Place) -> tuple[Term, Term]:
    only(node, "this", "expression", "typed", "safe")
    return compile_term(node.this, place), compile_term(node.expression, place)


def _sum(node: exp.Expr, place: Place) -> Term:
    """Add or subtract: numbers, days, and an interval to or from a moment."""
    sign = BY_CLASS[type(node)]
    if isinstance(node.expression, exp.Interval):
        return _shift(node, sign, place)
    left, right = _both(node, place)
    wanted = typed(node, place)
    kinds = left.kind, right.kind
    if UNKNOWN in (left.type, right.type):
        return Term(
            f"({left.sql} {sign} {right.sql})", UNKNOWN, left.is_inexact or right.is_inexact
        )
    if kinds == ("date", "date"):
        use("date - date", node, place)
        return Term(f"cast(datediff({left.sql}, {right.sql}) as bigint)", wanted)
    if kinds == ("date", "integer"):
        use(f"date {sign} integer", node, place)
        function = "date_add" if sign == "+" else "date_sub"
        return Term(f"{function}({left.sql}, cast({right.sql} as int))", wanted)
    if not set(kinds) <= {"integer", "decimal", "double", "null"}:
        raise refused(f"{kinds[0]} {sign} {kinds[1]}", node, "Use date_diff, or numbers.")
    if is_unsigned(wanted):
        raise refused(f"{left.type} {sign} {right.type}", node, "Cast to bigint first.")
    both = [to_type(term, wanted, node) for term in (left, right)]
    return result(f"({both[0].sql} {sign} {both[1].sql})", node, place, both)


def _shift(node: exp.Expr, sign: str, place: Place) -> Term:
    moment = compile_term(node.this, place)
    count, unit = interval(node.expression)
    use(f"{sign} interval", node, place)
    if moment.is_known and moment.kind not in {"date", "timestamp"}:
        raise refused(f"{moment.kind} {sign} interval", node, "Cast it to a timestamp.")
    at = to_type(moment, "TIMESTAMP", node)
    if unit in _MONTHS:
        count, unit = count * _MONTHS[unit], "MONTH"
    if unit == "WEEK":
        count, unit = count * 7, "DAY"
    return Term(f"({at.sql} {sign} interval '{count}' {unit})", "TIMESTAMP")


def interval(node: exp.Expr) -> tuple[int, str]:
    """Read an interval that is written out: how many of which unit."""
    count, unit = node.this, str(node.args["unit"] or "").upper().removesuffix("S")
    is_plain = isinstance(count, exp.Literal) and str(count.this).isdigit()
    if not is_plain or unit not in _MONTHS.keys() | _SPANS:
        raise refused("This interval", node, "Write a whole number and a unit: interval 3 month.")
    return int(str(count.this)), unit


def _product(node: exp.Expr, place: Place) -> Term:
    left, right = _both(node, place)
    wanted = typed(node, place)
    if wanted == UNKNOWN:
        return Term(f"({left.sql} * {right.sql})", UNKNOWN, left.is_inexact or right.is_inexact)
    if (not is_exact(wanted) and wanted != "DOUBLE") or is_unsigned(wanted):
        raise refused(f"{left.type} * {right.type}", node, "Cast to bigint or decimal first.")
    if wanted == "DOUBLE":
        both = [to_type(term, wanted, node) for term in (left, right)]
        return result(f"({both[0].sql} * {both[1].sql})", node, place, both)
    if kind(wanted) == "integer":
        return result(f"({number(left)} * {number(right)})", node, place)
    return result(f"({number(left)} * {number(right)})", node, place)


def _quotient(node: exp.Expr, place: Place) -> Term:
    """Divide as floating numbers; by zero DuckDB gives infinity or no number, where Spark alone would end."""
    left, right = _both(node, place)
    if UNKNOWN in (left.type, right.type):
        return Term(f"({left.sql} / {right.sql})", UNKNOWN, left.is_inexact or right.is_inexact)
    upper, lower = (to_type(term, "DOUBLE", node) for term in (left, right))
    sign = ""
    if right.kind == "double":
        sign = f" * (case when cast({lower.sql} as string) = '-0.0' then -1D else 1D end)"
    sql = (
        f"(case when {lower.sql} = 0D then {upper.sql} * double('Infinity'){sign} "
        f"else {upper.sql} / {lower.sql} end)"
    )
    return Term(sql, "DOUBLE", left.is_inexact or right.is_inexact)


def _negation(node: exp.Expr, place: Place) -> Term:
    term = compile_term(node.this, place)
    if isinstance(node.this, exp.Literal):
        wanted = typed(node, place)
        return Term(f"cast('-{node.this.this}' as {spark_type(wanted)})", wanted)
    if (term.is_known and term.kind not in {"integer", "decimal", "double"}) or is_unsigned(
        term.type
    ):
        raise refused(f"negation of {term.type}", node, "Negate a signed number.")
    return result(f"(- {term.sql})", node, place, [term])


def _comparison(node: exp.Expr, place: Place) -> Term:
    left, right = meeting(_both(node, place), node)
    return Term(f"({left.sql} {_COMPARED[name_of(node)]} {right.sql})", "BOOLEAN")


def _same(node: exp.Expr, place: Place) -> Term:
    left, right = meeting(_both(node, place), node)
    word = "not " if isinstance(node, exp.NullSafeNEQ) else ""
    return Term(f"({word}({left.sql} <=> {right.sql}))", "BOOLEAN")


def _is(node: exp.Expr, place: Place) -> Term:
    only(node, "this", "expression")
    term = compile_term(node.this, place)
    if isinstance(node.expression, exp.Null):
        return Term(f"({term.sql} is null)", "BOOLEAN")
    if not isinstance(node.expression, exp.Boolean):
        raise refused("This use of is", node, "Write is null, is true or is false.")
    condition = _condition(term, node)
    return Term(f"({condition} is {'true' if node.expression.this else 'false'})", "BOOLEAN")


def _condition(term: Term, node: exp.Expr) -> str:
    if term.is_known and term.kind not in {"boolean", "null"}:
        raise refused(f"{term.kind} as a condition", node, "Write a comparison.")
    return term.sql


def condition(node: exp.Expr, place: Place) -> str:
    """Write an expression that must be true or false."""
    return _condition(compile_term(node, place), node)


def _logic(node: exp.Expr, place: Place) -> Term:
    only(node, "this", "expression")
    word = name_of(node)
    return Term(
        f"({condition(node.this, place)} {word} {condition(node.expression, place)})", "BOOLEAN"
    )


def _not(node: exp.Expr, place: Place) -> Term:
    return Term(f"(not {condition(node.this, place)})", "BOOLEAN")


def _between(node: exp.Expr, place: Place) -> Term:
    only(node, "this", "low", "high")
    parts = [node.this, node.args["low"], node.args["high"]]
    term, low, high = (compile_term(each, place) for each in parts)
    above, below = meeting([term, low], node), meeting([term, high], node)
    return Term(
        f"({above[0].sql} >= {above[1].sql} and {below[0].sql} <= {below[1].sql})", "BOOLEAN"
    )


def _in(node: exp.Expr, place: Place) -> Term:
    only(node, "this", "expressions")
    term = compile_term(node.this, place)
    tests = []
    for each in node.expressions:
        left, right = meeting([term, compile_term(each, place)], node)
        tests.append(f"{left.sql} = {right.sql}")
    return Term(f"({' or '.join(tests)})", "BOOLEAN")


def _like(node: exp.Expr, place: Place) -> Term:
    only(node, "this", "expression", "negate")
    pattern = node.expression
    is_plain = isinstance(pattern, exp.Literal) and pattern.is_string and "\\" not in pattern.this
    if not is_plain:
        raise refused("like with this pattern", node, "Write the pattern out, without a backslash.")
    term = compile_term(node.this, place)
    if term.is_known and term.kind != "varchar":
        raise refused(f"like of {term.kind}", node, "Cast it to varchar.")
    word = "not like" if node.args.get("negate") else "like"
    return Term(f"({term.sql} {word} {text_literal(pattern.this)})", "BOOLEAN")


def _joined(node: exp.Expr, place: Place) -> Term:
    only(node, "this", "expression", "safe")
    terms = [compile_term(each, place) for each in (node.this, node.expression)]
    if any(term.is_known and term.kind not in {"varchar", "null"} for term in terms):
        raise refused("|| of other than text", node, "Cast both sides to varchar.")
    return result(f"concat({terms[0].sql}, {terms[1].sql})", node, place)


def _counted(node: exp.Expr, place: Place) -> Term:
    """Refuse a computed or negative number of places or letters, which the engines take differently."""
    count = arguments(node)[-1]
    if not (isinstance(count, exp.Literal) and str(count.this).isdigit()):
        raise refused(f"{name_of(node)} by a computed number", node, "Write the number out.")
    return _templated(entries()[name_of(node)], node, place)


# --- choices ----------------------------------------------------------------------------------------------------------


def _case(node: exp.Expr, place: Place) -> Term:
    only(node, "this", "ifs", "default")
    wanted = typed(node, place)
    subject = compile_term(node.this, place) if node.this is not None else None
    parts, branches = [], []
    for choice in node.args["ifs"]:
        if subject is None:
            test = condition(choice.this, place)
        else:
            left, right = meeting([subject, compile_term(choice.this, place)], node)
            test = f"{left.sql} = {right.sql}"
        branch = to_type(compile_term(choice.args["true"], place), wanted, node)
        branches.append(branch)
        parts.append(f"when {test} then {branch.sql}")
    default = node.args.get("default")
    if default is not None:
        branches.append(to_type(compile_term(default, place), wanted, node))
        parts.append(f"else {branches[-1].sql}")
    return Term(
        f"(case {' '.join(parts)} end)", wanted, any(branch.is_inexact for branch in branches)
    )


def _if(node: exp.Expr, place: Place) -> Term:
    only(node, "this", "true", "false")
    case = exp.Case(ifs=[exp.If(this=node.this.copy(), true=node.args["true"].copy())])
    if node.args.get("false") is not None:
        case.set("default", node.args["false"].copy())
    return _case(case, place)


def _choice(node: exp.Expr, place: Place) -> Term:
    """Coalesce, greatest and least: all arguments as the type that DuckDB finds for them."""
    only(node, "this", "expressions", "ignore_nulls")
    wanted = typed(node, place)
    given = [compile_term(each, place) for each in (node.this, *node.expressions)]
    terms = [to_type(each, wanted, node) for each in given]
    name = name_of(node)
    if name != "coalesce":
        exactly(terms, node, name)
        if len(terms) == 1:
            return terms[0]
    is_inexact = any(term.is_inexact for term in terms)
    return Term(f"{name}({', '.join(term.sql for term in terms)})", wanted, is_inexact)


def _nullif(node: exp.Expr, place: Place) -> Term:
    only(node, "this", "expression")
    first = compile_term(node.this, place)
    left, right = meeting([first, compile_term(node.expression, place)], node)
    wanted = typed(node, place)
    kept = to_type(first, wanted, node)
    return Term(f"(case when {left.sql} = {right.sql} then null else {kept.sql} end)", wanted)


# --- dates ------------------------------------------------------------------------------------------------------------


def _unit(node: exp.Expr, place: Place, known: set[str]) -> str:
    unit = str(node.args["unit"].this).upper().removesuffix("S")
    if unit not in known:
        raise refused(
            f"{name_of(node)}('{unit.lower()}', …)",
            node,
            f"Use {', '.join(sorted(known)).lower()}.",
        )
    place.used.add(f"{name_of(node)} {unit.lower()}")
    return unit


def _temporal(node: exp.Expr, place: Place) -> Term:
    term = compile_term(node, place)
    if term.is_known and term.kind not in {"date", "timestamp"}:
        raise refused(f"This function of {term.kind}", node, "Cast it to a date or a timestamp.")
    return term


def _truncated(node: exp.Expr, place: Place) -> Term:
    only(node, "this", "unit")
    unit = _unit(node, place, {*_TRUNCATED, "DAY", "HOUR", "MINUTE"})
    term = _temporal(node.this, place)
    wanted = typed(node, place)
    if unit in _SECONDS:
        moment = f"cast(cast({term.sql} as timestamp_ntz) as timestamp)"
        return Term(f"cast(date_trunc('{unit}', {moment}) as timestamp_ntz)", wanted)
    day = f"cast({term.sql} as date)"
    start = day if unit == "DAY" else f"trunc({day}, '{_TRUNCATED[unit]}')"
    return Term(f"cast({start} as {spark_type(wanted) or 'timestamp_ntz'})", wanted)


def _difference(node: exp.Expr, place: Place) -> Term:
    """Count the borders of a unit between two moments, as DuckDB's date_diff does."""
    only(node, "this", "expression", "unit", "date_part_boundary")
    unit = _unit(node, place, {"YEAR", "QUARTER", "MONTH", "DAY", *_SECONDS})
    end, start = (_temporal(each, place) for each in (node.this, node.expression))
    last, first = (_border(term.sql, unit) for term in (end, start))
    return Term(f"cast({last} - {first} as bigint)", "BIGINT")


def _border(moment: str, unit: str) -> str:
    """Give the number of a moment's unit, so that a difference of numbers counts borders."""
    if unit in _SECONDS:
        seconds = f"unix_seconds(cast(cast({moment} as timestamp_ntz) as timestamp))"
        return f"(({seconds} - pmod({seconds}, {_SECONDS[unit]})) div {_SECONDS[unit]})"
    day = f"cast({moment} as date)"
    if unit == "DAY":
        return f"unix_date({day})"
    if unit == "QUARTER":
        return f"(year({day}) * 4 + quarter({day}))"
    return f"year({day})" if unit == "YEAR" else f"(year({day}) * 12 + month({day}))"


def _epoch(node: exp.Expr, place: Place) -> Term:
    """Count seconds since 1970, or between two moments."""
    only(node, "this")
    inner = node.this.unnest()
    parts = [inner.this, inner.expression] if isinstance(inner, exp.Sub) else [inner]
    terms = [_temporal(each, place) for each in parts]
    if any(term.is_known and term.kind != "timestamp" for term in terms):
        raise refused("epoch of a date", node, "Cast to timestamp, or use date_diff.")
    micros = [f"unix_micros(cast({term.sql} as timestamp))" for term in terms]
    return Term(f"(cast({' - '.join(micros)} as double) / 1e6D)", "DOUBLE")


# --- lists ------------------------------------------------------------------------------------------------------------


def _list(node: exp.Expr, place: Place) -> Term:
    only(node, "expressions", "value_constructor")
    wanted = typed(node, place)
    inner = wanted.removesuffix("[]") if wanted != UNKNOWN else UNKNOWN
    terms = [to_type(compile_term(each, place), inner, node) for each in node.expressions]
    exactly(terms, node, "a list")
    return Term(f"array({', '.join(term.sql for term in terms)})", wanted)


def _series(node: exp.Expr, place: Place) -> Term:
    """Write steps from one moment to another; those of months begin on a day that every month has, or DuckDB's steps wander."""
    only(node, "start", "end", "step")
    step = node.args.get("step")
    if not isinstance(step, exp.Interval):
        raise refused("generate_series of numbers", node, "Give it dates and an interval.")
    count, unit = interval(step)
    if unit not in SERIES_UNITS or not count:
        raise refused(
            f"generate_series by {unit.lower()}",
            node,
            "Use days, weeks, months, quarters or years.",
        )
    start, end = (
        to_type(_temporal(node.args[key], place), "TIMESTAMP", node) for key in ("start", "end")
    )
    months = count * _MONTHS.get(unit, 0)
    days = count * (7 if unit == "WEEK" else 1)
    stride = f"interval '{months}' month" if months else f"interval '{days}' day"
    steps = f"(case when {start.sql} > {end.sql} then array() else sequence({start.sql}, {end.sql}, {stride}) end)"
    if months:
        message = "generate_series by months begins after the 28th, where DuckDB and Spark differ"
        steps = (
            f"(case when day({start.sql}) > {_LATEST_DAY} and {start.sql} <= {end.sql} "
            f"then cast(raise_error('{message}') as array<timestamp_ntz>) else {steps} end)"
        )
    return Term(steps, "TIMESTAMP[]")


Rule = Callable[[exp.Expr, Place], Term]
_LEAVES: Mapping[type[exp.Expr], Rule] = {
    exp.Column: _column, exp.Paren: _paren, exp.Literal: _literal, exp.Boolean: _boolean, exp.Null: _null,
    exp.Placeholder: _parameter, exp.Cast: _cast,
}  # fmt: skip
RULES: dict[str, Rule] = {
    "+": _sum, "-": _sum, "*": _product, "/": _quotient, "negation": _negation, "=": _comparison, "<>": _comparison,
    "<": _comparison, "<=": _comparison, ">": _comparison, ">=": _comparison, "is not distinct from": _same,
    "is distinct from": _same, "is": _is, "and": _logic, "or": _logic, "not": _not, "between": _between, "in": _in,
    "like": _like, "||": _joined, "case": _case, "if": _if, "coalesce": _choice, "greatest": _choice,
    "least": _choice, "nullif": _nullif, "date_trunc": _truncated, "date_diff": _difference, "epoch": _epoch,
    "left": _counted, "round": _counted, "[…]": _list, "generate_series": _series,
}  # fmt: skip
"""What is written by code; other functions are written by the templates of the list."""
