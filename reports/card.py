"""The scorecard of one unit as rows: KPIs under objectives under perspectives.

Shared by the front page, the units' pages and those of perspectives and objectives. Not here: how a KPI stands
(standing), the roll of the scores (roll), what is said around it (views).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from reports.edition import Edition
from reports.figures.small import Bullet, Spark, bullet
from reports.hierarchy import coverage_text, node_of, weight_shares
from reports.movement import Change
from reports.standing import Standing, change_of, is_restated, kpi_spark, period_mark
from reports.warehouse import rows
from reports.words import points
from reports.words.language import NONE
from reports.words.lists import parts_in_a_row
from reports.words.status import Status, node_status
from reports.words.text import Part, say, say_parts

THIRDS = (33, 67)
"""The scores of red flag and target, rounded."""


@dataclass(frozen=True)
class KpiRow:
    """A KPI in the full scorecard."""

    id: str
    """Anchor of its row in a past month, to which its page leads; empty in the headline month."""
    name: str
    href: str
    unit: str
    marks: tuple[str, ...]
    is_restated: bool
    actual: str
    target: str
    is_words: bool
    """The target is no number: a range, a step."""
    gap: str
    bullet: Bullet
    bullet_note: str
    score: str
    status: Status
    spark: Spark
    change: Change
    owner: str


@dataclass(frozen=True)
class ObjectiveRow:
    """An objective in the full scorecard, with its KPIs."""

    id: str
    name: str
    href: str
    note: str
    score: str
    status: Status
    kpis: tuple[KpiRow, ...]


@dataclass(frozen=True)
class PerspectiveRow:
    """A perspective in the full scorecard, with its objectives."""

    id: str
    name: str
    href: str
    note: str
    held_by: tuple[Part, ...]
    """The objectives whose gates hold it back, as a sentence."""
    score: str
    status: Status
    objectives: tuple[ObjectiveRow, ...]


@dataclass(frozen=True)
class Card:
    """The full scorecard of a unit."""

    perspectives: tuple[PerspectiveRow, ...]
    objective_count: int
    kpi_count: int
    is_linear: bool
    """The two ticks of every bar are red flag and target; else they are where the bands begin."""

    @property
    def scales(self) -> tuple[Bullet, ...]:
        """One bar for each way of parting the score's scale into bands."""
        objectives = (objective for group in self.perspectives for objective in group.objectives)
        bars = (row.bullet for objective in objectives for row in objective.kpis)
        return tuple({bar.bands: bar for bar in bars}.values())


def kpi_row(edition: Edition, item: Standing) -> KpiRow:
    """Return a KPI's row of the full scorecard."""
    kpi, scale, edges = item.kpi, item.scale, edition.edges_of(item.kpi)
    goal = points.goal(kpi, item.score, scale)
    period = period_mark(edition, item)
    return KpiRow(
        id=f"k-{kpi.kpi_id}" if edition.month != edition.headline else "",
        name=kpi.kpi_name,
        href=edition.kpi_href(kpi.kpi_id, item.unit_id),
        unit=scale.unit_beside(kpi.kpi_name),
        marks=(period,) if period else (),
        is_restated=is_restated(edition, item),
        actual=scale.bare(item.actual),
        target=goal.short if goal is not None else NONE,
        is_words=goal is not None and not goal.is_number,
        gap=points.gap(kpi, item.score, scale) if item.actual is not None else "",
        bullet=bullet(
            item.points,
            title=say(
                "Score {score} {most}",
                score=edges.write(item.points),
                most=points.of_most(kpi, edges),
            )
            if item.points is not None
            else say("No score"),
            at_risk=kpi.at_risk_edge,
            on_track=kpi.on_track_edge,
        ),
        bullet_note=say("no target set") if item.status.key == "no_target" else "",
        score=edges.write(item.points),
        status=item.status,
        spark=kpi_spark(edition, item),
        change=change_of(edition, item),
        owner=kpi.owner_name,
    )


def card(
    edition: Edition,
    unit_id: str,
    items: Sequence[Standing],
    *,
    perspective_id: str | None = None,
    on_page: bool = False,
) -> Card:
    """Return the full scorecard of a unit, or one perspective of it."""
    by_objective: dict[str, list[Standing]] = {}
    for item in items:
        by_objective.setdefault(item.kpi.objective_id, []).append(item)
    groups = [
        _perspective_row(edition, unit_id, perspective, by_objective, on_page=on_page)
        for perspective in edition.strategy.perspectives.values()
        if perspective_id in {None, perspective.perspective_id}
    ]
    shown = tuple(group for group in groups if group.objectives)
    objectives = [objective for group in shown for objective in group.objectives]
    return Card(
        perspectives=shown,
        objective_count=len(objectives),
        kpi_count=sum(len(objective.kpis) for objective in objectives),
        is_linear=is_linear(item.kpi for item in items),
    )


def is_linear(kpis: Iterable[rows.Kpi]) -> bool:
    """Whether the bands of all begin at red flag and target, as with the linear rule's own edges."""
    return all(
        kpi.rule == "linear" and (round(kpi.at_risk_edge), round(kpi.on_track_edge)) == THIRDS
        for kpi in kpis
    )


def _perspective_row(
    edition: Edition,
    unit_id: str,
    perspective: rows.Perspective,
    by_objective: dict[str, list[Standing]],
    *,
    on_page: bool,
) -> PerspectiveRow:
    node_id = perspective.perspective_id
    node = node_of(edition, "perspective", node_id, unit_id)
    share = weight_shares(edition, unit_id).get(("perspective", node_id))
    objectives = tuple(
        objective_row(edition, unit_id, objective, by_objective[objective.objective_id])
        for objective in edition.strategy.objectives.values()
        if objective.perspective_id == node_id and objective.objective_id in by_objective
    )
    return PerspectiveRow(
        id=node_id,
        name=perspective.perspective_name,
        href=f"#p-{node_id}" if on_page else edition.perspective_href(node_id),
        note=_weight_and_coverage(edition, share, node),
        held_by=_gates(edition, unit_id, node_id) if node is not None and node.is_gated else (),
        score=edition.edges.write(node.score if node is not None else None),
        status=node_status(node, with_gate=False),
        objectives=objectives,
    )


def _weight_and_coverage(edition: Edition, share: float | None, node: rows.Node | None) -> str:
    coverage = coverage_text(edition, node)
    if share is None:
        return say("coverage {coverage}", coverage=coverage)
    weight = edition.language.percent(share)
    return say("weight {weight}, coverage {coverage}", weight=weight, coverage=coverage)


def _gates(edition: Edition, unit_id: str, perspective_id: str) -> tuple[Part, ...]:
    """Name the objectives that hold a perspective back."""
    names = []
    for objective in edition.strategy.objectives.values():
        node = node_of(edition, "objective", objective.objective_id, unit_id)
        if objective.perspective_id == perspective_id and node is not None:
            own = objective.gate_score is not None and (
                node.score is None or node.score < objective.gate_score
            )
            if own or node.is_gated:
                names.append(Part(objective.objective_name, style="outside"))
    return say_parts("held back by a gate: {objectives}", objectives=parts_in_a_row(names))


def objective_row(
    edition: Edition, unit_id: str, objective: rows.Objective, items: Sequence[Standing]
) -> ObjectiveRow:
    """Return an objective's row with its KPIs."""
    node = node_of(edition, "objective", objective.objective_id, unit_id)
    partly = node is not None and node.coverage < 1
    return ObjectiveRow(
        id=objective.objective_id,
        name=objective.objective_name,
        href=edition.objective_href(objective.objective_id),
        note=say("coverage {coverage}", coverage=coverage_text(edition, node)) if partly else "",
        score=edition.edges.write(node.score if node is not None else None),
        status=node_status(node),
        kpis=tuple(kpi_row(edition, item) for item in items),
    )
