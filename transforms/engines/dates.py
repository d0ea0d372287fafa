"""Dates and moments of DuckDB written for Spark: steps, borders, beginnings and seconds.

Not here: functions with a template in the list (`year`, `last_day`), and lists of dates (lists).
"""

from collections.abc import Mapping

from sqlglot import exp

from transforms.engines.expressions import Place, Rule, compile_term, name_of, typed, use
from transforms.engines.kinds import spark_type
from transforms.engines.terms import Term, only, refused, to_type

MONTHS = {"MONTH": 1, "QUARTER": 3, "YEAR": 12}
"""Units that are so many months."""
_SPANS = {"DAY", "WEEK", "HOUR", "MINUTE", "SECOND"}
_TRUNCATED = {"YEAR": "YEAR", "QUARTER": "QUARTER", "MONTH": "MM", "WEEK": "WEEK"}
_SECONDS = {"HOUR": 3600, "MINUTE": 60, "SECOND": 1}


def shifted(node: exp.Expr, sign: str, place: Place) -> Term:
    """Write a moment with an interval added or taken off."""
    moment = compile_term(node.this, place)
    count, unit = interval(node.expression)
    use(f"{sign} interval", node, place.used)
    if moment.is_known and moment.kind not in {"date", "timestamp"}:
        raise refused(f"{moment.kind} {sign} interval", node, "Cast it to a timestamp.")
    at = to_type(moment, "TIMESTAMP", node)
    if unit in MONTHS:
        count, unit = count * MONTHS[unit], "MONTH"
    if unit == "WEEK":
        count, unit = count * 7, "DAY"
    return Term(f"({at.sql} {sign} interval '{count}' {unit})", "TIMESTAMP")


def interval(node: exp.Expr) -> tuple[int, str]:
    """Read an interval that is written out: how many of which unit."""
    count, unit = node.this, str(node.args["unit"] or "").upper().removesuffix("S")
    is_plain = isinstance(count, exp.Literal) and str(count.this).isdigit()
    if not is_plain or unit not in MONTHS.keys() | _SPANS:
        raise refused("This interval", node, "Write a whole number and a unit: interval 3 month.")
    return int(str(count.this)), unit


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


def temporal(node: exp.Expr, place: Place) -> Term:
    """Write what must be a date or a timestamp."""
    term = compile_term(node, place)
    if term.is_known and term.kind not in {"date", "timestamp"}:
        raise refused(f"This function of {term.kind}", node, "Cast it to a date or a timestamp.")
    return term


def _truncated(node: exp.Expr, place: Place) -> Term:
    only(node, "this", "unit")
    unit = _unit(node, place, {*_TRUNCATED, "DAY", "HOUR", "MINUTE"})
    term = temporal(node.this, place)
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
    end, start = (temporal(each, place) for each in (node.this, node.expression))
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
    terms = [temporal(each, place) for each in parts]
    if any(term.is_known and term.kind != "timestamp" for term in terms):
        raise refused("epoch of a date", node, "Cast to timestamp, or use date_diff.")
    micros = [f"unix_micros(cast({term.sql} as timestamp))" for term in terms]
    return Term(f"(cast({' - '.join(micros)} as double) / 1e6D)", "DOUBLE")


RULES: Mapping[str, Rule] = {
    "date_trunc": _truncated,
    "date_diff": _difference,
    "epoch": _epoch,
}
