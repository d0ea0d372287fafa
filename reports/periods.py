"""Months and longer periods as the pages need them: arithmetic, and which of them are shown.

Not here: how a period is written (language).
"""

from datetime import date
from functools import cache, lru_cache

from scorecard.terms import MONTHS

SHOWN_MONTHS = 24
SHOWN = {"month": SHOWN_MONTHS, "quarter": 12, "half": 8, "year": 6}
"""How many periods a KPI's chart goes back."""
WORDS = {
    "month": ("month", "months"),
    "quarter": ("quarter", "quarters"),
    "half": ("half-year", "half-years"),
    "year": ("year", "years"),
}
"""One period and several, in words."""


@lru_cache(maxsize=4096)
def add_months(month: date, count: int) -> date:
    """Return the first day of the month that lies `count` months after (before, if negative) the given one."""
    index = month.year * 12 + month.month - 1 + count
    return date(index // 12, index % 12 + 1, 1)


@cache
def months_until(last: date, count: int = SHOWN_MONTHS) -> tuple[date, ...]:
    """Return `count` months, oldest first, ending with the given one."""
    return tuple(add_months(last, -offset) for offset in range(count - 1, -1, -1))


def months_between(first: date, last: date) -> int:
    """Return how many months lie between two months."""
    return (last.year - first.year) * 12 + last.month - first.month


@cache
def shown_until(last: date, grain: str) -> tuple[date, ...]:
    """Return the first days of the periods shown of a grain, oldest first, ending with the given one."""
    step = MONTHS[grain]
    return tuple(add_months(last, -offset * step) for offset in range(SHOWN[grain] - 1, -1, -1))


def last_closed(month: date, grain: str, *, fiscal_start: int) -> date:
    """Return the first day of the last period of a grain that ends with a month, or before it."""
    step = MONTHS[grain]
    following = add_months(month, 1)
    into = (following.month - fiscal_start) % 12 % step
    return add_months(following, -into - step)


def ordinal(start: date, grain: str, *, fiscal_start: int) -> int:
    """Return which one of its fiscal year a period is, from 1."""
    return (start.month - fiscal_start) % 12 // MONTHS[grain] + 1


def fiscal_year(start: date, *, fiscal_start: int) -> int:
    """Return the calendar year in which the fiscal year of a month begins."""
    return start.year if start.month >= fiscal_start else start.year - 1
