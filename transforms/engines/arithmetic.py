"""Arithmetic of DuckDB written for Spark: sums, products, quotients and signs.

Not here: days and intervals beside a date (dates).
"""

from collections.abc import Mapping

from sqlglot import exp

from transforms.engines.dates import shifted
from transforms.engines.expressions import (
    Place,
    Rule,
    both,
    compile_term,
    name_of,
    result,
    typed,
    use,
)
from transforms.engines.kinds import UNKNOWN, is_exact, is_unsigned, spark_type
from transforms.engines.terms import Term, number, refused, to_type


def _sum(node: exp.Expr, place: Place) -> Term:
    """Add or subtract: numbers, days, and an interval to or from a moment."""
    sign = name_of(node)
    if isinstance(node.expression, exp.Interval):
        return shifted(node, sign, place)
    left, right = both(node, place)
    wanted = typed(node, place)
    kinds = left.kind, right.kind
    if UNKNOWN in (left.type, right.type):
        return _untyped(left, sign, right)
    if kinds == ("date", "date"):
        use("date - date", node, place.used)
        return Term(f"cast(datediff({left.sql}, {right.sql}) as bigint)", wanted)
    if kinds == ("date", "integer"):
        use(f"date {sign} integer", node, place.used)
        function = "date_add" if sign == "+" else "date_sub"
        return Term(f"{function}({left.sql}, cast({right.sql} as int))", wanted)
    if not set(kinds) <= {"integer", "decimal", "double", "null"}:
        raise refused(f"{kinds[0]} {sign} {kinds[1]}", node, "Use date_diff, or numbers.")
    if is_unsigned(wanted):
        raise refused(f"{left.type} {sign} {right.type}", node, "Cast to bigint first.")
    sides = [to_type(term, wanted, node) for term in (left, right)]
    return result(f"({sides[0].sql} {sign} {sides[1].sql})", node, place, sides)


def _product(node: exp.Expr, place: Place) -> Term:
    left, right = both(node, place)
    wanted = typed(node, place)
    if wanted == UNKNOWN:
        return _untyped(left, "*", right)
    if (not is_exact(wanted) and wanted != "DOUBLE") or is_unsigned(wanted):
        raise refused(f"{left.type} * {right.type}", node, "Cast to bigint or decimal first.")
    if wanted == "DOUBLE":
        sides = [to_type(term, wanted, node) for term in (left, right)]
        return result(f"({sides[0].sql} * {sides[1].sql})", node, place, sides)
    return result(f"({number(left)} * {number(right)})", node, place)


def _quotient(node: exp.Expr, place: Place) -> Term:
    """Divide as floating numbers; by zero DuckDB gives infinity or no number, where Spark alone would end."""
    left, right = both(node, place)
    if UNKNOWN in (left.type, right.type):
        return _untyped(left, "/", right)
    upper, lower = (to_type(term, "DOUBLE", node) for term in (left, right))
    sign = ""
    if right.kind == "double":
        sign = f" * (case when cast({lower.sql} as string) = '-0.0' then -1D else 1D end)"
    sql = (
        f"(case when {lower.sql} = 0D then {upper.sql} * double('Infinity'){sign} "
        f"else {upper.sql} / {lower.sql} end)"
    )
    return Term(sql, "DOUBLE", left.is_inexact or right.is_inexact)


def _untyped(left: Term, sign: str, right: Term) -> Term:
    """Write an operator where the type of a side is not known yet."""
    is_inexact = left.is_inexact or right.is_inexact
    return Term(f"({left.sql} {sign} {right.sql})", UNKNOWN, is_inexact)


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


RULES: Mapping[str, Rule] = {
    "+": _sum,
    "-": _sum,
    "*": _product,
    "/": _quotient,
    "negation": _negation,
}
