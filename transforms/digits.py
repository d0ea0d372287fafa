"""Digits of DuckDB's exact numbers: how many each type holds before and after the point.

Not here: types of other kinds (engines.kinds), and what becomes of columns whose types differ (raw).
"""

import re
from dataclasses import dataclass

INTEGERS = {
    "TINYINT": 3, "SMALLINT": 5, "INTEGER": 10, "BIGINT": 19, "HUGEINT": 38,
    "UTINYINT": 3, "USMALLINT": 5, "UINTEGER": 10, "UBIGINT": 20, "UHUGEINT": 38,
}  # fmt: skip
"""Digits of each type of whole numbers; of huge ones as many as a decimal holds."""
MAX_DIGITS = 38
"""What the widest decimal holds."""
_DECIMAL = re.compile(r"DECIMAL\((\d+),\s*(\d+)\)")


@dataclass(frozen=True)
class Digits:
    """Digits before and after the point of an exact number's type."""

    whole: int
    scale: int

    @property
    def precision(self) -> int:
        """All of them, as far as a decimal holds so many."""
        return min(self.whole + self.scale, MAX_DIGITS)


def digits_of(name: str) -> Digits | None:
    """Give the digits of an exact number's type; None of any other type."""
    if name in INTEGERS:
        return Digits(INTEGERS[name], 0)
    found = _DECIMAL.fullmatch(name)
    return Digits(int(found[1]) - int(found[2]), int(found[2])) if found else None


def common(types: set[str]) -> Digits | None:
    """Give the digits in which exact numbers of all these types fit; None where a type is no exact number."""
    found = [digits_of(each) for each in types]
    known = [each for each in found if each is not None]
    if not known or len(known) < len(found):
        return None
    return Digits(max(each.whole for each in known), max(each.scale for each in known))
