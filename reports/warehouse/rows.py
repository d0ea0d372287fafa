"""The rows of the published tables, as the pages read them: one class per table, its fields the columns that are read.

Not here: reading (published), meaning (views).
"""

from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple


class Scorecard(NamedTuple):
    """`scorecard.dim_scorecard`."""

    scorecard_id: str
    scorecard_name: str
    organisation_id: str
    mission: str | None
    vision: str | None
    strategy: str | None
    currency_code: str
    locale: str
    min_coverage: float
    on_track_edge: float
    at_risk_edge: float
    headline_period_start_date: date


class Release(NamedTuple):
    """`scorecard.release`."""

    release_id: str
    as_of_date: date
    period_start_date: date


class Perspective(NamedTuple):
    """`scorecard.dim_perspective`."""

    perspective_id: str
    perspective_name: str
    question: str | None
    roll_up: str


class Objective(NamedTuple):
    """`scorecard.dim_objective`."""

    objective_id: str
    objective_name: str
    description: str | None
    perspective_id: str
    owner_name: str
    roll_up: str
    gate_score: float | None


class Kpi(NamedTuple):
    """`scorecard.dim_kpi`."""

    kpi_id: str
    kpi_name: str
    description: str | None
    objective_id: str
    perspective_id: str
    owner_name: str
    measure_id: str | None
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
    score_cap: float | None
    phasing: str | None
    signal_on: str | None
    on_track_edge: float
    at_risk_edge: float
    gate_score: float | None
    is_leading: bool
    empty_means: str
    min_observations_count: int
    max_age: int
    definition_id: str


class Term(NamedTuple):
    """`scorecard.kpi_term`."""

    kpi_id: str
    term_id: str
    measure_id: str
    aggregation: str
    component: str
    of_unit: str


class Baseline(NamedTuple):
    """`scorecard.signal_baseline`."""

    kpi_id: str
    valid_from_date: date
    reason: str | None


class Unit(NamedTuple):
    """`scorecard.dim_unit`."""

    unit_id: str
    unit_name: str
    tree_id: str | None
    tree_name: str | None
    parent_unit_id: str | None
    level: int


class KpiUnit(NamedTuple):
    """`scorecard.kpi_unit`."""

    kpi_id: str
    unit_id: str


class Closure(NamedTuple):
    """`scorecard.unit_closure`."""

    ancestor_unit_id: str
    unit_id: str
    distance: int
    valid_from_date: date
    valid_to_date: date


class Period(NamedTuple):
    """`scorecard.dim_period`."""

    grain: str
    period_start_date: date
    first_date: date
    last_date: date
    is_headline: bool


class Value(NamedTuple):
    """`scorecard.kpi_value`."""

    kpi_id: str
    unit_id: str
    period_start_date: date
    grain: str
    numerator: Decimal | None
    denominator: Decimal | None
    observations_count: int | None
    actual: float | None
    interval_low: float | None
    interval_high: float | None
    is_provisional: bool
    is_suppressed: bool
    data_as_of_date: date | None


class Score(NamedTuple):
    """`scorecard.kpi_score`."""

    kpi_id: str
    unit_id: str
    period_start_date: date
    grain: str
    actual: float | None
    value_period_start_date: date | None
    points: str | None
    """Objects of point, value and score as JSON, which `words.points` reads where a page asks for them."""
    red: float | None
    target: float | None
    score: float | None
    band: str | None
    data_state: str
    signal: str | None
    usual_low: float | None
    usual_high: float | None
    usual_mean: float | None


class Moved(NamedTuple):
    """`scorecard.movement`."""

    kpi_id: str
    unit_id: str
    period_start_date: date
    grain: str
    kind: str
    signal: str | None
    since_date: date | None
    is_better: bool | None


class Node(NamedTuple):
    """`scorecard.objective_score`, `.perspective_score` or `.scorecard_score`: the key is the level's own."""

    node_id: str
    unit_id: str
    period_start_date: date
    score: float | None
    band: str | None
    data_state: str
    coverage: float
    weakest_child_id: str | None
    points_lost: float | None
    off_track_below_count: int
    is_gated: bool


class Cost(NamedTuple):
    """`scorecard.child_cost`."""

    parent_level: str
    parent_id: str
    child_level: str
    child_id: str
    unit_id: str
    period_start_date: date
    weight: float
    weight_share: float | None
    score: float | None
    points_lost: float | None


class Balance(NamedTuple):
    """`scorecard.balance`."""

    unit_id: str
    weight_balance: float | None
    result_balance: float | None
    highest_perspective_id: str | None
    lowest_perspective_id: str | None


class Target(NamedTuple):
    """`scorecard.target`."""

    kpi_id: str
    unit_id: str
    per: str
    valid_from_date: date
    red: float | None
    target: float | None
    worst: float | None
    best: float | None
    min: float | None
    max: float | None
    baseline: float | None
    basis: float | None
    low: float | None
    high: float | None
    tolerance_below: float | None
    tolerance_above: float | None
    points: list[dict[str, Any]] | None
    """Structs of value and score; rules steps and curve."""


class Link(NamedTuple):
    """`scorecard.strategy_link`."""

    cause_objective_id: str
    effect_objective_id: str
    lag_months: int
    hypothesis: str | None
    cause_kpi_id: str | None
    effect_kpi_id: str | None
    evidence: str | None


class LinkEvidence(NamedTuple):
    """`scorecard.link_evidence`."""

    cause_objective_id: str
    effect_objective_id: str
    lag_months: int
    is_declared: bool
    pair_count: int | None
    correlation: float | None
    interval_low: float | None
    interval_high: float | None


class ScoreContribution(NamedTuple):
    """`scorecard.score_contribution`, headline month."""

    parent_level: str
    parent_id: str
    child_level: str
    child_id: str
    unit_id: str
    score_before: float | None
    score: float | None
    contribution: float | None


class UnitContribution(NamedTuple):
    """`scorecard.unit_contribution`, the headline of the KPI's own length of period."""

    kpi_id: str
    parent_unit_id: str
    tree_id: str | None
    part: str
    unit_id: str
    grain: str
    actual_before: float | None
    actual: float | None
    contribution: float | None


class Initiative(NamedTuple):
    """`scorecard.initiative`."""

    initiative_id: str
    initiative_name: str
    description: str | None
    objective_id: str
    owner_name: str
    start_date: date
    end_date: date
    budget_amount: Decimal | None
    status: str
    is_late: bool


class Milestone(NamedTuple):
    """`scorecard.milestone`."""

    initiative_id: str
    milestone_name: str
    due_date: date
    done_date: date | None
    is_late: bool


class Comment(NamedTuple):
    """`scorecard.comment`."""

    kpi_id: str
    unit_id: str
    period_start_date: date
    author_name: str | None
    comment_text: str


class Measure(NamedTuple):
    """`measure.dim_measure`."""

    measure_id: str
    description: str | None
    sql_text: str
    kind: str
    is_manual: bool | None
    dimensions: list[str] | None
    data_as_of_date: date | None
    first_period_start_date: date | None
    row_count: int | None
    error_message: str | None


class Entry(NamedTuple):
    """A row of `measure.<measure>` that somebody entered by hand."""

    unit_id: str
    period_start_date: date
    entered_by: str | None
    entered_on: date | None


class Warned(NamedTuple):
    """`quality.warning`."""

    kind: str
    kpi_id: str
    unit_id: str
    grain: str
    first_period_start_date: date
    last_period_start_date: date
    message: str


class Unplaced(NamedTuple):
    """`measure.unplaced`."""

    measure_id: str
    unit_id: str
    period_start_date: date
    row_count: int


class Load(NamedTuple):
    """`quality.load`."""

    source_id: str
    table_id: str
    load_id: str
    row_count: int
    byte_count: int
    extracted_at: datetime
    data_as_of_date: date | None
    is_snapshot: bool
    verdict: str
    is_selected: bool
    quarantined_count: int | None


class Check(NamedTuple):
    """`quality.contract_result`."""

    source_id: str
    table_id: str
    load_id: str
    check_name: str
    expectation: str
    severity: str
    outcome: str
    unexpected_count: int | None
    row_count: int | None
    observed_value: str | None
    message: str | None


class Quarantined(NamedTuple):
    """`quality.quarantined_row`."""

    source_id: str
    table_id: str
    load_id: str
    row_number: int
    rule_name: str
    reason: str
    row_json: str


class HeldCount(NamedTuple):
    """`quality.quarantined_row`, counted."""

    source_id: str
    table_id: str
    rule_name: str
    reason: str
    row_count: int


class SourceTable(NamedTuple):
    """`quality.source_status`."""

    source_id: str
    table_id: str
    source_name: str
    owner_name: str | None
    outcome: str
    message: str | None
    selected_load_id: str | None
    data_as_of_date: date | None
    is_fresh: bool


class Lineage(NamedTuple):
    """`quality.table_lineage`."""

    table_name: str
    depends_on: str


class Staging(NamedTuple):
    """`quality.staging_table`."""

    staging_id: str
    description: str | None
    sql_text: str
    row_count: int | None


class PastRelease(NamedTuple):
    """`history.release`."""

    run_id: str
    release_id: str
    base_run_id: str | None
    as_of_date: date
    period_start_date: date
    reported_at: datetime
    is_current_line: bool


class Reported(NamedTuple):
    """`history.reported_value`, the KPI's own grain."""

    run_id: str
    kpi_id: str
    unit_id: str
    period_start_date: date
    actual: float | None
    definition_id: str
    grain: str
    is_provisional: bool | None
    reasons: list[str] | None
    is_withdrawn: bool


class ReportedScore(NamedTuple):
    """`history.reported_score`, months; of a KPI its own grain."""

    run_id: str
    level: str
    node_id: str
    unit_id: str
    period_start_date: date
    target: float | None
    score: float | None
    band: str | None
    data_state: str
    reasons: list[str] | None
    is_withdrawn: bool


class Column(NamedTuple):
    """A column of the warehouse, as the warehouse itself describes it."""

    schema_name: str
    table_name: str
    column_name: str
    data_type: str
    comment: str | None


class Table(NamedTuple):
    """A table or view of the warehouse, as the warehouse itself describes it."""

    schema_name: str
    table_name: str
    comment: str | None
