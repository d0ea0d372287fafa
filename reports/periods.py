"""Months as the pages need them: arithmetic and the last 24 of them.

Not here: how a period is written (language).
"""

from datetime import date

SHOWN_MONTHS = 24


def add_months(month: date, count: int) -> date:
    """Return the first day of the month that lies `count` months after (before, if negative) the given one."""
    index = month.year * 12 + month.month - 1 + count
    return date(index // 12, index % 12 + 1, 1)


def months_until(last: date, count: int = SHOWN_MONTHS) -> tuple[date, ...]:
    """Return `count` months, oldest first, ending with the given one."""
    return tuple(add_months(last, -offset) for offset in range(count - 1, -1, -1))


def months_between(first: date, last: date) -> int:
    """Return how many months lie between two months."""
    return (last.year - first.year) * 12 + last.month - first.month
