"""What the main chart of a KPI is made of: what goes in (periods, how to read them), and the drawn pieces that come out.

Positions across are per cent of the drawing, down px. Not here: where anything lies (chart, chart_axis, chart_labels) and
what is said (chart_words).
"""

from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from reports.words.text import later

TARGET, RED_FLAG = later("target"), later("red flag")


class Month(NamedTuple):
    """One period of a chart, mostly a month, in stored units."""

    month: date
    actual: float | None = None
    target: float | None = None
    red: float | None = None
    first_reported: float | None = None
    """Where it is another than the actual, as a reader sees it."""
    low: float | None = None
    mean: float | None = None
    high: float | None = None
    good: tuple[float, float] | None = None
    """Lowest and highest value that score 100, of the rule range."""
    fair: tuple[float, float] | None = None
    """Beyond these it scores 0."""
    interval: tuple[float, float] | None = None
    """The 95% interval of a survey's value."""
    baseline: str = ""
    """Why a person began the usual range anew with this period."""


@dataclass(frozen=True)
class Reading:
    """What the lines of a chart are; their words are said where they are shown."""

    target: str = TARGET
    red: str = RED_FLAG
    is_banded: bool = True
    """Between red flag and target lies a band; else they are lines alone."""
    is_rising: bool = True
    """The better band lies above."""
    is_score: bool = False
    """The chart shows scores of 100."""


@dataclass(frozen=True)
class Judged:
    """What colours the last point."""

    is_signal: bool = False
    is_off_track: bool = False


@dataclass(frozen=True)
class Band:
    """A rectangle of a band's tint."""

    style: str
    x: str
    width: str
    y: str
    height: str


@dataclass(frozen=True)
class Tick:
    """A label of the vertical axis."""

    y: str
    text: str


@dataclass(frozen=True)
class Label:
    """A direct label right of the chart."""

    y: str
    number: str
    word: str
    style: str
    is_point: bool
    """A scoring point, or the last value: it stays where there is little room."""
    is_short: bool
    """Its word stays, too."""
    leader: str
    """Path from what it names to where it stands; empty where that is the same height."""


class Point(NamedTuple):
    """A month's point, with what a reader is told on it."""

    x: str
    y: str
    title: str


@dataclass(frozen=True)
class Reported:
    """A hollow dot: what was first reported of a month."""

    x: str
    y: str
    now_y: str
    title: str


@dataclass(frozen=True)
class Whisker:
    """The interval of a point."""

    x: str
    y1: str
    y2: str


@dataclass(frozen=True)
class Anew:
    """Where a person began the usual range anew."""

    x: str
    is_late: bool
    """It lies in the right half: its words stand left of it."""
    is_named: bool
    """Words stand beside it: of the last one only, since those of two could meet."""
    period: str
    reason: str


@dataclass(frozen=True)
class MonthLabel:
    """A label of the horizontal axis."""

    x: str
    text: str
    year: str
    is_wide: bool
    """Dropped on a phone."""


@dataclass(frozen=True)
class Last:
    """The last month's point; its value stands among the direct labels."""

    x: str
    y: str
    style: str
    is_ring: bool


@dataclass(frozen=True)
class Chart:
    """A drawn chart."""

    title: str
    description: str
    ticks: tuple[Tick, ...]
    bands: tuple[Band, ...]
    limits: tuple[str, ...]
    """Paths of the lower and the upper limit."""
    mean: str
    targets: str
    """Path of the targets' ticks, one per period."""
    flags: tuple[str, ...]
    """Paths of lines that no band shows."""
    whiskers: tuple[Whisker, ...]
    anew: tuple[Anew, ...]
    path: str
    points: tuple[Point, ...]
    reported: tuple[Reported, ...]
    last: Last | None
    labels: tuple[Label, ...]
    months: tuple[MonthLabel, ...]
    is_wide: bool
    """Its numbers are long and need room at both sides."""
    zero: str | None
    """Height of the line of zero, where values lie on both sides."""
    caption: str
