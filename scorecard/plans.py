"""What stands beside the strategy: targets (`targets.csv`), initiatives (`initiatives.yaml`) and commentary.

Not here: the KPIs they speak of.
"""

from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field

from scorecard.base import Amount, Day, Id, Part, Text


class Target(Part):
    """Scoring points of a KPI for a unit, from a date on. `per` says the length of period that they are for."""

    kpi: Id
    """The KPI."""
    unit: Id
    """The unit that the points are for."""
    per: Literal["month", "quarter", "year"]
    """Length of the period that the points are for."""
    valid_from: Day
    """First day of the first period that is scored with these points."""
    red: Amount
    """Red flag: the value that scores 33.33."""
    target: Amount
    """The value that scores 66.67."""
    worst: Amount | None = None
    """The value that scores 0; left out: as far beyond red as red is from target."""
    best: Amount | None = None
    """The value that scores 100; left out: as far beyond target as target is from red."""
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
