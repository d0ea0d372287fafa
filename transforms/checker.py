"""The seam to Great Expectations: what is asked of it and what it answers, in plain values.

Importing Great Expectations takes seconds, so that only `open_checker` does it, and only a run with something new to check
calls it.

Not here: Great Expectations itself (pushdown), and what is asked of which table (contracts, audit).
"""

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from types import ModuleType
from typing import Any, Protocol

import duckdb

from transforms.light_import import light_import


class CheckerCrashed(Exception):
    """The checker itself failed: this says nothing of the data."""


@dataclass(frozen=True)
class Asked:
    """One expectation, by its Great Expectations type and arguments."""

    type: str
    kwargs: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Answer:
    """What came of one expectation. `crash` is set where it could not be evaluated, and then `success` means nothing."""

    success: bool
    unexpected_count: int | None = None
    row_count: int | None = None
    observed: str | None = None
    crash: str | None = None


class Checker(Protocol):
    """Evaluates expectations on the tables of one DuckDB connection."""

    def validate(
        self, table: str, asked: Sequence[Asked], *, schema: str = "main"
    ) -> tuple[Answer, ...]:
        """Evaluate `asked` on a table or view; one answer each, in their order.

        Raises:
            CheckerCrashed: nothing could be evaluated at all.

        """
        ...


def open_checker(connection: duckdb.DuckDBPyConnection) -> Checker:
    """Open Great Expectations on `connection` and have it first judge a table whose verdicts are known.

    Raises:
        CheckerCrashed: it did not judge that table as it must.

    """
    pushdown = great_expectations()
    pushdown.test_itself()
    checker: Checker = pushdown.Pushdown(connection)
    return checker


def great_expectations() -> ModuleType:
    """Import `transforms.pushdown`, and with it Great Expectations.

    Raises:
        CheckerCrashed: it cannot be imported.

    """
    try:
        with warnings.catch_warnings(), light_import():
            # What Great Expectations and the libraries below it deprecate is for their authors.
            warnings.simplefilter("ignore", DeprecationWarning)
            return import_module("transforms.pushdown")
    except ImportError as error:
        raise CheckerCrashed(
            f"Great Expectations cannot be imported: {error}. Install the locked dependencies anew."
        ) from error
