"""Aggregates and windows of DuckDB written for Spark.

Exact numbers are added up as decimals of 38 digits, as wide as DuckDB's sums. Where DuckDB's answer would depend on the order in
which rows come (`any_value` of several values, `row_number` of rows that are equal in their order), Spark stops with an error
in place of another answer.

Not here: other expressions (expressions).
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from sqlglot import exp

from transforms.engines.casts import cast
from transforms.engines.conditions import condition
from transforms.engines.expressions import Place, Rule, compile_term, name_of, typed, use
from transforms.engines.kinds import digits, is_exact, spark_type
from transforms.engines.terms import Term, exactly, only, refused, text_literal, to_type

_ORDERED = {
    "integer",
    "decimal",
    "double",
    "varchar",
    "date",
    "timestamp",
    "timestamptz",
    "boolean",
}
_NEEDS_TOTAL_ORDER = {"row_number", "lag", "lead"}
_FRAME_ENDS = {"UNBOUNDED", "CURRENT ROW"}


@dataclass(frozen=True)
class _Reach:
    """Over which rows an aggregate goes."""

    filter: str = ""
    over: str = ""

    def of(self, call: str) -> str:
        """Write one call over these rows."""
        return f"{call}{self.filter}{self.over}"


def aggregates_in(node: exp.Expr) -> bool:
    """Tell whether an expression aggregates rows of its query, windows not counted."""
    if isinstance(node, exp.Window):
        function = node.this.this if isinstance(node.this, exp.Filter) else node.this
        parts = [*(node.args.get("partition_by") or ()), *function.iter_expressions()]
        return any(aggregates_in(each) for each in parts)
    if isinstance(node, exp.AggFunc):
        return True
    return any(aggregates_in(child) for child in node.iter_expressions())


def _filtered(node: exp.Expr, place: Place) -> Term:
    only(node, "this", "expression")
    where = condition(node.expression.this, place)
    return _aggregate(node.this, place, _Reach(filter=f" filter (where {where})"), use_name=True)


def _plain(node: exp.Expr, place: Place) -> Term:
    return _aggregate(node, place, _Reach())


def _aggregate(node: exp.Expr, place: Place, reach: _Reach, *, use_name: bool = False) -> Term:
    inner = node.this if isinstance(node, exp.IgnoreNulls) else node
    name = name_of(inner)
    if use_name:
        use(name, inner, place.used)
    writer = _WRITERS.get(name)
    if writer is None:
        raise refused(f"{name} here", node, "Use it without filter and over.")
    return writer(inner, place, reach)


def _argument(node: exp.Expr, place: Place, *kinds: str) -> Term:
    only(node, "this")
    if isinstance(node.this, exp.Distinct):
        raise refused(f"{name_of(node)}(distinct …)", node, "Select the distinct rows in a CTE.")
    term = compile_term(node.this, place)
    if term.is_known and term.kind not in kinds:
        raise refused(f"{name_of(node)} of {term.kind}", node, "Cast it first.")
    return term


def _count(node: exp.Expr, place: Place, reach: _Reach) -> Term:
    only(node, "this", "big_int")
    if node.this is None or isinstance(node.this, exp.Star):
        return Term(reach.of("count(1)"), "BIGINT")
    if not isinstance(node.this, exp.Distinct):
        return Term(reach.of(f"count({compile_term(node.this, place).sql})"), "BIGINT")
    if len(node.this.expressions) != 1 or reach.over:
        raise refused("This count(distinct …)", node, "Count one expression, not over a window.")
    use("count distinct", node, place.used)
    term = compile_term(node.this.expressions[0], place)
    exactly([term], node, "count(distinct …)")
    return Term(reach.of(f"count(distinct {term.sql})"), "BIGINT")


def _sum(node: exp.Expr, place: Place, reach: _Reach) -> Term:
    term = _argument(node, place, "integer", "decimal", "double")
    if not term.is_known or term.kind == "double":
        return Term(reach.of(f"sum({term.sql})"), typed(node, place), is_inexact=True)
    return Term(_exact_sum(term, reach), typed(node, place))


def _exact_sum(term: Term, reach: _Reach) -> str:
    return reach.of(f"sum(cast({term.sql} as decimal(38,{digits(term.type).scale})))")


def _avg(node: exp.Expr, place: Place, reach: _Reach) -> Term:
    term = _argument(node, place, "integer", "decimal", "double")
    if not term.is_known or not is_exact(term.type):
        return Term(reach.of(f"avg({term.sql})"), "DOUBLE", is_inexact=True)
    whole = f"DECIMAL(38,{digits(term.type).scale})"
    total = cast(_exact_sum(term, reach), given=whole, wanted="DOUBLE")
    count = reach.of(f"count({term.sql})")
    return Term(f"({total} / nullif({count}, 0))", "DOUBLE", is_inexact=True)


def _extreme(node: exp.Expr, place: Place, reach: _Reach) -> Term:
    term = _argument(node, place, *_ORDERED)
    return replace(term, sql=reach.of(f"{name_of(node)}({term.sql})"))


def _truth(node: exp.Expr, place: Place, reach: _Reach) -> Term:
    only(node, "this")
    return Term(reach.of(f"{name_of(node)}({_bare(node, place)})"), "BOOLEAN")


def _count_if(node: exp.Expr, place: Place, reach: _Reach) -> Term:
    """Count what is true; where nothing is true or false DuckDB gives null, as of a sum."""
    only(node, "this")
    counted = f"cast(cast({_bare(node, place)} as int) as decimal(38,0))"
    return Term(reach.of(f"sum({counted})"), "HUGEINT")


def _bare(node: exp.Expr, place: Place) -> str:
    """Leave out the cast to boolean that SQLGlot adds by itself."""
    inner = node.this
    if isinstance(inner, exp.Cast) and inner.args["to"].is_type("boolean"):
        return condition(inner.this, place)
    return condition(inner, place)


def _any(node: exp.Expr, place: Place, reach: _Reach) -> Term:
    if reach.over:
        raise refused("any_value over a window", node, "Use min or max.")
    term = _argument(node, place, *_ORDERED)
    exactly([term], node, "any_value")
    least, most = (reach.of(f"{word}({term.sql})") for word in ("min", "max"))
    message = "any_value of values that differ gives whichever comes first: use min, max or arg_min"
    return replace(term, sql=_unless(f"{least} <=> {most}", least, term, message))


def _unless(is_sure: str, sql: str, term: Term, message: str) -> str:
    failed = f"raise_error({text_literal(message)})"
    target = spark_type(term.type)
    failed = f"cast({failed} as {target})" if target else failed
    return f"(case when {is_sure} then {sql} else {failed} end)"


def _arg(node: exp.Expr, place: Place, reach: _Reach) -> Term:
    """Give the value where another is least or greatest; several such values are an error."""
    only(node, "this", "expression")
    if reach.filter or reach.over:
        raise refused(f"{name_of(node)} with filter or over", node, "Filter in a CTE.")
    term, key = compile_term(node.this, place), compile_term(node.expression, place)
    exactly([term, key], node, name_of(node))
    at = _numbered(key, node)
    where = f" filter (where {term.sql} is not null and {key.sql} is not null)"
    first, second = ("min", "max") if name_of(node) == "arg_min" else ("max", "min")
    one = f"{first}(struct({at} as k, {term.sql} as v)){where}.v"
    other = f"{second}(struct(- {at} as k, {term.sql} as v)){where}.v"
    message = f"{name_of(node)} of several rows that are equal in its order: order by a key"
    return replace(term, sql=_unless(f"{one} <=> {other}", one, term, message))


def _numbered(key: Term, node: exp.Expr) -> str:
    """Write a key as a number in the same order."""
    if not key.is_known or is_exact(key.type):
        return f"cast({key.sql} as decimal(38,{digits(key.type).scale if key.is_known else 0}))"
    if key.kind == "date":
        return f"unix_date({key.sql})"
    if key.kind == "timestamp":
        return f"unix_micros(cast({key.sql} as timestamp))"
    raise refused(
        f"{name_of(node)} by {key.kind}", node, "Order by a number, a date or a timestamp."
    )


# --- windows ----------------------------------------------------------------------------------------------------------


def _window(node: exp.Expr, place: Place) -> Term:
    only(node, "this", "partition_by", "order", "spec", "over")
    parts = [compile_term(each, place) for each in node.args.get("partition_by") or ()]
    order = node.args.get("order")
    ordered = [_ordered(each, place) for each in order.expressions] if order else []
    keys = [term for term, _ in ordered]
    exactly([*parts, *keys], node, "a window")
    frame, is_by_rows = _frame(node.args.get("spec"), place)
    partition = f"partition by {', '.join(term.sql for term in parts)}" if parts else ""
    by = f"order by {', '.join(text for _, text in ordered)}" if ordered else ""
    function, where = node.this, ""
    if isinstance(function, exp.Filter):
        use("filter", function, place.used)
        where = f" filter (where {condition(function.expression.this, place)})"
        function = function.this
    over = " over (" + " ".join(filter(None, (partition, by, frame))) + ")"
    name = name_of(function.this if isinstance(function, exp.IgnoreNulls) else function)
    use(f"{name} over" if name in _WRITERS else name, function, place.used)
    written = _over(function, place, _Reach(where, over))
    if name not in _NEEDS_TOTAL_ORDER and not is_by_rows:
        return written
    return _in_total_order(written, [*parts, *keys], has_order=bool(keys), node=node)


def _in_total_order(written: Term, keys: list[Term], *, has_order: bool, node: exp.Expr) -> Term:
    if not has_order:
        raise refused(
            f"{name_of(node.this)} without an order", node, "Give the window an order by a key."
        )
    same = f"count(1) over (partition by {', '.join(term.sql for term in keys)})"
    message = "rows are equal in the order of a window, so that their order is left to chance: order by a key too"
    return replace(written, sql=_unless(f"{same} = 1", written.sql, written, message))


def _over(function: exp.Expr, place: Place, reach: _Reach) -> Term:
    name = name_of(function)
    if name in {"row_number", "rank", "dense_rank"}:
        only(function)
        return Term(f"cast({reach.of(f'{name}()')} as bigint)", "BIGINT")
    if name in {"lag", "lead"}:
        return _neighbour(function, place, reach)
    return _aggregate(function, place, reach)


def _neighbour(function: exp.Expr, place: Place, reach: _Reach) -> Term:
    only(function, "this", "offset", "default")
    term = compile_term(function.this, place)
    offset = function.args.get("offset")
    if offset is not None and not (isinstance(offset, exp.Literal) and offset.this.isdigit()):
        raise refused(
            f"{name_of(function)} by a computed number", function, "Write the number out."
        )
    steps = offset.this if offset is not None else "1"
    parts = [term.sql, steps]
    default = function.args.get("default")
    if default is not None:
        otherwise = to_type(compile_term(default, place), term.type, function)
        parts.append(otherwise.sql)
        term = replace(term, is_inexact=term.is_inexact or otherwise.is_inexact)
    return replace(term, sql=reach.of(f"{name_of(function)}({', '.join(parts)})"))


def _ordered(node: exp.Expr, place: Place) -> tuple[Term, str]:
    only(node, "this", "desc", "nulls_first")
    term = compile_term(node.this, place)
    way = "desc" if node.args.get("desc") else "asc"
    nulls = "first" if node.args.get("nulls_first") else "last"
    return term, f"{term.sql} {way} nulls {nulls}"


def _frame(spec: exp.Expr | None, place: Place) -> tuple[str, bool]:
    """Write a frame, and say whether it counts rows."""
    if spec is None:
        return "", False
    only(spec, "kind", "start", "start_side", "end", "end_side")
    word = str(spec.args["kind"]).lower()
    ends = [_frame_end(spec, "start"), _frame_end(spec, "end")]
    if word != "rows" and ends != ["unbounded preceding", "current row"]:
        raise refused("This frame", spec, "Use rows between, or no frame.")
    use(f"{word} between", spec, place.used)
    return f"{word} between {ends[0]} and {ends[1]}", word == "rows"


def _frame_end(spec: exp.Expr, which: str) -> str:
    value, side = spec.args.get(which), str(spec.args.get(f"{which}_side") or "").lower()
    if value is None:
        return "current row"
    if isinstance(value, exp.Literal) and value.this.isdigit():
        return f"{value.this} {side}"
    if str(value).upper() not in _FRAME_ENDS:
        raise refused("This frame", spec, "Write the number of rows out.")
    return f"{str(value).lower()} {side}".strip()


_WRITERS = {
    "count": _count, "sum": _sum, "avg": _avg, "min": _extreme, "max": _extreme, "count_if": _count_if,
    "bool_or": _truth, "bool_and": _truth, "any_value": _any, "arg_min": _arg, "arg_max": _arg,
}  # fmt: skip
RULES: Mapping[str, Rule] = {
    **dict.fromkeys(_WRITERS, _plain),
    "filter": _filtered,
    "window": _window,
}
