"""Months and fiscal periods, once more in plain Python.

A month is a number: twelve times its year plus its month, from 0.
"""

from dataclasses import dataclass
from datetime import date, timedelta

GRAINS = ("month", "quarter", "half", "year", "ytd", "ttm")
LENGTH = {"month": 1, "quarter": 3, "half": 6, "year": 12}
ROLLING = ("ytd", "ttm")


def month_of(day: date) -> int:
    """Give the number of a day's month."""
    return day.year * 12 + day.month - 1


def first_day(month: int) -> date:
    """Give a month's first day."""
    return date(month // 12, month % 12 + 1, 1)


def last_day(month: int) -> date:
    """Give a month's last day."""
    return first_day(month + 1) - timedelta(days=1)


@dataclass(frozen=True)
class Period:
    """Consecutive months under the name of a grain; `months` are never empty."""

    grain: str
    months: tuple[int, ...]

    @property
    def key(self) -> date:
        """Give the date that the warehouse names it by: of rolling periods the last month's first day."""
        return first_day(self.months[-1] if self.grain in ROLLING else self.months[0])

    @property
    def end(self) -> date:
        """Give its last day."""
        return last_day(self.months[-1])


@dataclass(frozen=True)
class Calendar:
    """Fiscal periods."""

    start_month: int

    def _within_year(self, month: int) -> int:
        return (month - (self.start_month - 1)) % 12

    def period(self, grain: str, month: int) -> Period:
        """Give the period of a grain that a month lies in, or, of a rolling one, that it ends."""
        if grain == "ytd":
            return Period(grain, tuple(range(month - self._within_year(month), month + 1)))
        if grain == "ttm":
            return Period(grain, tuple(range(month - 11, month + 1)))
        length = LENGTH[grain]
        first = month - self._within_year(month) % length
        return Period(grain, tuple(range(first, first + length)))

    def ends(self, grain: str, month: int) -> bool:
        """Tell whether a period of a fixed length ends with a month."""
        return self.period(grain, month).months[-1] == month

    def back(self, period: Period, *, months: int) -> Period:
        """Give the period of the same grain whose last month lies so many months before."""
        return self.period(period.grain, period.months[-1] - months)

    def previous(self, period: Period, *, frequency: str) -> Period:
        """Give the period before: of a year to date the one a year ago, of a trailing year the one that ends one step earlier."""
        if period.grain == "ytd":
            return self.back(period, months=12)
        if period.grain == "ttm":
            return self.back(period, months=LENGTH[frequency])
        return self.back(period, months=LENGTH[period.grain])
