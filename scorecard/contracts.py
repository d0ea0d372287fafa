"""`contracts/<source>__<table>.yaml`: what must be true of a table before its load is used.

Not here: running a contract (transforms).
"""

from typing import Annotated, Any, Literal

from pydantic import Field

from scorecard.base import Id, Part, Text


class Expectation(Part):
    """One Great Expectations expectation over the table as staging would read it, were the load accepted."""

    type: Annotated[str, Field(pattern=r"^expect_[a-z_]+$")]
    severity: Literal["fail", "warn"] = "fail"
    kwargs: dict[str, Any] = {}
    reason: str = ""


class RowRule(Part):
    """What must hold for each row of a load. Rows for which it is not true are quarantined, with the reason."""

    name: Id
    condition: Text
    """A DuckDB SQL expression over the row's columns: `amount >= 0`."""
    reason: Text


class Contract(Part):
    """A table's contract. A load whose share of quarantined rows is above `quarantine_limit` is not used."""

    description: str = ""
    quarantine_limit: Annotated[float, Field(ge=0, le=1)] = 0.0
    expectations: tuple[Expectation, ...] = ()
    row_rules: tuple[RowRule, ...] = ()
