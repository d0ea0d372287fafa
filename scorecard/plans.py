"""What stands beside the strategy: targets (`targets.csv`), initiatives (`initiatives.yaml`) and commentary.

Not here: the KPIs they speak of.
"""

from datetime import date
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import Field

from scorecard.base import Id, Part, Text


class Target(Part):
    """Scoring points of a KPI for a unit, from a date on. `per` says the length of period that they are for."""

    kpi: Id
    unit: Id
    per: Literal["month", "quarter", "year"]
    valid_from: date
    red: Decimal
    target: Decimal
    worst: Decimal | None = None
    best: Decimal | None = None
    line: int = 0
    """Line in `targets.csv`."""


class Milestone(Part):
    """A step of an initiative."""

    name: Text
    due: date
    done: date | None = None


class Initiative(Part):
    """Funded work that moves an objective."""

    id: Id
    name: Text
    description: str = ""
    objective: Id
    owner: Text
    start: date
    end: date
    budget: Annotated[Decimal, Field(ge=0)] = Decimal(0)
    status: Literal["planned", "running", "done", "stopped"]
    milestones: tuple[Milestone, ...] = ()


class Initiatives(Part):
    """All initiatives."""

    initiatives: tuple[Initiative, ...] = ()


class Comment(Part):
    """What a KPI's owner says about a month: `commentary/<kpi>/<period>.md`, period as `2026-09`.

    A leading block of `key: value` lines between `---` lines may name `author` and `unit` (the organisation where left out).
    """

    kpi: Id
    period: date
    unit: Id | None = None
    author: str = ""
    text: Text
