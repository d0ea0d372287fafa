"""Lists of DuckDB written for Spark: those that are written out, and steps from one date to another.

Not here: making rows of a list (transpile).
"""

from collections.abc import Mapping

from sqlglot import exp

from transforms.engines.dates import MONTHS, interval, temporal
from transforms.engines.expressions import Place, Rule, compile_term, typed
from transforms.engines.kinds import UNKNOWN
from transforms.engines.terms import Term, exactly, only, refused, to_type

_UNITS = {"DAY", "WEEK", "MONTH", "QUARTER", "YEAR"}
_LATEST_DAY = 28
"""Every month has this day, so that steps of months from it never wander."""


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
    if unit not in _UNITS or not count:
        raise refused(
            f"generate_series by {unit.lower()}",
            node,
            "Use days, weeks, months, quarters or years.",
        )
    start, end = (
        to_type(temporal(node.args[key], place), "TIMESTAMP", node) for key in ("start", "end")
    )
    months = count * MONTHS.get(unit, 0)
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


RULES: Mapping[str, Rule] = {"[…]": _list, "generate_series": _series}
