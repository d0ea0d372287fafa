"""Text of DuckDB written for Spark: what needs more than a template.

Not here: functions with a template in the list (`lower`, `trim`).
"""

from collections.abc import Mapping

from sqlglot import exp

from transforms.engines.expressions import Place, Rule, compile_term, result
from transforms.engines.terms import Term, only, refused, text_literal


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


RULES: Mapping[str, Rule] = {"like": _like, "||": _joined}
