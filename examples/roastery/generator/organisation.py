"""Kestrel Coffee's places, departments and calendar, and the one source of chance.

Not here: what happens to them (`stories`), and unit names for people (`company.yaml`).
"""

from calendar import monthrange
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import Literal

FIRST_DAY = date(2023, 10, 1)
TODAY = date(2026, 10, 5)
"""The morning on which the data are looked at; the last complete month is September 2026."""

REGIONS = ("north", "east", "south", "west")
Channel = Literal["shop", "online", "wholesale"]


@dataclass(frozen=True)
class Place:
    """Where something is sold. `size` scales its sales against an average place of its channel."""

    code: str
    unit_id: str
    region: str
    channel: Channel
    size: float


SHOPS = (
    Place("S01", "hamburg", "north", "shop", 1.25),
    Place("S02", "bremen", "north", "shop", 0.90),
    Place("S03", "kiel", "north", "shop", 0.75),
    Place("S04", "berlin", "east", "shop", 1.40),
    Place("S05", "leipzig", "east", "shop", 1.00),
    Place("S06", "dresden", "east", "shop", 0.85),
    Place("S07", "munich", "south", "shop", 1.35),
    Place("S08", "nuremberg", "south", "shop", 0.90),
    Place("S09", "stuttgart", "south", "shop", 1.00),
    Place("S10", "cologne", "west", "shop", 1.10),
    Place("S11", "duesseldorf", "west", "shop", 0.95),
    Place("S12", "dortmund", "west", "shop", 0.70),
)
ONLINE = Place("ONL", "online", "online", "online", 1.0)
WHOLESALE = (
    Place("W-N", "north", "north", "wholesale", 0.95),
    Place("W-E", "east", "east", "wholesale", 1.00),
    Place("W-S", "south", "south", "wholesale", 1.15),
    Place("W-W", "west", "west", "wholesale", 0.90),
)
PLACES = (*SHOPS, ONLINE, *WHOLESALE)


@dataclass(frozen=True)
class Department:
    """A cost centre and its people. `monthly_costs` are in EUR at the prices of the first month."""

    unit_id: str
    cost_centre: str
    heads: int
    monthly_costs: dict[str, int]


DEPARTMENTS = (
    Department("roasting", "4110", 14, {"wages": 38300, "energy": 19100, "maintenance": 8200}),
    Department("packing", "4120", 12, {"wages": 30300, "freight": 27100, "packaging": 14700}),
    Department("procurement", "4130", 4, {"wages": 14700, "travel": 2100}),
    Department("retail", "4210", 72, {"wages": 197600, "rent": 83700, "supplies": 20900}),
    Department("wholesale", "4220", 6, {"wages": 22700, "travel": 3600}),
    Department("digital", "4230", 6, {"wages": 20000, "marketing": 21800}),
    Department("research", "4310", 4, {"wages": 13800, "trials": 6400}),
    Department("people", "4320", 3, {"wages": 11100, "training": 4600}),
    Department("finance", "4330", 6, {"wages": 21800, "insurance": 6900, "it": 11100}),
)


@dataclass(frozen=True)
class Month:
    """A calendar month; `index` counts from the first month of the data."""

    year: int
    month: int

    @property
    def index(self) -> int:
        """Months since the first."""
        return (self.year - FIRST_DAY.year) * 12 + self.month - FIRST_DAY.month

    @property
    def first_day(self) -> date:
        """The first day."""
        return date(self.year, self.month, 1)

    @property
    def last_day(self) -> date:
        """The last day."""
        return date(self.year, self.month, monthrange(self.year, self.month)[1])

    def days(self) -> list[date]:
        """Every day of it."""
        first = self.first_day
        return [first + timedelta(days=number) for number in range(self.last_day.day)]

    def working_days(self) -> list[date]:
        """Its days from Monday to Friday."""
        return [day for day in self.days() if day.weekday() < 5]  # noqa: PLR2004 Saturday is 5

    def __str__(self) -> str:
        """Give it as `2026-09`."""
        return f"{self.year}-{self.month:02d}"


def months(*, until: date) -> Iterator[Month]:
    """Yield each month from the first up to the one that holds `until`."""
    year, month = FIRST_DAY.year, FIRST_DAY.month
    while (year, month) <= (until.year, until.month):
        yield Month(year, month)
        year, month = (year, month + 1) if month < 12 else (year + 1, 1)  # noqa: PLR2004 December


def closed_months(*, until: date) -> list[Month]:
    """Give the months that have ended before `until`."""
    return [month for month in months(until=until) if month.last_day < until]


def days(*, until: date) -> Iterator[date]:
    """Yield each day from the first up to the day before `until`."""
    for number in range((until - FIRST_DAY).days):
        yield FIRST_DAY + timedelta(days=number)


def chance(seed: int, what: str) -> Random:
    """Give the random numbers for one table; tables do not disturb each other's."""
    return Random(f"kestrel {seed} {what}")  # noqa: S311 made-up data, no secret


YEAR_SHAPE = (0.97, 0.96, 0.98, 0.97, 0.98, 0.95, 0.92, 0.93, 0.99, 1.04, 1.11, 1.28)
WEEK_SHAPE = (0.88, 0.92, 0.95, 1.00, 1.10, 1.28, 0.87)


def season(day: date) -> float:
    """Give the demand of a day's month against an average month."""
    return YEAR_SHAPE[day.month - 1]


def years_since_start(day: date) -> float:
    """Give the time since the first day, in years."""
    return (day - FIRST_DAY).days / 365.25
