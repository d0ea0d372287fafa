"""What an explanation is made of: the KPI, its period, value and score, terms, SQL, loads, effects, and what was reported.

Not here: reading it from the warehouse (explanation), and its words (pipelines).
"""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple

Row = tuple[Any, ...]


class Kpi(NamedTuple):
    """How a KPI is defined."""

    kpi_id: str
    name: str
    description: str | None
    owner: str
    objective: str
    perspective: str
    aggregation: str
    expression: str | None
    survey: str | None
    frequency: str
    change_against: str | None
    change_form: str | None
    index_base_date: date | None
    index_base_grain: str | None
    direction: str | None
    measured_in: str
    decimals: int
    rule: str
    ratio_form: str | None
    at_zero_target: str | None
    score_cap: float | None
    on_track_edge: float
    at_risk_edge: float
    parents_on_track_edge: float
    parents_at_risk_edge: float
    gate_score: float | None
    is_additive: bool
    empty_means: str
    min_observations: int
    max_age: int
    definition_id: str
    currency_code: str
    locale: str


class Period(NamedTuple):
    """A period."""

    grain: str
    start: date
    first: date
    last: date
    is_closed: bool


class Value(NamedTuple):
    """What was measured."""

    numerator: Decimal | None
    denominator: Decimal | None
    observations: int | None
    actual: float | None
    interval_low: float | None
    interval_high: float | None
    is_provisional: bool
    is_suppressed: bool
    data_as_of: date | None


class Score(NamedTuple):
    """How the KPI stands."""

    actual: float | None
    value_grain: str | None
    value_start: date | None
    points: list[dict[str, Any]] | None
    score: float | None
    band: str | None
    data_state: str
    signal: str | None
    usual_low: float | None
    usual_high: float | None
    usual_mean: float | None
    change_previous: float | None
    change_last_year: float | None
    points_given_by: list[dict[str, Any]] | None


class GivenTerm(NamedTuple):
    """A term as the strategy gives it, before anything is added up."""

    term_id: str
    measure_id: str
    aggregation: str
    component: str
    of_unit: str
    empty_means: str
    kind: str | None
    is_manual: bool | None
    dimensions: list[str] | None
    data_as_of: date | None
    row_count: int | None
    is_broken: bool | None
    error: str | None


class Sum(NamedTuple):
    """Components added up; `is_held_back`: some are not shown, and so none of them."""

    numerator: Decimal | None
    denominator: Decimal | None
    observations: int | None
    is_held_back: bool


class Rows(NamedTuple):
    """Rows of a measure behind a number: how many there are, and a few of them."""

    row_count: int
    columns: tuple[str, ...]
    shown: tuple[Row, ...]


class Answer(NamedTuple):
    """How often an answer was given."""

    answer: Decimal
    answer_count: int | None
    is_held_back: bool


@dataclass(frozen=True)
class Term:
    """One thing that the KPI is computed from, in the period that the value is of."""

    term_id: str
    measure_id: str
    aggregation: str
    component: str
    of_unit: str
    unit_id: str
    """Whose rows: the unit's own, its parent's, or the organisation's."""
    sum: Sum
    value: float | None
    """What stands in the expression."""
    base: float | None
    """For a change or an index: the same of the period that it is taken against."""
    rows: Rows
    answers: tuple[Answer, ...]
    is_manual: bool
    data_as_of: date | None
    is_broken: bool
    error: str | None


class Sql(NamedTuple):
    """A SELECT of the workspace."""

    table: str
    description: str | None
    text: str
    row_count: int | None


class Load(NamedTuple):
    """A load that was read."""

    table: str
    load_id: str
    extracted_at: datetime
    data_as_of: date | None
    row_count: int
    quarantined: int
    verdict: str
    is_selected: bool
    """It was read; one that was not is newer, and was rejected."""


class Effect(NamedTuple):
    """What it did to one level above: `child_score` is what stands below that level on the KPI's way up."""

    level: str
    node_id: str
    name: str
    roll_up: str
    gate_score: float | None
    weight: float
    given_share: float | None
    """Of all siblings' weight."""
    weight_share: float | None
    """Of the weight of siblings with a score."""
    child_score: float | None
    points_lost: float | None
    contribution: float | None
    """Points of the parent's change since the period before."""
    score: float | None
    band: str | None
    data_state: str
    coverage: float
    is_gated: bool
    weakest_child_id: str | None


class Warned(NamedTuple):
    """What a reader should know."""

    kind: str
    message: str


class ReportedValue(NamedTuple):
    """The value as a release reported it."""

    reported_at: datetime
    release_id: str
    is_current_line: bool
    actual: float | None
    is_provisional: bool | None
    is_withdrawn: bool
    reasons: list[str] | None


class ReportedScore(NamedTuple):
    """The score as a release reported it."""

    reported_at: datetime
    release_id: str
    is_current_line: bool
    actual: float | None
    points: str | None
    weight: float | None
    score: float | None
    band: str | None
    data_state: str | None
    definition_id: str | None
    is_withdrawn: bool
    reasons: list[str] | None


@dataclass(frozen=True)
class Explanation:
    """Everything that is known of one score."""

    release_id: str
    as_of: date
    fiscal_start_month: int
    kpi: Kpi
    unit_id: str
    unit_name: str
    period: Period
    value_period: Period
    """The period that the actual is of."""
    base_period: Period | None
    """For a change or an index: the period that it is taken against."""
    value: Value | None
    """Of the value period; None where nothing was measured."""
    score: Score | None
    """None of an open period."""
    terms: tuple[Term, ...]
    sql: tuple[Sql, ...]
    loads: tuple[Load, ...]
    effects: tuple[Effect, ...]
    warnings: tuple[Warned, ...]
    reported_values: tuple[ReportedValue, ...]
    reported_scores: tuple[ReportedScore, ...]

    @property
    def is_suppressed(self) -> bool:
        """Tell that the value is held back."""
        return self.value is not None and self.value.is_suppressed

    @property
    def scorecard_share(self) -> float | None:
        """Give the KPI's share of the whole scorecard's scored weight."""
        shares = [effect.weight_share for effect in self.effects]
        if not shares or any(share is None for share in shares):
            return None
        whole = 1.0
        for share in shares:
            whole *= share or 0.0
        return whole
