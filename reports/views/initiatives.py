"""Initiatives: the funded work that moves objectives, with what is late.

Not here: how initiatives bear on scores; they do not.
"""

from dataclasses import dataclass
from decimal import Decimal

from reports import rows
from reports.edition import Edition, Frame
from reports.language import NONE
from reports.status import Mark, Status
from reports.text import Part

STATES = {
    "late": Mark("at_risk", "Late"),
    "running": Mark("on_track", "Running"),
    "planned": Mark("no_target", "Planned"),
    "done": Mark("on_track", "Done"),
    "stopped": Mark("no_data", "Stopped"),
}


@dataclass(frozen=True)
class MilestoneItem:
    """A step."""

    name: str
    due: str
    state: Status
    done: str


@dataclass(frozen=True)
class InitiativeItem:
    """An initiative."""

    id: str
    name: str
    href: str
    description: str
    objective: str
    objective_href: str
    owner: str
    dates: str
    budget: str
    status: Status
    sentence: str
    milestones: tuple[MilestoneItem, ...]


@dataclass(frozen=True)
class InitiativesPage:
    """All initiatives."""

    frame: Frame
    lede: tuple[Part, ...]
    items: tuple[InitiativeItem, ...]


def initiatives_page(edition: Edition) -> InitiativesPage:
    """Return the page of all initiatives, late ones first."""
    found = sorted(
        edition.strategy.initiatives,
        key=lambda row: (not row.is_late, _order(row.status), row.end_date, row.initiative_id),
    )
    late = sum(row.is_late for row in found)
    open_count = sum(row.status not in {"done", "stopped"} for row in found)
    if not found:
        finding = "No initiatives are written down"
    elif late:
        finding = f"{late} of {open_count} open initiatives {'is' if late == 1 else 'are'} late"
    elif open_count == 0:
        finding = "No initiative is open"
    else:
        finding = (
            "The one open initiative is on time"
            if open_count == 1
            else f"All {open_count} open initiatives are on time"
        )
    budget = sum(
        (row.budget_amount or 0 for row in found if row.status in {"running", "planned"}),
        Decimal(0),
    )
    lede = (Part(f"Budget of the open ones: {edition.language.money(budget)}."),) if budget else ()
    return InitiativesPage(
        frame=edition.frame(
            title=f"Initiatives: {finding.lower()}", finding=finding, page="initiatives.html"
        ),
        lede=lede,
        items=tuple(initiative_item(edition, row) for row in found),
    )


def _order(status: str) -> int:
    return ("running", "planned", "stopped", "done").index(status) if status in STATES else 9


def initiative_item(edition: Edition, row: rows.Initiative) -> InitiativeItem:
    """Return an initiative as it is shown."""
    language = edition.language
    objective = edition.strategy.objectives[row.objective_id]
    late = (STATES["late"],) if row.is_late else ()
    state = STATES.get(row.status, Mark("no_data", row.status))
    steps = edition.strategy.milestones.get(row.initiative_id, [])
    return InitiativeItem(
        id=row.initiative_id,
        name=row.initiative_name,
        href=edition.href(f"initiatives/{row.initiative_id}.html"),
        description=row.description or "",
        objective=objective.objective_name,
        objective_href=edition.objective_href(row.objective_id),
        owner=row.owner_name,
        dates=f"{language.day(row.start_date)} to {language.day(row.end_date)}",
        budget=language.money(row.budget_amount) if row.budget_amount else NONE,
        status=Status(late or (state,)),
        sentence=_sentence(edition, row, steps),
        milestones=tuple(_milestone(edition, step) for step in steps),
    )


def _sentence(edition: Edition, row: rows.Initiative, steps: list[rows.Milestone]) -> str:
    days = (edition.strategy.release.as_of_date - row.end_date).days
    done = sum(step.done_date is not None for step in steps)
    told = f"{done} of {len(steps)} milestones done" if steps else ""
    late = (
        f"{days} days late: due {edition.language.day(row.end_date)}"
        if row.is_late and days > 0
        else ""
    )
    waits = [step.milestone_name for step in steps if step.is_late]
    waiting = f"waits for {', '.join(waits)}" if waits else ""
    said = "; ".join(part for part in (late, waiting, told) if part)
    return f"{said[0].upper()}{said[1:]}." if said else ""


def _milestone(edition: Edition, step: rows.Milestone) -> MilestoneItem:
    if step.done_date is not None:
        late = step.done_date > step.due_date
        state = Mark("on_track", "Done late" if late else "Done")
    elif step.is_late:
        state = STATES["late"]
    else:
        state = Mark("no_target", "Open")
    return MilestoneItem(
        name=step.milestone_name,
        due=edition.language.day(step.due_date),
        state=Status((state,)),
        done=edition.language.day(step.done_date) if step.done_date is not None else "",
    )
