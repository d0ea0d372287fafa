"""The expectations that a contract may hold: which, with which arguments, on columns of which types, and how they read.

Only what Great Expectations evaluates inside DuckDB without SQL of the contract's own is let through: no row conditions, no
queries, nothing that reads another table.

Not here: evaluating them (checker), and row rules (rules).
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from scorecard.contracts import Contract, Expectation

_BOUNDS = ("min_value", "max_value", "strict_min", "strict_max")
_ROWS = ("mostly",)
_COLUMN_ARGUMENTS = ("column", "column_A", "column_B", "column_list")


@dataclass(frozen=True)
class Kind:
    """What is known of one type of expectation."""

    check: str
    """The check's name, with places for the columns and for `{bounds}`: states the truth asserted."""
    sentence: str
    """The same as a sentence's core."""
    required: tuple[str, ...]
    optional: tuple[str, ...] = ()
    needs: str | None = None
    """The class of column type that it needs; `values` where its bounds or set say it."""


_KINDS: dict[str, Kind] = {
    "expect_column_values_to_not_be_null": Kind(
        "{column}_is_not_null", "{column} is never empty", ("column",), _ROWS
    ),
    "expect_column_values_to_be_null": Kind(
        "{column}_is_null", "{column} is always empty", ("column",), _ROWS
    ),
    "expect_column_values_to_be_unique": Kind(
        "{column}_is_unique", "{column} is unique", ("column",), _ROWS
    ),
    "expect_column_values_to_be_between": Kind(
        "{column}_is_{bounds}", "{column} is {bounds}", ("column",), (*_BOUNDS, *_ROWS), "values"
    ),
    "expect_column_values_to_be_in_set": Kind(
        "{column}_is_in_set", "{column} is one of {value_set}", ("column", "value_set"), _ROWS, "values"
    ),
    "expect_column_values_to_not_be_in_set": Kind(
        "{column}_is_not_in_set", "{column} is none of {value_set}", ("column", "value_set"), _ROWS, "values"
    ),
    "expect_column_values_to_match_regex": Kind(
        "{column}_matches_regex", "{column} matches {regex}", ("column", "regex"), _ROWS, "text"
    ),
    "expect_column_values_to_not_match_regex": Kind(
        "{column}_does_not_match_regex", "{column} does not match {regex}", ("column", "regex"), _ROWS, "text"
    ),
    "expect_column_values_to_match_like_pattern": Kind(
        "{column}_matches_pattern", "{column} is like {like_pattern}", ("column", "like_pattern"), _ROWS, "text"
    ),
    "expect_column_values_to_not_match_like_pattern": Kind(
        "{column}_does_not_match_pattern", "{column} is not like {like_pattern}", ("column", "like_pattern"), _ROWS, "text"
    ),
    "expect_column_value_lengths_to_be_between": Kind(
        "{column}_length_is_{bounds}", "the length of {column} is {bounds}", ("column",), (*_BOUNDS, *_ROWS), "text"
    ),
    "expect_column_value_lengths_to_equal": Kind(
        "{column}_length_is_{value}", "the length of {column} is {value}", ("column", "value"), _ROWS, "text"
    ),
    "expect_column_pair_values_a_to_be_greater_than_b": Kind(
        "{column_A}_is_greater_than_{column_B}", "{column_A} is greater than {column_B}", ("column_A", "column_B"),
        ("or_equal", "ignore_row_if", *_ROWS),
    ),
    "expect_column_pair_values_to_be_equal": Kind(
        "{column_A}_equals_{column_B}", "{column_A} equals {column_B}", ("column_A", "column_B"), ("ignore_row_if", *_ROWS)
    ),
    "expect_compound_columns_to_be_unique": Kind(
        "{column_list}_is_unique", "{column_list} together are unique", ("column_list",), ("ignore_row_if", *_ROWS)
    ),
    "expect_multicolumn_sum_to_equal": Kind(
        "sum_of_{column_list}_is_{sum_total}", "the sum of {column_list} is {sum_total}", ("column_list", "sum_total"),
        ("ignore_row_if", *_ROWS), "number",
    ),
    "expect_column_min_to_be_between": Kind(
        "min_{column}_is_{bounds}", "the smallest {column} is {bounds}", ("column",), _BOUNDS, "values"
    ),
    "expect_column_max_to_be_between": Kind(
        "max_{column}_is_{bounds}", "the greatest {column} is {bounds}", ("column",), _BOUNDS, "values"
    ),
    "expect_column_mean_to_be_between": Kind(
        "mean_{column}_is_{bounds}", "the mean of {column} is {bounds}", ("column",), _BOUNDS, "number"
    ),
    "expect_column_median_to_be_between": Kind(
        "median_{column}_is_{bounds}", "the median of {column} is {bounds}", ("column",), _BOUNDS, "number"
    ),
    "expect_column_stdev_to_be_between": Kind(
        "stdev_{column}_is_{bounds}", "the standard deviation of {column} is {bounds}", ("column",), _BOUNDS, "number"
    ),
    "expect_column_sum_to_be_between": Kind(
        "sum_{column}_is_{bounds}", "the sum of {column} is {bounds}", ("column",), _BOUNDS, "number"
    ),
    "expect_column_unique_value_count_to_be_between": Kind(
        "distinct_{column}_count_is_{bounds}", "the number of distinct {column} is {bounds}", ("column",), _BOUNDS
    ),
    "expect_column_proportion_of_unique_values_to_be_between": Kind(
        "distinct_{column}_share_is_{bounds}", "the share of distinct {column} is {bounds}", ("column",), _BOUNDS
    ),
    "expect_column_proportion_of_non_null_values_to_be_between": Kind(
        "filled_{column}_share_is_{bounds}", "the share of rows with {column} is {bounds}", ("column",), _BOUNDS
    ),
    "expect_column_distinct_values_to_be_in_set": Kind(
        "distinct_{column}_is_in_set", "{column} takes no value but {value_set}", ("column", "value_set"), (), "values"
    ),
    "expect_column_distinct_values_to_contain_set": Kind(
        "distinct_{column}_contains_set", "{column} takes each of {value_set}", ("column", "value_set"), (), "values"
    ),
    "expect_column_distinct_values_to_equal_set": Kind(
        "distinct_{column}_equals_set", "{column} takes exactly {value_set}", ("column", "value_set"), (), "values"
    ),
    "expect_column_most_common_value_to_be_in_set": Kind(
        "most_common_{column}_is_in_set", "the most common {column} is one of {value_set}", ("column", "value_set"),
        ("ties_okay",), "values",
    ),
    "expect_column_to_exist": Kind(
        "{column}_exists", "the column {column} exists", ("column",), ("column_index",)
    ),
    "expect_column_type_to_be": Kind(
        "{column}_type_is_{type_}", "the type of {column} is {type_}", ("column", "type_")
    ),
    "expect_table_column_count_to_be_between": Kind(
        "column_count_is_{bounds}", "the number of columns is {bounds}", (), _BOUNDS
    ),
    "expect_table_column_count_to_equal": Kind(
        "column_count_is_{value}", "the number of columns is {value}", ("value",)
    ),
    "expect_table_columns_to_match_ordered_list": Kind(
        "columns_match_list", "the columns are {column_list}, in this order", ("column_list",)
    ),
    "expect_table_columns_to_match_set": Kind(
        "columns_match_set", "the columns are {column_set}", ("column_set",), ("exact_match",)
    ),
    "expect_table_row_count_to_be_between": Kind(
        "row_count_is_{bounds}", "the number of rows is {bounds}", (), _BOUNDS
    ),
    "expect_table_row_count_to_equal": Kind(
        "row_count_is_{value}", "the number of rows is {value}", ("value",)
    ),
}  # fmt: skip
_ABOUT_COLUMNS = frozenset({"expect_column_to_exist", "expect_table_columns_to_match_ordered_list"})
"""They ask whether columns exist, so that a missing one is theirs to tell."""
_NUMBERS = re.compile(r"^(U?(TINY|SMALL|BIG|HUGE)INT|U?INTEGER|DECIMAL.*|DOUBLE|FLOAT|BIGNUM)$")
_MOMENTS = re.compile(r"^(DATE|TIMESTAMP.*)$")
_BOUND_CLASSES: dict[bool, set[str | None]] = {True: {"number", "date", None}, False: {"number"}}
"""What bounds may be: dates too, where it is the column's own values that are bounded."""
_MAX_NAME = 120


def faults(contract: Contract) -> Iterator[tuple[str, str]]:
    """Tell what in a contract's expectations is not let through: what, and the mend. Row rules: see sql_guard."""
    for expectation in contract.expectations:
        yield from expectation_faults(expectation)


def expectation_faults(expectation: Expectation) -> Iterator[tuple[str, str]]:
    """Tell what in one expectation is not let through: what, and the mend."""
    kind = _KINDS.get(expectation.type)
    if kind is None:
        yield (
            f"{expectation.type} is not among the expectations that a contract may hold.",
            f"Use one of: {', '.join(sorted(_KINDS))}; or write a row rule.",
        )
        return
    known = (*kind.required, *kind.optional)
    given = expectation.kwargs
    for name in sorted(set(kind.required) - set(given)):
        yield f"{expectation.type} needs {name}.", f"Add `{name}:` to its kwargs."
    for name in sorted(set(given) - set(known)):
        yield (
            f"{expectation.type} does not take {name}.",
            f"It takes {', '.join(known) or 'nothing'}.",
        )
    for name in sorted(set(given) & set(known)):
        if not _is_plain(given[name]):
            yield (
                f"{expectation.type}: {name} must be a value or a list of values.",
                "Write it out.",
            )
    if "min_value" in kind.optional:
        yield from _bound_faults(expectation, kind)


def _bound_faults(expectation: Expectation, kind: Kind) -> Iterator[tuple[str, str]]:
    bounds = [expectation.kwargs.get(name) for name in ("min_value", "max_value")]
    if bounds == [None, None]:
        yield f"{expectation.type} needs a bound.", "Add `min_value:`, `max_value:` or both."
    for bound in bounds:
        if (
            bound is not None
            and _class_of_value(bound) not in _BOUND_CLASSES[kind.needs == "values"]
        ):
            yield (
                f"{expectation.type} cannot take the bound {bound!r}.",
                "Write a number, or a date as 2026-01-31 where the column holds dates.",
            )


def check_name(expectation: Expectation) -> str:
    """Name the check after the truth it asserts: `amount_is_not_null`; letters, digits and underscores only."""
    kind = _KINDS.get(expectation.type)
    if kind is None:
        return _slug(expectation.type.removeprefix("expect_"))
    places = {**expectation.kwargs, "bounds": _bounds_name(expectation.kwargs)}
    return _slug(
        re.sub(
            r"\{(\w+)\}", lambda found: _slug(_joined(places.get(found[1]), "_and_")), kind.check
        )
    )[:_MAX_NAME]


def sentence(expectation: Expectation) -> str:
    """Say what is expected, as the core of a sentence."""
    kind = _KINDS.get(expectation.type)
    if kind is None:
        return expectation.type
    places = {**expectation.kwargs, "bounds": _bounds_text(expectation.kwargs)}
    core = re.sub(r"\{(\w+)\}", lambda found: _joined(places.get(found[1]), ", "), kind.sentence)
    if expectation.kwargs.get("or_equal"):
        core = core.replace("greater than", "greater than or equal to")
    mostly = expectation.kwargs.get("mostly")
    if isinstance(mostly, int | float) and mostly < 1:
        core += f" in at least {mostly * 100:g} % of the rows"
    return core


def column_fault(expectation: Expectation, columns: Mapping[str, str]) -> str | None:
    """Tell why a table with these columns (name to DuckDB type) cannot meet the expectation, whatever its rows.

    A column that is not there, or came as another type than the expectation compares with, is a fault of the data: it is
    found here, so that it is not mistaken for a crash of the checker.
    """
    if expectation.type in _ABOUT_COLUMNS:
        return None
    for name in _columns_named(expectation):
        if name not in columns:
            return f"The column {name} is missing; there are {', '.join(columns) or 'none'}."
    needed = _needed(expectation)
    for name in _columns_named(expectation) if needed else ():
        found = _class_of(columns[name])
        if found not in (needed, "other"):
            return (
                f"The column {name} came as {columns[name]}, which does not compare with {needed}: "
                "either the source has changed, or its type is to be declared in sources.yaml."
            )
    return None


def _is_plain(value: Any) -> bool:
    if isinstance(value, list | tuple):
        return all(_is_plain(item) and not isinstance(item, list | tuple) for item in value)
    return value is None or isinstance(value, str | int | float | date)


def _columns_named(expectation: Expectation) -> Iterator[str]:
    for argument in _COLUMN_ARGUMENTS:
        value = expectation.kwargs.get(argument)
        if isinstance(value, str):
            yield value
        elif isinstance(value, list | tuple):
            yield from (str(item) for item in value)


def _needed(expectation: Expectation) -> str | None:
    kind = _KINDS.get(expectation.type)
    if kind is None or kind.needs != "values":
        return kind.needs if kind else None
    kwargs = expectation.kwargs
    values = [kwargs.get("min_value"), kwargs.get("max_value"), *(kwargs.get("value_set") or ())]
    classes = {_class_of_value(value) for value in values if value is not None}
    return classes.pop() if len(classes) == 1 else None


def _class_of_value(value: Any) -> str | None:
    if isinstance(value, bool):
        return "true or false"
    if isinstance(value, int | float):
        return "number"
    if isinstance(value, date):
        return "date"
    try:
        datetime.fromisoformat(str(value))
    except ValueError:
        return "text"
    return None  # a text that reads as a date serves for both


def _class_of(column_type: str) -> str:
    kind = column_type.upper()
    if _NUMBERS.match(kind):
        return "number"
    if _MOMENTS.match(kind):
        return "date"
    return {"VARCHAR": "text", "BOOLEAN": "true or false"}.get(kind, "other")


def _bounds_name(kwargs: Mapping[str, Any]) -> str:
    low, high = kwargs.get("min_value"), kwargs.get("max_value")
    if low is not None and high is not None:
        return f"between_{_slug(str(low))}_and_{_slug(str(high))}"
    if low is not None:
        return f"{'above' if kwargs.get('strict_min') else 'at_least'}_{_slug(str(low))}"
    return f"{'below' if kwargs.get('strict_max') else 'at_most'}_{_slug(str(high))}"


def _bounds_text(kwargs: Mapping[str, Any]) -> str:
    low, high = kwargs.get("min_value"), kwargs.get("max_value")
    strict_low, strict_high = kwargs.get("strict_min"), kwargs.get("strict_max")
    if low is not None and high is not None and not (strict_low or strict_high):
        return f"between {low} and {high}"
    parts = []
    if low is not None:
        parts.append(f"{'above' if strict_low else 'at least'} {low}")
    if high is not None:
        parts.append(f"{'below' if strict_high else 'at most'} {high}")
    return " and ".join(parts)


def _joined(value: Any, separator: str) -> str:
    if isinstance(value, list | tuple | set):
        return separator.join(str(item) for item in _shortened(value))
    return str(value)


def _shortened(values: Iterable[Any], longest: int = 8) -> list[Any]:
    listed = list(values)
    return listed if len(listed) <= longest else [*listed[:longest], "…"]


def _slug(text: str) -> str:
    """Make a name of letters, digits and underscores; a minus and a point between digits are told."""
    told = re.sub(r"(?<![\w])-(?=\d)", "minus_", text)
    return re.sub(r"[^a-z0-9]+", "_", told.lower()).strip("_")
