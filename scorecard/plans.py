"""What stands beside the strategy: targets (`targets.csv`), initiatives (`initiatives.yaml`) and commentary.

Not here: the KPIs they speak of.
"""

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field

from scorecard.base import Amount, Day, Id, Part, Point, Text
from scorecard.terms import Grain


class Target(Part):
    """Scoring points of a KPI for a unit, from a date on. `per` says the length of period that they are for.

    Which points a row gives depends on the KPI's rule; `scorecard.points` knows which, and in which order.
    """

    kpi: Id
    """The KPI."""
    unit: Id
    """The unit that the points are for."""
    per: Grain
    """Length of the period that the points are for."""
    valid_from: Day
    """First day of the first period that is scored with these points."""
    red: Point | None = None
    """Rule linear: the red flag, the value that scores 33.33."""
    target: Point | None = None
    """Rules linear (scores 66.67), progress (100), ratio (100) and binary (from here on 100)."""
    worst: Point | None = None
    """Rule linear: the value that scores 0; left out: as far beyond red as red is from target."""
    best: Point | None = None
    """Rule linear: the value that scores 100; left out: as far beyond target as target is from red."""
    min: Point | None = None
    """Rule min_max: the value that scores 0 (100 where lower is better)."""
    max: Point | None = None
    """Rule min_max: the value that scores 100 (0 where lower is better)."""
    baseline: Point | None = None
    """Rule progress: where the way began, the value that scores 0."""
    basis: Point | None = None
    """Rule ratio, optional: the value that scores 0."""
    low: Point | None = None
    """Rule range: the lowest value that scores 100."""
    high: Point | None = None
    """Rule range: the highest value that scores 100."""
    tolerance: Annotated[Point, Field(gt=0)] | None = None
    """Rule range: how far outside the score falls to 0, on both sides."""
    tolerance_below: Annotated[Point, Field(gt=0)] | None = None
    """Rule range: instead of `tolerance`, below `low`."""
    tolerance_above: Annotated[Point, Field(gt=0)] | None = None
    """Rule range: instead of `tolerance`, above `high`."""
    points: tuple[tuple[Point, Point], ...] = ()
    """Rules steps and curve: pairs of value and score; in `targets.csv` written `0:0 10:80 20:100`."""
    line: int = 0
    """Line in `targets.csv`."""


class Milestone(Part):
    """A step of an initiative."""

    name: Text
    """What is reached."""
    due: Day
    """When it is due."""
    done: Day | None = None
    """When it was reached."""


class Initiative(Part):
    """Funded work that moves an objective."""

    id: Id
    """Its identifier."""
    name: Text
    """As it is shown."""
    description: str = ""
    """What is done."""
    objective: Id
    """The objective that it moves."""
    owner: Text
    """Who answers for it."""
    start: Day
    """First day."""
    end: Day
    """Last day."""
    budget: Annotated[Amount, Field(ge=0)] = Decimal(0)
    """What it may cost, in the company's currency."""
    status: Literal["planned", "running", "done", "stopped"]
    """Where it stands."""
    milestones: tuple[Milestone, ...] = ()
    """Its steps."""


class Initiatives(Part):
    """All initiatives."""

    initiatives: tuple[Initiative, ...] = ()
    """The initiatives."""


class Comment(Part):
    """What a KPI's owner says about a month: `commentary/<kpi>/<period>.md`, period as `2026-09`.

    A leading block of `key: value` lines between `---` lines may name `author` and `unit` (the organisation where left out).
    """

    kpi: Id
    """The KPI: the folder's name."""
    period: Day
    """The month: the file's name."""
    unit: Id | None = None
    """The unit that it speaks of; the organisation where left out."""
    author: str = ""
    """Who says it."""
    text: Text
    """What is said, as Markdown."""
