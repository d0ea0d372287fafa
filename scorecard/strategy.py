"""`strategy.yaml`: the balanced scorecard itself (Kaplan and Norton): perspectives, objectives, KPIs and their links.

Not here: targets (`targets.csv`), the SQL of measures, and how scores are computed (transforms).
"""

from collections.abc import Iterator
from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from scorecard.base import Id, Part, Text

Aggregation = Literal["sum", "ratio", "last", "mean", "distinct", "score"]
Direction = Literal["higher_is_better", "lower_is_better"]
RollUp = Literal["weighted_mean", "worst", "best", "geometric"]
INTENSIVE: frozenset[str] = frozenset({"ratio", "score"})
"""Aggregations whose target a unit inherits from its parent."""


class DatedWeight(Part):
    """A weight from a date on."""

    valid_from: date
    weight: Annotated[float, Field(ge=0)]


Weight = Annotated[float, Field(ge=0)] | Annotated[tuple[DatedWeight, ...], Field(min_length=1)]


class Bands(Part):
    """Lower edges of the bands, in points of score; an edge belongs to the better band."""

    on_track: Annotated[float, Field(ge=0, le=100)] = 66.67
    at_risk: Annotated[float, Field(ge=0, le=100)] = 33.33


class Change(Part):
    """Makes a KPI of the change of its measure: against the previous period, or the same period last year.

    `relative` divides by the size of the base; a zero or missing base gives no data.
    """

    against: Literal["previous", "last_year"]
    form: Literal["absolute", "relative"] = "relative"


class Kpi(Part):
    """A measure under an objective, with direction, weight and scoring rule."""

    id: Id
    name: Text
    description: str = ""
    owner: Text
    measure: Id
    aggregation: Aggregation
    direction: Direction
    change: Change | None = None
    measured_in: Text = "number"
    """`percent` (stored as a fraction), `points` (a fraction shown times 100, as NPS is), `currency`, `number`, or the name of a unit: days, kg."""
    decimals: Annotated[int, Field(ge=0, le=6)] = 1
    weight: Weight = 1.0
    rule: Literal["linear"] = "linear"
    bands: Bands | None = None
    gate: Annotated[float, Field(ge=0, le=100)] | None = None
    is_leading: bool = False
    empty: Literal["no_data", "zero"] = "no_data"
    min_observations: Annotated[int, Field(ge=0)] = 0
    max_age: Annotated[int, Field(ge=0)] = 2
    """How many months the last good value may stand in for a missing one, as `stale`."""
    applies_to: tuple[Id, ...] = ()
    """Trees or units; left out: the organisation and every unit of the levels at which the measure has rows."""
    signal_on: Literal["actual", "change_yoy"] = "actual"


class Objective(Part):
    """What the organisation wants to reach, measured by KPIs."""

    id: Id
    name: Text
    description: str = ""
    owner: Text
    weight: Weight = 1.0
    roll_up: RollUp = "weighted_mean"
    gate: Annotated[float, Field(ge=0, le=100)] | None = None
    kpis: tuple[Kpi, ...] = ()


class Perspective(Part):
    """One of the four points of view: financial, customer, internal process, learning and growth."""

    id: Id
    name: Text
    question: str = ""
    """What the perspective asks: 'How do we look to our owners?'"""
    weight: Weight = 1.0
    roll_up: RollUp = "weighted_mean"
    objectives: tuple[Objective, ...] = ()


class Link(Part):
    """A cause-and-effect hypothesis: `cause` moves `effect`, `lag_months` later."""

    cause: Id
    effect: Id
    lag_months: Annotated[int, Field(ge=0, le=24)] = 0
    hypothesis: str = ""


class BalanceLimits(Part):
    """Shares of the weight beyond which a perspective is said to dominate or to be neglected."""

    highest_share: Annotated[float, Field(gt=0, le=1)] = 0.40
    lowest_share: Annotated[float, Field(ge=0, lt=1)] = 0.10


class Strategy(Part):
    """The scorecard of the organisation and of each of its units."""

    id: Id
    name: Text
    mission: str = ""
    vision: str = ""
    strategy: str = ""
    roll_up: RollUp = "weighted_mean"
    min_coverage: Annotated[float, Field(ge=0, le=1)] = 0.5
    bands: Bands = Bands()
    balance: BalanceLimits = BalanceLimits()
    perspectives: Annotated[tuple[Perspective, ...], Field(min_length=1)]
    links: tuple[Link, ...] = ()

    def objectives(self) -> Iterator[tuple[Perspective, Objective]]:
        """Yield each objective with its perspective, in the strategy's order."""
        for perspective in self.perspectives:
            for objective in perspective.objectives:
                yield perspective, objective

    def kpis(self) -> Iterator[tuple[Perspective, Objective, Kpi]]:
        """Yield each KPI with what it stands under, in the strategy's order."""
        for perspective, objective in self.objectives():
            for kpi in objective.kpis:
                yield perspective, objective, kpi
