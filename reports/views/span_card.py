"""The full scorecard of a quarter or a year as rows, each with its parts beside it: the months of a quarter, say.

Not here: the page around it (span), the full scorecard of a month (card).
"""

from collections.abc import Sequence
from dataclasses import dataclass

from reports.card import is_linear
from reports.edition import Edition
from reports.figures.small import Bullet, bullet
from reports.hierarchy import coverage_text, weight_shares
from reports.longer import Slot
from reports.spans import TO_DATE, Span
from reports.warehouse import rows
from reports.words import points
from reports.words.language import NONE
from reports.words.status import Mark, Status, node_status
from reports.words.text import say
from scorecard.terms import MONTHS


@dataclass(frozen=True)
class Column:
    """A part of the period, with what is known in it."""

    name: str
    href: str
    slot: Slot


@dataclass(frozen=True)
class Cell:
    """How something stood in a part of the period."""

    name: str
    """The part's."""
    mark: Mark
    score: str


@dataclass(frozen=True)
class KpiLine:
    """A KPI in the period and its parts."""

    name: str
    href: str
    unit: str
    mark: str
    """Of which period the value is, where it is another."""
    actual: str
    target: str
    is_words: bool
    gap: str
    bullet: Bullet
    bullet_note: str
    score: str
    status: Status
    cells: tuple[Cell, ...]
    owner: str


@dataclass(frozen=True)
class NodeLine:
    """An objective in the period and its parts, with its KPIs."""

    name: str
    href: str
    note: str
    score: str
    status: Status
    cells: tuple[Cell, ...]
    kpis: tuple[KpiLine, ...]


@dataclass(frozen=True)
class GroupLine:
    """A perspective in the period and its parts, with its objectives."""

    id: str
    name: str
    href: str
    note: str
    score: str
    status: Status
    cells: tuple[Cell, ...]
    objectives: tuple[NodeLine, ...]


@dataclass(frozen=True)
class SpanCard:
    """The full scorecard of a period."""

    groups: tuple[GroupLine, ...]
    is_linear: bool
    """The two ticks of every bar are red flag and target; else they are where the bands begin."""


@dataclass(frozen=True)
class _Seen:
    """What every row needs to know."""

    edition: Edition
    slot: Slot
    span: Span
    columns: Sequence[Column]
    shares: dict[tuple[str, str], float]
    """Each child's share of its siblings' weight."""


def span_card(
    edition: Edition, seen: Edition, slot: Slot, span: Span, columns: Sequence[Column]
) -> SpanCard:
    """Return the organisation's full scorecard of a period; `seen` is the release as seen from it."""
    strategy, organisation = edition.strategy, edition.organisation_id
    known = _Seen(edition, slot, span, columns, weight_shares(seen, organisation))
    applies = strategy.kpis_of_unit.get(organisation, frozenset())
    groups = [_group(known, row, applies) for row in strategy.perspectives.values()]
    return SpanCard(
        groups=tuple(group for group in groups if group.objectives),
        is_linear=is_linear(kpi for kpi in strategy.kpis.values() if kpi.kpi_id in applies),
    )


def node_cell(edition: Edition, column: Column, level: str, node_id: str) -> Cell:
    """Return how a node of the strategy stood in a part of the period."""
    node = column.slot.node(level, node_id)
    score = edition.edges.write(node.score if node is not None else None)
    return Cell(column.name, node_status(node).marks[0], score)


def kpi_line(
    edition: Edition, slot: Slot, span: Span, columns: Sequence[Column], kpi: rows.Kpi
) -> KpiLine:
    """Return how a KPI stood in a period and in its parts."""
    scale, edges = edition.scale_of(kpi), edition.edges_of(kpi)
    score, status = slot.score(kpi.kpi_id), slot.status(kpi.kpi_id)
    actual, reached = _actual(slot, kpi.kpi_id, status), score.score if score is not None else None
    goal = points.goal(kpi, score, scale)
    written = edges.write(reached)
    return KpiLine(
        name=kpi.kpi_name,
        href=edition.kpi_href(kpi.kpi_id, edition.organisation_id),
        unit=scale.unit_beside(kpi.kpi_name),
        mark=_period_mark(edition, span, kpi, score) if actual is not None else "",
        actual=scale.bare(actual),
        target=goal.short if goal is not None else NONE,
        is_words=goal is not None and not goal.is_number,
        gap=points.gap(kpi, score, scale) if actual is not None else "",
        bullet=bullet(
            reached,
            title=say("Score {score}", score=written) if reached is not None else say("No score"),
            at_risk=kpi.at_risk_edge,
            on_track=kpi.on_track_edge,
        ),
        bullet_note=say("no target set") if status.key == "no_target" else "",
        score=written,
        status=status,
        cells=tuple(_kpi_cell(edition, column, kpi) for column in columns),
        owner=kpi.owner_name,
    )


def _actual(slot: Slot, kpi_id: str, status: Status) -> float | None:
    """Return the value that counts: scored, or measured where there is no score; none where it is held back."""
    if status.key == "suppressed":
        return None
    score, value = slot.score(kpi_id), slot.value(kpi_id)
    if score is not None:
        return score.actual
    return value.actual if value is not None else None


def _period_mark(edition: Edition, span: Span, kpi: rows.Kpi, score: rows.Score | None) -> str:
    """Name the period that the value is of, where it is another: a half-year in a quarter, an earlier one where it is stale."""
    start = score.value_period_start_date if score is not None else None
    is_slower = MONTHS[kpi.frequency] > MONTHS[span.grain]
    if start is None or (start == span.key and not is_slower):
        return ""
    if span.stored == TO_DATE and not is_slower:
        return say("to {month}", month=edition.language.short_month(start, near=span.last))
    grain = kpi.frequency if is_slower else span.grain
    written = edition.calendar.short(grain, start)
    return say("year {year}", year=written) if grain == "year" else written


def _kpi_cell(edition: Edition, column: Column, kpi: rows.Kpi) -> Cell:
    score = column.slot.score(kpi.kpi_id)
    written = edition.edges_of(kpi).write(score.score if score is not None else None)
    return Cell(column.name, column.slot.status(kpi.kpi_id).marks[0], written)


def _group(known: _Seen, row: rows.Perspective, applies: frozenset[str]) -> GroupLine:
    edition, node_id = known.edition, row.perspective_id
    node, share = (
        known.slot.node("perspective", node_id),
        known.shares.get(("perspective", node_id)),
    )
    coverage = coverage_text(edition, node)
    note = say("coverage {coverage}", coverage=coverage)
    if share is not None:
        weight = edition.language.percent(share)
        note = say("weight {weight}, coverage {coverage}", weight=weight, coverage=coverage)
    objectives = [
        _objective(known, objective, applies)
        for objective in edition.strategy.objectives.values()
        if objective.perspective_id == node_id
    ]
    return GroupLine(
        id=node_id,
        name=row.perspective_name,
        href=edition.perspective_href(node_id),
        note=note if node is not None else "",
        score=edition.edges.write(node.score if node is not None else None),
        status=node_status(node),
        cells=tuple(node_cell(edition, column, "perspective", node_id) for column in known.columns),
        objectives=tuple(line for line in objectives if line.kpis),
    )


def _objective(known: _Seen, row: rows.Objective, applies: frozenset[str]) -> NodeLine:
    edition, node_id = known.edition, row.objective_id
    node = known.slot.node("objective", node_id)
    is_part = node is not None and node.coverage < 1
    return NodeLine(
        name=row.objective_name,
        href=edition.objective_href(node_id),
        note=say("coverage {coverage}", coverage=coverage_text(edition, node)) if is_part else "",
        score=edition.edges.write(node.score if node is not None else None),
        status=node_status(node),
        cells=tuple(node_cell(edition, column, "objective", node_id) for column in known.columns),
        kpis=tuple(
            kpi_line(edition, known.slot, known.span, known.columns, kpi)
            for kpi in edition.strategy.kpis.values()
            if kpi.objective_id == node_id and kpi.kpi_id in applies
        ),
    )
