"""Values that expressions are made of while a definition is written for Spark: terms, columns, what is refused, how types meet.

Not here: which expressions there are (expressions), queries (transpile).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from sqlglot import exp

from transforms.digits import MAX_DIGITS, common
from transforms.engines.casts import Unproven, cast
from transforms.engines.kinds import UNKNOWN, as_decimal, is_exact, kind, spark_type
from transforms.sql_guard import SqlRefused

MENDS = {
    "inexact": "Cast the numbers to a decimal before they are added up.",
    "text": "Write the cast, and write dates as date '2024-01-31'.",
}


@dataclass(frozen=True)
class Column:
    """A column of a table, as DuckDB types it."""

    name: str
    type: str = UNKNOWN
    is_inexact: bool = False
    """Its last digits depend on the order in which floating numbers were added."""

    @property
    def is_unheld(self) -> bool:
        """No Spark type is proven to hold its values: it can be passed on, and nothing else."""
        return self.type not in {UNKNOWN, "NULL"} and spark_type(self.type) is None


@dataclass(frozen=True)
class Term:
    """An expression written for Spark, with the type that DuckDB gives it."""

    sql: str
    type: str
    is_inexact: bool = False

    @property
    def kind(self) -> str:
        """The kind of its type."""
        return kind(self.type)

    @property
    def is_known(self) -> bool:
        """Its type is known."""
        return self.type != UNKNOWN


def line_of(node: exp.Expr, above: int = 1) -> int:
    """Give the line that a node stands in, or the first one within it."""
    lines = [each.meta["line"] for each in node.walk() if "line" in each.meta]
    return min(lines, default=above)


def refused(what: str, node: exp.Expr, mend: str) -> SqlRefused:
    """Say that a construct is not proven to give the same on both engines."""
    return SqlRefused(
        f"{what} is not proven to give the same on Spark as in DuckDB.", line_of(node), mend
    )


def only(node: exp.Expr, *known: str) -> None:
    """Refuse a node that says more than is known of it."""
    for name, value in node.args.items():
        if value not in (None, False, []) and name not in known:
            word = name.strip("_").replace("_", " ")
            raise refused(
                f"{type(node).__name__} with {word}",
                node,
                "Write it without, or in a plainer form.",
            )


def to_type(term: Term, wanted: str, node: exp.Expr) -> Term:
    """Cast a term as DuckDB would, openly or by itself."""
    if term.type == wanted or UNKNOWN in (term.type, wanted):
        return replace(term, type=wanted)
    if term.is_inexact and wanted != "DOUBLE":
        raise refused("The cast of a floating sum", node, MENDS["inexact"])
    try:
        sql = cast(term.sql, given=term.type, wanted=wanted)
    except Unproven as error:
        raise refused(
            f"The {error} ({term.type} to {wanted})",
            node,
            "Cast by way of another type, or at the source.",
        ) from None
    return Term(sql, wanted, term.is_inexact)


def exactly(terms: Iterable[Term | Column], node: exp.Expr, doing: str) -> None:
    """Refuse floating sums where their last digits would decide."""
    if any(term.is_inexact for term in terms):
        raise refused(f"A floating sum in {doing}", node, MENDS["inexact"])


def meeting(terms: Sequence[Term], node: exp.Expr) -> list[Term]:
    """Bring terms that are compared to one type, as DuckDB does."""
    exactly(terms, node, "a comparison")
    known = [term for term in terms if term.kind != "null"]
    kinds = {term.kind for term in known}
    if UNKNOWN in {term.type for term in known} or len({term.type for term in known}) <= 1:
        return list(terms)
    if all(is_exact(term.type) for term in known):
        return [_exact(term, known, node) for term in terms]
    if kinds <= {"integer", "decimal", "double"}:
        return [to_type(term, "DOUBLE", node) for term in terms]
    if kinds == {"date", "timestamp"}:
        return [to_type(term, "TIMESTAMP", node) for term in terms]
    if len(kinds) == 1:
        return list(terms)
    raise refused(f"Comparing {' with '.join(sorted(kinds))}", node, MENDS["text"])


def _exact(term: Term, beside: Sequence[Term], node: exp.Expr) -> Term:
    types = {each.type for each in beside}
    widest = common(types)
    if widest is None or not widest.scale:
        return replace(term, sql=f"cast({term.sql} as decimal({MAX_DIGITS},0))")
    if widest.whole + widest.scale > MAX_DIGITS:
        raise refused(f"Comparing {' and '.join(sorted(types))}", node, "Cast both to one decimal.")
    return replace(term, sql=f"cast({term.sql} as decimal({widest.precision},{widest.scale}))")


def text_literal(text: str) -> str:
    """Write text as Spark reads it, where a backslash begins an escape."""
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


def number(term: Term) -> str:
    """Write an exact number as the decimal that it is in arithmetic with decimals."""
    return f"cast({term.sql} as {as_decimal(term.type)})"
