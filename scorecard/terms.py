"""Terms that the model and the pages share and that need no validation, so that who draws pages does not load the model.

Not here: what the workspace's files may say (the modules that are named after them).
"""

from collections.abc import Mapping
from typing import Literal

Grain = Literal["month", "quarter", "half", "year"]
"""Length of a period; quarters, halves and years are fiscal."""

MONTHS: Mapping[str, int] = {"month": 1, "quarter": 3, "half": 6, "year": 12}
"""Months of a period of each length."""

INTENSIVE: frozenset[str] = frozenset({"ratio", "score"})
"""Aggregations whose target a unit inherits from its parent."""

MANUAL = "manual"
"""The folder of what people enter by hand, and the id of the source that stands for it."""
