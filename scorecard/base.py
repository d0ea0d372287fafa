"""What every part of the model shares: the strict base class, and the forms of identifiers, days and amounts.

Not here: anything with a meaning of its own in the method.
"""

import re
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

Id = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$", max_length=60)]
"""An identifier: lower case, digits and underscores, so that it serves in SQL, in a file name and in an address."""

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
"""Text that a person reads; never empty."""


def _only_a_day(value: Any) -> Any:
    """Refuse what pydantic would take for seconds since 1970, or for a moment."""
    is_text = isinstance(value, str) and re.fullmatch(r"\d{4}-\d{2}-\d{2}", value.strip())
    if is_text or (isinstance(value, date) and not isinstance(value, datetime)):
        return value
    raise ValueError("a day is written 2026-09-30")


Day = Annotated[date, BeforeValidator(_only_a_day, json_schema_input_type=date)]
"""A day, written 2026-09-30."""

Amount = Annotated[Decimal, Field(max_digits=38, decimal_places=9, allow_inf_nan=False)]
"""A decimal number that fits the warehouse's DECIMAL(38,9)."""


Point = Annotated[Decimal, Field(ge=Decimal("-1e29"), le=Decimal("1e29"), allow_inf_nan=False)]
"""A scoring point: a number with any decimals, used as a double."""


class Part(BaseModel):
    """A part of the workspace: frozen, and refusing keys that it does not know."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        str_strip_whitespace=True,
        allow_inf_nan=False,
        use_attribute_docstrings=True,
    )
