"""Pages of a perspective and of an objective: how it stands, its parts, and what it is tied to.

Not here: the rows of KPIs (card).
"""

from collections.abc import Sequence
from dataclasses import dataclass

from reports.card import Card, PerspectiveRow, card, is_linear, objective_row
from reports.downloads import page_downloads
from reports.edition import Choice, Crumb, Edition, Frame, Switch
from reports.figures.chart import Chart, Judged, Month, Reading, chart
from reports.hierarchy import name_of, node_of, weight_shares
from reports.periods import add_months, months_until
from reports.roll import Roll, roll
from reports.standing import Standing, standings
from reports.views.around import before, units
from reports.views.initiatives import InitiativeItem, initiative_item
from reports.views.kpi_facts import Fact
from reports.views.links import evidence_of, lag_words
from reports.views.moved import Moved, score_moves
from reports.views.restated import RestatedRow, restated_scores
from reports.warehouse import rows
from reports.words.language import NONE, score_scale
from reports.words.status import node_status
from reports.words.text import Part, say, say_count, say_parts

FULL = 100


@dataclass(frozen=True)
class CostRow:
    """What a child cost."""

    name: str
    href: str
    weight: str
    score: str
    lost: str
    width: str


@dataclass(frozen=True)
class TieRow:
    """A link to or from the objective."""

    parts: tuple[Part, ...]
    evidence: str
    hypothesis: str


@dataclass(frozen=True)
class NodePage:
    """A perspective's or an objective's page."""

    frame: Frame
    lede: tuple[Part, ...]
    facts: tuple[Fact, ...]
    roll: Roll | None
    costs_heading: str
    costs: tuple[CostRow, ...]
    moved: Moved | None
    restated: tuple[RestatedRow, ...]
    card: Card
    card_heading: str
    headings: str
    """Which heading rows the table has: objectives, none."""
    chart: Chart | None
    initiatives: tuple[InitiativeItem, ...]
    ties: tuple[TieRow, ...]


def perspective_page(edition: Edition, perspective: rows.Perspective) -> NodePage:
    """Return a perspective's page for the organisation."""
    node_id, unit = perspective.perspective_id, edition.organisation_id
    objectives = [
        row for row in edition.strategy.objectives.values() if row.perspective_id == node_id
    ]
    items = standings(edition, unit)
    shown = card(edition, unit, items, perspective_id=node_id)
    ids = {row.objective_id for row in objectives}
    own = [row for row in edition.strategy.initiatives if row.objective_id in ids]
    siblings = [
        Choice(
            other.perspective_name,
            edition.perspective_href(other.perspective_id),
            other is perspective,
        )
        for other in edition.strategy.perspectives.values()
    ]
    parts = [
        ("perspective", node_id, perspective.perspective_name, edition.perspective_href(node_id))
    ]
    parts += [
        (
            "objective",
            row.objective_id,
            row.objective_name,
            edition.objective_href(row.objective_id),
        )
        for row in objectives
        if node_of(edition, "objective", row.objective_id, unit) is not None
    ]
    return NodePage(
        frame=_frame(edition, "perspective", node_id, perspective.perspective_name, [], siblings),
        lede=(Part(perspective.question or ""),),
        facts=_facts(edition, "perspective", node_id, owner=""),
        roll=roll(edition, unit, parts, head=say("Score of 100")) if len(parts) > 1 else None,
        costs_heading=say("What the objectives cost it"),
        costs=_costs(edition, "perspective", node_id),
        moved=score_moves(edition, "perspective", node_id, unit),
        restated=restated_scores(edition, "perspective", node_id),
        card=shown,
        card_heading=say(
            "{objectives}, {kpis}",
            objectives=say_count("{count} objective", "{count} objectives", shown.objective_count),
            kpis=say_count("{count} KPI", "{count} KPIs", shown.kpi_count),
        ),
        headings="objectives",
        chart=_chart(edition, "perspective", node_id, perspective.perspective_name),
        initiatives=tuple(initiative_item(edition, row) for row in own),
        ties=(),
    )


def objective_page(edition: Edition, objective: rows.Objective) -> NodePage:
    """Return an objective's page for the organisation."""
    node_id, unit = objective.objective_id, edition.organisation_id
    perspective = edition.strategy.perspectives[objective.perspective_id]
    items = [item for item in standings(edition, unit) if item.kpi.objective_id == node_id]
    crumb = Crumb(
        perspective.perspective_name, edition.perspective_href(perspective.perspective_id)
    )
    siblings = [
        Choice(other.objective_name, edition.objective_href(other.objective_id), other is objective)
        for other in edition.strategy.objectives.values()
        if other.perspective_id == objective.perspective_id
    ]
    own = [row for row in edition.strategy.initiatives if row.objective_id == node_id]
    return NodePage(
        frame=_frame(edition, "objective", node_id, objective.objective_name, [crumb], siblings),
        lede=(Part(objective.description or ""),),
        facts=_facts(edition, "objective", node_id, owner=objective.owner_name),
        roll=None,
        costs_heading=say("What the KPIs cost it"),
        costs=_costs(edition, "objective", node_id),
        moved=score_moves(edition, "objective", node_id, unit),
        restated=restated_scores(edition, "objective", node_id),
        card=own_card(edition, objective, items),
        card_heading=say_count("{count} KPI", "{count} KPIs", len(items)),
        headings="none",
        chart=_chart(edition, "objective", node_id, objective.objective_name),
        initiatives=tuple(initiative_item(edition, row) for row in own),
        ties=_ties(edition, objective),
    )


def _chart(edition: Edition, level: str, node_id: str, name: str) -> Chart | None:
    """Draw 24 months of a score, with the edges of the bands as target and red flag."""
    scorecard = edition.strategy.scorecard
    months = []
    for at in months_until(edition.month):
        node = node_of(edition, level, node_id, edition.organisation_id, at)
        score = node.score if node is not None else None
        months.append(Month(at, score, scorecard.on_track_edge, scorecard.at_risk_edge))
    now = node_of(edition, level, node_id, edition.organisation_id)
    return chart(
        months,
        scale=score_scale(edition.edges),
        calendar=edition.calendar,
        name=say("{name}, score", name=name),
        judged=Judged(is_off_track=now is not None and now.band == "off_track"),
        reading=Reading(say("on track"), say("at risk"), is_score=True),
    )


def own_card(edition: Edition, objective: rows.Objective, items: Sequence[Standing]) -> Card:
    """Return the rows of one objective's KPIs."""
    row = objective_row(edition, edition.organisation_id, objective, items)
    status = node_status(None)
    group = PerspectiveRow(
        id=objective.perspective_id,
        name="",
        href="",
        note="",
        held_by=(),
        score=NONE,
        status=status,
        objectives=(row,),
    )
    return Card(
        perspectives=(group,),
        objective_count=1,
        kpi_count=len(items),
        is_linear=is_linear(item.kpi for item in items),
    )


def _frame(
    edition: Edition,
    level: str,
    node_id: str,
    name: str,
    above: Sequence[Crumb],
    siblings: Sequence[Choice],
) -> Frame:
    label = say("Perspective") if level == "perspective" else say("Objective")
    heading = _heading(edition, level, node_id, name)
    anchor = f"{level[0]}-{node_id}"
    return edition.frame(
        title=_title(edition, level, node_id, name),
        finding="".join(part.text for part in heading),
        heading=heading,
        crumbs=[edition.front_crumb(), *above, Crumb(name, None)],
        switches=[
            *([Switch(label, tuple(siblings))] if len(siblings) > 1 else []),
            *units(edition, _kpis_of(edition, level, node_id), anchor),
        ],
        previous=before(edition, anchor),
        downloads=page_downloads(edition, f"{level}s/{node_id}"),
    )


def _kpis_of(edition: Edition, level: str, node_id: str) -> frozenset[str]:
    """Return the KPIs below a perspective or an objective."""
    found = edition.strategy.kpis.values()
    return frozenset(
        kpi.kpi_id
        for kpi in found
        if node_id == (kpi.perspective_id if level == "perspective" else kpi.objective_id)
    )


def _title(edition: Edition, level: str, node_id: str, name: str) -> str:
    node = node_of(edition, level, node_id, edition.organisation_id)
    month = edition.language.month(edition.month)
    if node is None or node.score is None:
        return say("{name}, {month}: no score", name=name, month=month)
    return say(
        "{name}, {month}: {status}, {score} of 100",
        name=name,
        month=month,
        status=node_status(node).within,
        score=edition.edges.write(node.score),
    )


def _heading(edition: Edition, level: str, node_id: str, name: str) -> tuple[Part, ...]:
    node = node_of(edition, level, node_id, edition.organisation_id)
    own = Part(name, style="outside")
    if node is None or node.score is None:
        covered = edition.language.percent(node.coverage if node is not None else 0.0)
        return say_parts(
            "{name}: no score, since coverage is {coverage}", name=own, coverage=covered
        )
    status, score = node_status(node).within, edition.edges.write(node.score)
    weakest = _weakest(edition, level, node_id)
    if not weakest:
        return say_parts("{name}: {status}, {score} of 100", name=own, status=status, score=score)
    return say_parts(
        "{name}: {status}, {score} of 100; weakest is {weakest}",
        name=own,
        status=status,
        score=score,
        weakest=Part(weakest, style="outside"),
    )


def _weakest(edition: Edition, level: str, node_id: str) -> str:
    """Name the weakest child of a node that lacks anything."""
    node = node_of(edition, level, node_id, edition.organisation_id)
    if node is None or node.score is None or node.weakest_child_id is None:
        return ""
    if node.score >= FULL:
        return ""
    child = "objective" if level == "perspective" else "kpi"
    return name_of(edition, child, node.weakest_child_id, edition.organisation_id)[0]


def _facts(edition: Edition, level: str, node_id: str, *, owner: str) -> tuple[Fact, ...]:
    unit, month = edition.organisation_id, edition.month
    node = node_of(edition, level, node_id, unit)
    month_ago = node_of(edition, level, node_id, unit, add_months(month, -1))
    year = node_of(edition, level, node_id, unit, add_months(month, -12))
    score = node.score if node is not None else None
    share = weight_shares(edition, unit).get((level, node_id))
    lost = node.points_lost if node is not None else None
    under_whole = level == "perspective"

    def past(other: rows.Node | None, back: int) -> Fact:
        value = other.score if other is not None else None
        change = edition.edges.write_change(score, value)
        label = edition.language.month(add_months(month, -back))
        note = say("{change} since", change=change) if change != NONE else ""
        return Fact(label, edition.edges.write(value), note)

    found = [
        Fact(say("Status"), "", status=node_status(node)),
        Fact(say("Score"), edition.edges.write(score), say("of 100")),
        past(month_ago, 1),
        past(year, 12),
        Fact(
            say("Coverage"),
            edition.language.percent(node.coverage if node is not None else 0.0),
            say("of the weight has a score"),
        ),
        Fact(
            say("Weight"),
            edition.language.percent(share) if share is not None else NONE,
            say("of the scorecard") if under_whole else say("of its perspective"),
        ),
        Fact(
            say("Points lost"),
            edition.language.number(lost, 1) if lost is not None else NONE,
            say("to the scorecard") if under_whole else say("to its perspective"),
        ),
    ]
    return (*found, Fact(say("Owner"), owner, is_text=True)) if owner else tuple(found)


def _costs(edition: Edition, level: str, node_id: str) -> tuple[CostRow, ...]:
    unit = edition.organisation_id
    costs = [
        cost
        for cost in edition.results.costs.get((unit, edition.month), [])
        if cost.parent_level == level and cost.parent_id == node_id
    ]
    costs.sort(key=lambda cost: -(cost.points_lost or 0.0))
    total = sum(cost.weight for cost in costs)
    most = max((cost.points_lost or 0.0 for cost in costs), default=0.0)
    found = []
    for cost in costs:
        name, href = name_of(edition, cost.child_level, cost.child_id, unit)
        found.append(
            CostRow(
                name=name,
                href=href,
                weight=edition.language.percent(cost.weight / total) if total else NONE,
                score=edition.edges.write(cost.score),
                lost=edition.language.number(cost.points_lost, 1),
                width=f"{max(0.0, cost.points_lost or 0.0) / most * 100:.2f}" if most > 0 else "0",
            )
        )
    return tuple(found)


def _ties(edition: Edition, objective: rows.Objective) -> tuple[TieRow, ...]:
    found = []
    for link in edition.strategy.links:
        if link.cause_objective_id == objective.objective_id:
            parts = say_parts(
                "It should raise {objective} ({status}), {when}.",
                **_other_end(edition, link.effect_objective_id, link),
            )
        elif link.effect_objective_id == objective.objective_id:
            parts = say_parts(
                "It should be raised by {objective} ({status}), {when}.",
                **_other_end(edition, link.cause_objective_id, link),
            )
        else:
            continue
        found.append(TieRow(parts, evidence_of(edition, link).sentence, link.hypothesis or ""))
    return tuple(found)


def _other_end(edition: Edition, other: str, link: rows.Link) -> dict[str, Part | str]:
    node = node_of(edition, "objective", other, edition.organisation_id)
    name = edition.strategy.objectives[other].objective_name
    return {
        "objective": Part(name, edition.objective_href(other)),
        "status": node_status(node).within,
        "when": lag_words(link.lag_months) if link.lag_months else say("in the same month"),
    }
