"""The seam to Great Expectations: what is asked of it and what it answers, in plain values.

Importing Great Expectations takes seconds, so that only `open_checker` does it, and only a run with something new to check
calls it.

Not here: Great Expectations itself (pushdown), and what is asked of which table (contracts, audit).
"""

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

import duckdb


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
    try:
        with warnings.catch_warnings():
            # What Great Expectations and the libraries below it deprecate is for their authors.
            warnings.simplefilter("ignore", DeprecationWarning)
            from transforms.pushdown import (  # noqa: PLC0415 - the import alone takes seconds
                Pushdown,
                test_itself,
            )
    except ImportError as error:
        raise CheckerCrashed(
            f"Great Expectations cannot be imported: {error}. Install the locked dependencies anew."
        ) from error
    test_itself()
    return Pushdown(connection)
