"""`strategy.yaml`: the balanced scorecard itself (Kaplan and Norton): perspectives, objectives, KPIs and their links.

Not here: targets (`targets.csv`), the SQL of measures, and how scores are computed (transforms).
"""

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field

from scorecard.base import Day, Id, Part, Text

Aggregation = Literal["sum", "ratio", "last", "mean", "distinct", "score"]
Direction = Literal["higher_is_better", "lower_is_better"]
RollUp = Literal["weighted_mean", "worst", "best", "geometric"]
INTENSIVE: frozenset[str] = frozenset({"ratio", "score"})
"""Aggregations whose target a unit inherits from its parent."""


class DatedWeight(Part):
    """A weight from a date on."""

    valid_from: Day
    """First day on which it counts."""
    weight: Annotated[float, Field(ge=0)]
    """The weight, relative to its siblings'."""


Weight = Annotated[float, Field(ge=0)] | Annotated[tuple[DatedWeight, ...], Field(min_length=1)]


class Bands(Part):
    """Lower edges of the bands, in points of score; an edge belongs to the better band."""

    on_track: Annotated[float, Field(ge=0, le=100)] = 66.67
    """Scores from here on are on track."""
    at_risk: Annotated[float, Field(ge=0, le=100)] = 33.33
    """Scores from here on, and below the other edge, are at risk."""


class Change(Part):
    """Makes a KPI of the change of its measure: against the previous period, or the same period last year.

    `relative` divides by the size of the base; a zero or missing base gives no data.
    """

    against: Literal["previous", "last_year"]
    """What is compared with."""
    form: Literal["absolute", "relative"] = "relative"
    """`relative`: a share of the base. `absolute`: a difference."""


class Kpi(Part):
    """A measure under an objective, with direction, weight and scoring rule."""

    id: Id
    """Its identifier; unique among perspectives, objectives and KPIs."""
    name: Text
    """As it is shown."""
    description: str = ""
    """What it says, and how it is to be read."""
    owner: Text
    """Who answers for it."""
    measure: Id
    """The file measures/<measure>.sql."""
    aggregation: Aggregation
    """How it adds up over periods and units."""
    direction: Direction
    """Which way is better."""
    change: Change | None = None
    """Makes it the change of its measure."""
    measured_in: Text = "number"
    """`percent` (stored as a fraction), `points` (a fraction shown times 100, as NPS is), `currency`, `number`, or the name of a unit: days, kg."""
    decimals: Annotated[int, Field(ge=0, le=6)] = 1
    """Decimals shown."""
    weight: Weight = 1.0
    """Relative to its siblings; 0 shows it without counting it."""
    rule: Literal["linear"] = "linear"
    """How the actual becomes a score."""
    bands: Bands | None = None
    """Edges of its bands, where they differ from the scorecard's."""
    gate: Annotated[float, Field(ge=0, le=100)] | None = None
    """Least score; below it, or without a score, the objective is at best at risk."""
    is_leading: bool = False
    """It moves before the result does."""
    empty: Literal["no_data", "zero"] = "no_data"
    """What a unit and month without rows means: nothing known, or zero."""
    min_observations: Annotated[int, Field(ge=0)] = 0
    """Fewer observations than this are not shown, since they would reveal a person."""
    max_age: Annotated[int, Field(ge=0)] = 2
    """How many months the last good value may stand in for a missing one, as `stale`."""
    applies_to: tuple[Id, ...] = ()
    """Trees or units; left out: the organisation and every unit of the levels at which the measure has rows."""
    signal_on: Literal["actual", "change_yoy"] = "actual"
    """What is watched for signals: the actual, or for seasonal KPIs its change on last year."""


class Objective(Part):
    """What the organisation wants to reach, measured by KPIs."""

    id: Id
    """Its identifier."""
    name: Text
    """As it is shown."""
    description: str = ""
    """What it means."""
    owner: Text
    """Who answers for it."""
    weight: Weight = 1.0
    """Relative to its siblings."""
    roll_up: RollUp = "weighted_mean"
    """How its KPIs become its score."""
    gate: Annotated[float, Field(ge=0, le=100)] | None = None
    """Least score; below it the perspective is at best at risk."""
    kpis: tuple[Kpi, ...] = ()
    """What it is measured by."""


class Perspective(Part):
    """One of the four points of view: financial, customer, internal process, learning and growth."""

    id: Id
    """Its identifier."""
    name: Text
    """As it is shown."""
    question: str = ""
    """What the perspective asks: 'How do we look to our owners?'"""
    weight: Weight = 1.0
    """Relative to the other perspectives."""
    roll_up: RollUp = "weighted_mean"
    """How its objectives become its score."""
    objectives: tuple[Objective, ...] = ()
    """What is to be reached."""


class Link(Part):
    """A cause-and-effect hypothesis: `cause` moves `effect`, `lag_months` later."""

    cause: Id
    """The objective that moves the other."""
    effect: Id
    """The objective that is moved."""
    lag_months: Annotated[int, Field(ge=0, le=24)] = 0
    """After how many months it shows."""
    hypothesis: str = ""
    """Why it should."""


class BalanceLimits(Part):
    """Shares of the weight beyond which a perspective is said to dominate or to be neglected."""

    highest_share: Annotated[float, Field(gt=0, le=1)] = 0.40
    """A perspective with more of the weight is warned of."""
    lowest_share: Annotated[float, Field(ge=0, lt=1)] = 0.10
    """A perspective with less of the weight is warned of."""


class Strategy(Part):
    """The scorecard of the organisation and of each of its units."""

    id: Id
    """Identifier of the scorecard."""
    name: Text
    """As it is shown."""
    mission: str = ""
    """Why the organisation exists."""
    vision: str = ""
    """What it wants to become."""
    strategy: str = ""
    """How it means to get there."""
    roll_up: RollUp = "weighted_mean"
    """How perspectives become the scorecard's score."""
    min_coverage: Annotated[float, Field(ge=0, le=1)] = 0.5
    """Below this share of covered weight a parent has no score."""
    bands: Bands = Bands()
    """Edges of the bands."""
    balance: BalanceLimits = BalanceLimits()
    """Limits of a perspective's share of the weight."""
    perspectives: Annotated[tuple[Perspective, ...], Field(min_length=1)]
    """The points of view; four as a rule."""
    links: tuple[Link, ...] = ()
    """The strategy map: what moves what."""

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
