"""`contracts/<source>__<table>.yaml`: what must be true of a table before its load is used.

Not here: running a contract (transforms).
"""

from typing import Annotated, Any, Literal

from pydantic import Field

from scorecard.base import Id, Part, Text


class Expectation(Part):
    """One Great Expectations expectation over the table as staging would read it, were the load accepted."""

    type: Annotated[str, Field(pattern=r"^expect_[a-z_]+$")]
    """The expectation's name in Great Expectations."""
    severity: Literal["fail", "warn"] = "fail"
    """`fail`: the load is not used. `warn`: it is used, and the failure is shown."""
    kwargs: dict[str, Any] = {}
    """The expectation's arguments."""
    reason: str = ""
    """Why this must be so, shown beside a failure."""


class RowRule(Part):
    """What must hold for each row of a load. Rows for which it is not true are quarantined, with the reason."""

    name: Id
    """Its identifier within the contract."""
    condition: Text
    """A DuckDB SQL expression over the row's columns: `amount >= 0`."""
    reason: Text
    """Why rows that break it are set aside; shown beside each."""


class Contract(Part):
    """A table's contract.

    A load of which more rows are quarantined than `quarantine_limit` and `quarantine_rows` both allow is not used.
    """

    description: str = ""
    """What the table is."""
    quarantine_limit: Annotated[float, Field(ge=0, le=1)] = 0.0
    """The greatest share of rows, 0 to 1, that may be set aside by row rules."""
    quarantine_rows: Annotated[int, Field(ge=0)] = 0
    """So many rows of one load may be held back whatever their share, so that one bad row in a small increment does not hold up the good ones."""
    expectations: tuple[Expectation, ...] = ()
    """What must be true of the table."""
    row_rules: tuple[RowRule, ...] = ()
    """What must be true of each row."""
