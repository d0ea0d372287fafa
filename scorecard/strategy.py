"""`strategy.yaml`: the balanced scorecard itself (Kaplan and Norton): perspectives, objectives, KPIs and their links.

Not here: targets (`targets.csv`), the SQL of measures, and how scores are computed (transforms).
"""

from collections.abc import Iterator
from typing import Annotated, Literal

from pydantic import Field

from scorecard.base import Day, Id, Part, Text
from scorecard.expression import divides, is_linear, is_quotient_of_sums
from scorecard.terms import INTENSIVE, Grain

Aggregation = Literal["sum", "ratio", "last", "mean", "distinct", "score"]
Direction = Literal["higher_is_better", "lower_is_better"]
RollUp = Literal["weighted_mean", "worst", "best", "geometric"]
Rule = Literal["linear", "min_max", "progress", "ratio", "range", "steps", "curve", "binary"]
Survey = Literal["nps", "enps", "csat", "likert_mean", "response_rate"]
UNDIRECTED: frozenset[str] = frozenset({"range", "steps", "curve"})
"""Rules whose points say themselves which way is better."""
OWN_BANDS: frozenset[str] = frozenset({"ratio", "progress", "min_max"})
"""Rules whose KPI must state its bands, since 67 % of a target is not on track."""


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


class Index(Part):
    """Makes a KPI an index of its measure: the base period is 100."""

    base: Day
    """First day of the base period."""
    per: Grain
    """Length of the base period."""


class Term(Part):
    """One name in a derived KPI's expression: a measure, added up in its own way before the expression is computed."""

    measure: Id
    """The measure."""
    aggregation: Aggregation
    """How it adds up over periods and units."""
    component: Literal["value", "numerator", "denominator"] = "value"
    """What stands in the expression: numerator / denominator, or one of the two."""
    of: Literal["unit", "parent", "organisation"] = "unit"
    """Whose: the unit's own, its parent's, or the organisation's (for a share of the total)."""
    empty: Literal["no_data", "zero"] = "no_data"
    """What a unit and month without rows means: nothing known, or zero."""


class Derived(Part):
    """An expression over the components of measures, computed at every unit, period and grain anew."""

    expression: Text
    """Names of terms, numbers, + - * / and parentheses: `(revenue - cost) / revenue`."""
    terms: Annotated[dict[Id, Term], Field(min_length=1)]
    """The terms, by the name that they have in the expression."""


class Baseline(Part):
    """Fixes where the baseline of the usual range begins anew: the twelve periods from a date on."""

    valid_from: Day
    """First day of the first period of the new baseline."""
    reason: Text
    """Why: what changed in the process."""


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
    measure: Id | None = None
    """The file measures/<measure>.sql, or manual/<measure>.csv; left out where it is derived."""
    aggregation: Aggregation | None = None
    """How it adds up over periods and units; left out where it is derived."""
    derived: Derived | None = None
    """Instead of a measure: an expression over measures."""
    direction: Direction | None = None
    """Which way is better; left out for the rules `range`, `steps` and `curve`, whose points say it."""
    change: Change | None = None
    """Makes it the change of its measure."""
    index: Index | None = None
    """Makes it an index of its measure, with a fixed base period."""
    survey: Survey | None = None
    """How the answers to a question become its value, for aggregation `score`: `nps`, `enps` (answers 0 to 10), `csat` (share
    of 4 and 5 among 1 to 5), `likert_mean` (mean of the answers), `response_rate` (answers given / people asked)."""
    frequency: Grain = "month"
    """How often it is measured: a shorter period shows its last closed one."""
    measured_in: Text = "number"
    """`percent` (stored as a fraction), `points` (a fraction shown times 100, as NPS is), `currency`, `number`, or the name of a unit: days, kg."""
    decimals: Annotated[int, Field(ge=0, le=6)] = 1
    """Decimals shown."""
    weight: Weight = 1.0
    """Relative to its siblings; 0 shows it without counting it."""
    rule: Rule = "linear"
    """How the actual becomes a score."""
    form: Literal["plain", "inverse"] = "plain"
    """For the rule `ratio`, lower is better: `inverse` scores target / actual."""
    at_zero_target: Literal["full_if_met"] | None = None
    """For the rule `ratio`: what a target of 0 means; `full_if_met` scores 100 where it is met, else 0."""
    cap: Annotated[float, Field(ge=100)] | Literal["none"] | None = None
    """For the rule `ratio`: the highest score, 100 or more, or `none`; left out: 100."""
    phasing: Literal["even", "seasonal"] = "even"
    """How a target of a longer period is divided into months where amounts add up: evenly, or by last year's shape."""
    bands: Bands | None = None
    """Edges of its bands, where they differ from the scorecard's; the rules `ratio`, `progress` and `min_max` must state them."""
    gate: Annotated[float, Field(ge=0, le=100)] | None = None
    """Least score; below it, or without a score, the objective is at best at risk."""
    is_leading: bool = False
    """It moves before the result does."""
    empty: Literal["no_data", "zero"] = "no_data"
    """What a unit and month without rows means: nothing known, or zero."""
    min_observations: Annotated[int, Field(ge=0)] = 0
    """Fewer observations than this are not shown, since they would reveal a person."""
    max_age: Annotated[int, Field(ge=0)] = 2
    """For how many periods the last good value may stand in for missing ones, as `stale`: months of a month, quarters of a quarter."""
    applies_to: tuple[Id, ...] = ()
    """Trees or units; left out: the organisation and every unit of the levels at which the measure has rows."""
    signal_on: Literal["actual", "change_yoy"] = "actual"
    """What is watched for signals: the actual, or for seasonal KPIs its change on last year."""
    baselines: tuple[Baseline, ...] = ()
    """Where the baseline of its usual range begins anew; left out: with its first period."""

    def terms(self) -> dict[str, Term]:
        """Give what it is computed from, by name: one term `value` unless it is derived."""
        if self.derived is not None:
            return self.derived.terms
        if self.measure is None or self.aggregation is None:
            return {}
        return {"value": Term(measure=self.measure, aggregation=self.aggregation, empty=self.empty)}

    @property
    def is_flow(self) -> bool:
        """Tell whether its values add up over periods, before a change or an index is taken of them: flows do, and sums of flows."""
        if self.derived and not is_linear(self.derived.expression):
            return False
        terms = self.terms().values()
        return all(term.aggregation == "sum" and term.of == "unit" for term in terms)

    @property
    def is_additive(self) -> bool:
        """Tell whether its targets add up over periods."""
        return self.is_flow and not (self.change or self.index)

    @property
    def is_quotient_of_sums(self) -> bool:
        """Tell whether it is derived as a quotient of two sums over units: revenue per head."""
        if self.derived is None or self.change or self.index:
            return False
        return is_quotient_of_sums(self.derived.expression) and all(
            term.of == "unit"
            and (term.component != "value" or term.aggregation in ("sum", "mean", "last"))
            for term in self.terms().values()
        )

    @property
    def is_intensive(self) -> bool:
        """Tell whether a unit without a target of its own takes the one above: rates, indices and relative changes do."""
        is_relative = self.change is not None and self.change.form == "relative"
        return is_relative or self.index is not None or self._is_quotient

    @property
    def _is_quotient(self) -> bool:
        if self.derived is not None:
            return divides(self.derived.expression)
        return self.aggregation in INTENSIVE


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
    cause_kpi: Id | None = None
    """The KPI that stands for the cause when the link is tested; its heaviest where left out."""
    effect_kpi: Id | None = None
    """The KPI that stands for the effect; its heaviest where left out."""
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
