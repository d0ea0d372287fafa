"""The audit of a finished warehouse: what must be true of it before it may be published.

Great Expectations judges the marts of values and scores: keys, ranges, sets, finite numbers. It takes ten milliseconds for each
thing asked, so that the many other tables are held to the same by one query each; what goes across tables is asked in SQL.
What is expected follows from the catalogue, so that a new table or column is audited without a word here.

Not here: the audit of the site (reports), and what follows from a finding (pipelines).
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb

from scorecard.contracts import Expectation
from transforms.catalogue import MartTable, catalogue
from transforms.checker import Answer, Asked, Checker, CheckerCrashed, open_checker
from transforms.contracts.results import expectation_result, first_line
from transforms.engine import literal, quoted

GREATEST_DOUBLE = 1.7976931348623157e308
"""Beyond are `inf` and, as DuckDB orders doubles, `nan`."""
_FLOATING = ("DOUBLE", "FLOAT")
# A score above 100 is for its cap to allow: every_score_is_within_its_cap.
_RANGES: Mapping[str, tuple[float, float]] = {
    "score": (0, GREATEST_DOUBLE),
    "points_lost": (-GREATEST_DOUBLE, 100),
    "weight_balance": (0, 100),
    "result_balance": (0, 100),
    "coverage": (0, 1),
    "weight_share": (0, 1),
}
_SETS: Mapping[str, tuple[str, ...]] = {
    "band": ("on_track", "at_risk", "off_track"),
    "data_state": ("current", "stale", "unverified", "no_data", "no_target"),
    "grain": ("month", "quarter", "half", "year", "ytd", "ttm"),
    "value_grain": ("month", "quarter", "half", "year", "ytd", "ttm"),
    "per": ("month", "quarter", "half", "year"),
    "frequency": ("month", "quarter", "half", "year"),
    "component": ("value", "numerator", "denominator"),
    "of_unit": ("unit", "parent", "organisation"),
    "direction": ("higher_is_better", "lower_is_better"),
    "aggregation": ("sum", "ratio", "last", "mean", "distinct", "score", "derived"),
    "verdict": ("passed", "failed", "unchecked", "crashed"),
}
_FILLED = {"scorecard": ("coverage", "data_state", "is_provisional", "is_closed", "is_headline")}
"""Columns that are never empty, by schema, besides keys."""
_DIMENSIONS: Mapping[str, tuple[str, str]] = {
    "kpi_id": ("scorecard.dim_kpi", "kpi_id"),
    "cause_kpi_id": ("scorecard.dim_kpi", "kpi_id"),
    "effect_kpi_id": ("scorecard.dim_kpi", "kpi_id"),
    "objective_id": ("scorecard.dim_objective", "objective_id"),
    "cause_objective_id": ("scorecard.dim_objective", "objective_id"),
    "effect_objective_id": ("scorecard.dim_objective", "objective_id"),
    "perspective_id": ("scorecard.dim_perspective", "perspective_id"),
    "highest_perspective_id": ("scorecard.dim_perspective", "perspective_id"),
    "lowest_perspective_id": ("scorecard.dim_perspective", "perspective_id"),
    "scorecard_id": ("scorecard.dim_scorecard", "scorecard_id"),
    "organisation_id": ("scorecard.dim_unit", "unit_id"),
    "unit_id": ("scorecard.dim_unit", "unit_id"),
    "parent_unit_id": ("scorecard.dim_unit", "unit_id"),
    "ancestor_unit_id": ("scorecard.dim_unit", "unit_id"),
    "measure_id": ("measure.dim_measure", "measure_id"),
    "initiative_id": ("scorecard.initiative", "initiative_id"),
}
"""What the columns of scores and measures name. The ledger may name what is no more; the data quality tables come before."""
_WEAKEST: Mapping[str, str] = {
    "scorecard.objective_score": "kpi_id",
    "scorecard.perspective_score": "objective_id",
    "scorecard.scorecard_score": "perspective_id",
}
_FREE = (("measure.unplaced", "unit_id"),)
"""Columns that name what does not exist, by their meaning."""
_MARTS = frozenset(
    f"scorecard.{name}"
    for name in (
        "kpi_value",
        "kpi_score",
        "objective_score",
        "perspective_score",
        "scorecard_score",
    )
)
"""What Great Expectations itself judges."""
_ONE_ROW = ("scorecard.dim_scorecard", "scorecard.release")
_SQL = Path(__file__).parent / "sql" / "audit"
_SHOWN = 5


@dataclass(frozen=True)
class AuditResult:
    """What one check found."""

    table: str
    """`schema.table`; `*` for a check across tables."""
    name: str
    """The truth that is asserted."""
    passed: bool
    message: str
    crashed: bool = False
    """The check itself failed: this says nothing of the warehouse, which all the same may not be published unaudited."""

    def __str__(self) -> str:
        """Give it as one line."""
        return f"{self.table}: {self.name}: {self.message}"


def audit_marts(warehouse: Path) -> list[AuditResult]:
    """Audit a finished warehouse file, opened read-only. It may be published only if every result has passed."""
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        columns = _columns(connection)
        results = [_has_its_columns(table, columns) for table in catalogue().values()]
        results += _judge_tables(connection, columns)
        results += [_refer(connection, *each) for each in _references(columns)]
        for path in sorted((_SQL / "across").glob("*.sql")):
            results.append(_find_nothing(connection, "*", path.stem, path.read_text("utf-8")))
    return results


@dataclass(frozen=True)
class _Assertion:
    """A named expectation."""

    name: str
    expectation: Expectation


def _judge_tables(
    connection: duckdb.DuckDBPyConnection, columns: Mapping[str, Mapping[str, str]]
) -> Iterator[AuditResult]:
    """Have Great Expectations judge the marts, and hold the many other tables to the same in one query each."""
    try:
        checker = open_checker(connection)
    except CheckerCrashed as crash:
        yield AuditResult("*", "great_expectations_works", False, str(crash), crashed=True)
        return
    for table, present in columns.items():
        assertions = list(_assertions(table, present))
        asked = [assertion.expectation for assertion in assertions]
        answers = (
            _by_great_expectations(checker, table, asked)
            if table in _MARTS
            else _by_query(connection, table, asked)
        )
        for assertion, answer in zip(assertions, answers, strict=True):
            yield _result(table, assertion, answer)


def _by_great_expectations(
    checker: Checker, table: str, expectations: Sequence[Expectation]
) -> Sequence[Answer]:
    schema, name = table.split(".", 1)
    asked = [Asked(each.type, each.kwargs) for each in expectations]
    try:
        return checker.validate(name, asked, schema=schema)
    except CheckerCrashed as crash:
        return [Answer(success=False, crash=first_line(crash))] * len(asked)


def _by_query(
    connection: duckdb.DuckDBPyConnection, table: str, expectations: Sequence[Expectation]
) -> Sequence[Answer]:
    if not expectations:
        return []
    counts = ", ".join(_unexpected(each) for each in expectations)
    query = _fill("table/unexpected", counts=counts, table=quoted(table))
    try:
        (counted,) = connection.execute(query).fetchall()
    except duckdb.Error as error:
        return [Answer(success=False, crash=first_line(error))] * len(expectations)
    return [
        Answer(success=unexpected == 0, unexpected_count=unexpected, row_count=counted[0])
        for unexpected in counted[1:]
    ]


def _unexpected(expectation: Expectation) -> str:
    """Count the rows that break an expectation, as Great Expectations does: null breaks nothing but being filled."""
    kwargs = expectation.kwargs
    if expectation.type == "expect_compound_columns_to_be_unique":
        key = ", ".join(quoted(column) for column in kwargs["column_list"])
        return f"count(*) - count(distinct row({key}))"
    if expectation.type == "expect_table_row_count_to_equal":
        return f"abs(count(*) - {kwargs['value']:d})"
    column = quoted(kwargs["column"])
    if expectation.type == "expect_column_values_to_be_unique":
        return f"count({column}) - count(distinct {column})"
    return f"count(*) filter (where {_breaks(expectation.type, column, kwargs)})"


def _breaks(kind: str, column: str, kwargs: Mapping[str, Any]) -> str:
    if kind == "expect_column_values_to_not_be_null":
        return f"{column} is null"
    if kind == "expect_column_values_to_be_between":
        return f"{column} not between {kwargs['min_value']!r} and {kwargs['max_value']!r}"
    if kind == "expect_column_values_to_be_in_set":
        return f"{column} not in ({', '.join(literal(value) for value in kwargs['value_set'])})"
    raise NotImplementedError(f"{kind} is not among what the audit expects of tables")


def _result(table: str, assertion: _Assertion, answer: Answer) -> AuditResult:
    told = expectation_result(assertion.expectation, answer)
    return AuditResult(
        table,
        assertion.name,
        told.outcome == "passed",
        told.message,
        crashed=told.outcome == "crashed",
    )


def _assertions(table: str, present: Mapping[str, str]) -> Iterator[_Assertion]:
    """Give what must hold for a table; of tables that are not in the catalogue only that their numbers are finite."""
    if table in catalogue():
        yield from _of_catalogued(catalogue()[table], present)
    if not table.startswith("staging."):
        for column, kind in present.items():
            if kind in _FLOATING and column not in _RANGES:
                yield _between(
                    column, -GREATEST_DOUBLE, GREATEST_DOUBLE, name=f"{column}_is_finite"
                )


def _of_catalogued(table: MartTable, present: Mapping[str, str]) -> Iterator[_Assertion]:
    key = [column for column in table.key if column in present]
    if len(key) == len(table.key):
        yield _unique(key)
    filled = [*key, *(_FILLED.get(table.name.split(".")[0], ()))]
    for column in (each for each in dict.fromkeys(filled) if each in present):
        yield _expect(f"{column}_is_not_null", "expect_column_values_to_not_be_null", column=column)
    for column in (each for each in _RANGES if each in present):
        low, high = _RANGES[column]
        yield _between(column, low, high, name=f"{column}_is_{_range_name(low, high)}")
    for column in (each for each in _SETS if each in present):
        yield _expect(
            f"{column}_is_in_set",
            "expect_column_values_to_be_in_set",
            column=column,
            value_set=list(_SETS[column]),
        )
    if table.name in _ONE_ROW:
        yield _expect("row_count_is_1", "expect_table_row_count_to_equal", value=1)


def _range_name(low: float, high: float) -> str:
    if high == GREATEST_DOUBLE:
        return f"at_least_{low:g}"
    return f"at_most_{high:g}" if low == -GREATEST_DOUBLE else f"between_{low:g}_and_{high:g}"


def _unique(key: Sequence[str]) -> _Assertion:
    name = f"{'_and_'.join(key)}_is_unique"
    if len(key) == 1:
        return _expect(name, "expect_column_values_to_be_unique", column=key[0])
    return _expect(name, "expect_compound_columns_to_be_unique", column_list=list(key))


def _between(column: str, low: float, high: float, *, name: str) -> _Assertion:
    return _expect(
        name, "expect_column_values_to_be_between", column=column, min_value=low, max_value=high
    )


def _expect(name: str, kind: str, **kwargs: Any) -> _Assertion:
    return _Assertion(name, Expectation(type=kind, kwargs=kwargs))


def _columns(connection: duckdb.DuckDBPyConnection) -> dict[str, dict[str, str]]:
    """Give the columns of each table, with their types."""
    rows = connection.execute(
        "select schema_name || '.' || table_name, column_name, data_type from duckdb_columns() "
        "where database_name = current_database() and not internal order by 1, column_index"
    ).fetchall()
    found: dict[str, dict[str, str]] = {}
    for table, column, kind in rows:
        found.setdefault(table, {})[column] = kind
    return found


def _has_its_columns(table: MartTable, columns: Mapping[str, Mapping[str, str]]) -> AuditResult:
    expected = [column.name for column in table.columns]
    present = list(columns.get(table.name, ()))
    return AuditResult(
        table.name,
        "columns_are_those_of_the_catalogue",
        present == expected,
        "As expected."
        if present == expected
        else f"Expected: {', '.join(expected)}. Seen: {', '.join(present) or 'no such table'}.",
    )


def _references(
    columns: Mapping[str, Mapping[str, str]],
) -> Iterator[tuple[str, str, tuple[str, str]]]:
    """Give the columns that name something: table, column, and the dimension's table and id."""
    for table, present in columns.items():
        if not table.startswith(("scorecard.", "measure.")) or table not in catalogue():
            continue
        for column in present:
            meant = _WEAKEST.get(table, "") if column == "weakest_child_id" else column
            dimension = _DIMENSIONS.get(meant)
            if dimension and dimension != (table, column) and (table, column) not in _FREE:
                yield table, column, dimension


def _refer(
    connection: duckdb.DuckDBPyConnection, table: str, column: str, dimension: tuple[str, str]
) -> AuditResult:
    query = _fill(
        "table/reference",
        place=literal(table),
        table=quoted(table),
        column=quoted(column),
        dimension=quoted(dimension[0]),
        id=quoted(dimension[1]),
    )
    return _find_nothing(connection, table, f"{column}_is_in_{dimension[0].split('.')[1]}", query)


def _fill(name: str, **parts: str) -> str:
    """Fill the places `$part` of a query with what is already quoted."""
    template = (_SQL / f"{name}.sql").read_text("utf-8")
    return re.sub(r"\$(\w+)", lambda found: parts[found[1]], template)


def _find_nothing(
    connection: duckdb.DuckDBPyConnection, table: str, name: str, query: str
) -> AuditResult:
    """Run a query that must find nothing; what it finds is `table_name` and `found`."""
    try:
        rows = connection.execute(query).fetchall()
    except duckdb.Error as error:
        return AuditResult(table, name, False, first_line(error), crashed=True)
    shown = [found if place == table else f"{place}: {found}" for place, found in rows[:_SHOWN]]
    more = [f"and {len(rows) - _SHOWN} more"] if len(rows) > _SHOWN else []
    return AuditResult(table, name, not rows, "; ".join([*shown, *more]) or "As expected.")
