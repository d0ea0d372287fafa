"""Conditions and choices of DuckDB written for Spark: comparisons, logic, case and its kin.

Not here: patterns of text (text).
"""

from collections.abc import Mapping

from sqlglot import exp

from transforms.engines.expressions import Place, Rule, both, compile_term, name_of, typed
from transforms.engines.terms import Term, exactly, meeting, only, refused, to_type


def condition(node: exp.Expr, place: Place) -> str:
    """Write an expression that must be true or false."""
    return _condition(compile_term(node, place), node)


def _condition(term: Term, node: exp.Expr) -> str:
    if term.is_known and term.kind not in {"boolean", "null"}:
        raise refused(f"{term.kind} as a condition", node, "Write a comparison.")
    return term.sql


def _comparison(node: exp.Expr, place: Place) -> Term:
    left, right = meeting(both(node, place), node)
    return Term(f"({left.sql} {name_of(node)} {right.sql})", "BOOLEAN")


def _same(node: exp.Expr, place: Place) -> Term:
    left, right = meeting(both(node, place), node)
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


RULES: Mapping[str, Rule] = {
    **dict.fromkeys(("=", "<>", "<", "<=", ">", ">="), _comparison),
    **dict.fromkeys(("is not distinct from", "is distinct from"), _same),
    **dict.fromkeys(("and", "or"), _logic),
    **dict.fromkeys(("coalesce", "greatest", "least"), _choice),
    "is": _is,
    "not": _not,
    "between": _between,
    "in": _in,
    "case": _case,
    "if": _if,
    "nullif": _nullif,
}
