"""The page of an initiative: how it stands, its milestones, and the objective and KPIs that it is to move.

Not here: the list of all initiatives and their sentences (initiatives); an initiative has no part in any score.
"""

from dataclasses import dataclass

from reports.card import Card
from reports.downloads import page_downloads
from reports.edition import Choice, Crumb, Edition, Frame, Switch
from reports.hierarchy import node_of
from reports.standing import standings
from reports.views.around import before, units
from reports.views.initiatives import InitiativeItem, initiative_item
from reports.views.nodes import own_card
from reports.warehouse import rows
from reports.words.language import NONE
from reports.words.status import Status, node_status
from reports.words.text import Part, say, say_count, say_parts


@dataclass(frozen=True)
class InitiativePage:
    """An initiative's page."""

    frame: Frame
    item: InitiativeItem
    milestones_heading: str
    objective_status: Status
    objective_score: str
    card: Card
    card_heading: str


def initiative_page(edition: Edition, row: rows.Initiative) -> InitiativePage:
    """Return an initiative's page."""
    whole = edition.organisation_id
    objective = edition.strategy.objectives[row.objective_id]
    items = [
        item for item in standings(edition, whole) if item.kpi.objective_id == row.objective_id
    ]
    node = node_of(edition, "objective", row.objective_id, whole)
    steps = edition.strategy.milestones.get(row.initiative_id, [])
    return InitiativePage(
        frame=_frame(edition, row, steps),
        item=initiative_item(edition, row),
        milestones_heading=_milestones(steps),
        objective_status=node_status(node),
        objective_score=edition.edges.write(node.score) if node is not None else NONE,
        card=own_card(edition, objective, items),
        card_heading=say_count(
            "{count} KPI of its objective", "{count} KPIs of its objective", len(items)
        ),
    )


def _frame(edition: Edition, row: rows.Initiative, steps: list[rows.Milestone]) -> Frame:
    kpis = edition.strategy.kpis.values()
    moved = frozenset(kpi.kpi_id for kpi in kpis if kpi.objective_id == row.objective_id)
    anchor = f"o-{row.objective_id}"
    finding, heading = _finding(edition, row, steps), _heading(edition, row, steps)
    choices = tuple(
        Choice(
            other.initiative_name,
            edition.href(f"initiatives/{other.initiative_id}.html"),
            other.initiative_id == row.initiative_id,
        )
        for other in edition.strategy.initiatives
    )
    return edition.frame(
        title=say(
            "{initiative}, {month}: {finding}",
            initiative=row.initiative_name,
            month=edition.language.month(edition.month),
            finding=finding,
        ),
        finding="".join(part.text for part in heading),
        heading=heading,
        crumbs=[
            edition.front_crumb(),
            Crumb(say("Initiatives"), edition.href("initiatives.html")),
            Crumb(row.initiative_name, None),
        ],
        switches=[
            *([Switch(say("Initiative"), choices)] if len(choices) > 1 else []),
            *units(edition, moved, anchor),
        ],
        previous=before(edition, anchor),
        downloads=page_downloads(edition, f"initiatives/{row.initiative_id}"),
    )


def _heading(
    edition: Edition, row: rows.Initiative, steps: list[rows.Milestone]
) -> tuple[Part, ...]:
    return say_parts(
        "{initiative}: {finding}",
        initiative=Part(row.initiative_name, style="outside"),
        finding=_finding(edition, row, steps),
    )


def _finding(edition: Edition, row: rows.Initiative, steps: list[rows.Milestone]) -> str:
    """Return what the page's heading says of the initiative."""
    if row.is_late:
        return _lateness(edition, row, steps)
    day = edition.language.day
    match row.status:
        case "planned":
            return say("planned, to begin on {day}", day=day(row.start_date))
        case "done":
            return say("done")
        case "stopped":
            return say("stopped")
        case _:
            return say("on time, due {day}", day=day(row.end_date))


def _lateness(edition: Edition, row: rows.Initiative, steps: list[rows.Milestone]) -> str:
    days = (edition.strategy.release.as_of_date - row.end_date).days
    late = sum(step.is_late for step in steps)
    if days > 0:
        return say_count("{count} day late", "{count} days late", days)
    if late:
        return say_count(
            "late, {count} milestone of {all} is overdue",
            "late, {count} milestones of {all} are overdue",
            late,
            all=len(steps),
        )
    return say("late")


def _milestones(steps: list[rows.Milestone]) -> str:
    if not steps:
        return say("No milestones are written down")
    done = sum(step.done_date is not None for step in steps)
    return say_count(
        "{done} of {count} milestone is done",
        "{done} of {count} milestones are done",
        len(steps),
        done=done,
    )
