"""Initiatives: the funded work that moves objectives, with what is late.

Not here: how initiatives bear on scores; they do not.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from reports.downloads import DATA, page_downloads
from reports.edition import Edition, Frame
from reports.warehouse import rows
from reports.words.language import NONE
from reports.words.status import Mark, Status
from reports.words.text import Part, later, say, say_count, say_parts

STATES = {
    "late": ("at_risk", later("Late")),
    "running": ("on_track", later("Running")),
    "planned": ("no_target", later("Planned")),
    "done": ("on_track", later("Done")),
    "stopped": ("no_data", later("Stopped")),
}
"""Shape and word of each state."""


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
    sentence: tuple[Part, ...]
    milestones: tuple[MilestoneItem, ...]


@dataclass(frozen=True)
class InitiativesPage:
    """All initiatives."""

    frame: Frame
    lede: tuple[Part, ...]
    list_heading: str
    items: tuple[InitiativeItem, ...]
    """Late ones first; the steps of each stand on its own page."""


def initiatives_page(edition: Edition) -> InitiativesPage:
    """Return the page of all initiatives, late ones first."""
    found = sorted(
        edition.strategy.initiatives,
        key=lambda row: (not row.is_late, _order(row.status), row.end_date, row.initiative_id),
    )
    late = sum(row.is_late for row in found)
    open_count = sum(row.status not in {"done", "stopped"} for row in found)
    finding = _finding(len(found), late, open_count)
    budget = sum(
        (row.budget_amount or 0 for row in found if row.status in {"running", "planned"}),
        Decimal(0),
    )
    told = say("Budget of the open ones: {budget}.", budget=edition.language.money(budget))
    return InitiativesPage(
        frame=edition.frame(
            title=say("Initiatives: {finding}", finding=finding),
            finding=finding,
            page="initiatives.html",
            downloads=page_downloads(edition, DATA["initiatives"]),
        ),
        lede=(Part(told),) if budget else (),
        list_heading=say_count("The initiative", "All {count} initiatives", len(found)),
        items=tuple(initiative_item(edition, row) for row in found),
    )


def _finding(count: int, late: int, open_count: int) -> str:
    if not count:
        return say("No initiatives are written down")
    if late:
        return say_count(
            "{count} of {open} open initiatives is late",
            "{count} of {open} open initiatives are late",
            late,
            open=open_count,
        )
    if not open_count:
        return say("No initiative is open")
    return say_count(
        "The one open initiative is on time",
        "All {count} open initiatives are on time",
        open_count,
    )


def _mark(state: str) -> Mark:
    """Return the sign of a state; one that is not known here keeps its own name."""
    shape, word = STATES.get(state, ("no_data", state))
    return Mark(shape, say(word) if state in STATES else word)


def _order(status: str) -> int:
    return ("running", "planned", "stopped", "done").index(status) if status in STATES else 9


def initiative_item(edition: Edition, row: rows.Initiative) -> InitiativeItem:
    """Return an initiative as it is shown."""
    language = edition.language
    objective = edition.strategy.objectives[row.objective_id]
    steps = edition.strategy.milestones.get(row.initiative_id, [])
    return InitiativeItem(
        id=row.initiative_id,
        name=row.initiative_name,
        href=edition.href(f"initiatives/{row.initiative_id}.html"),
        description=row.description or "",
        objective=objective.objective_name,
        objective_href=edition.objective_href(row.objective_id),
        owner=row.owner_name,
        dates=say(
            "{start} to {end}", start=language.day(row.start_date), end=language.day(row.end_date)
        ),
        budget=language.money(row.budget_amount) if row.budget_amount else NONE,
        status=Status((_mark("late" if row.is_late else row.status),)),
        sentence=_sentence(edition, row, steps),
        milestones=tuple(_milestone(edition, step) for step in steps),
    )


def _sentence(
    edition: Edition, row: rows.Initiative, steps: list[rows.Milestone]
) -> tuple[Part, ...]:
    """Say how late it is, what it waits for and how much of it is done."""
    done = sum(step.done_date is not None for step in steps)
    told = [
        _lateness(edition, row.end_date) if row.is_late else (),
        *(_waiting(edition, step) for step in steps if step.is_late),
        say_parts("{done} of {all} milestones done.", done=str(done), all=str(len(steps)))
        if steps
        else (),
    ]
    found: list[Part] = []
    for sentence in filter(None, told):
        found += [*([Part(" ")] if found else []), *sentence]
    return tuple(found)


def _lateness(edition: Edition, end: date) -> tuple[Part, ...]:
    days = (edition.strategy.release.as_of_date - end).days
    if days <= 0:
        return ()
    due = edition.language.day(end)
    return (
        Part(
            say_count(
                "{count} day late: due {day}.", "{count} days late: due {day}.", days, day=due
            )
        ),
    )


def _waiting(edition: Edition, step: rows.Milestone) -> tuple[Part, ...]:
    return say_parts(
        "Waits for {milestone}, due {day}.",
        milestone=Part(step.milestone_name, style="outside"),
        day=edition.language.day(step.due_date),
    )


def _milestone(edition: Edition, step: rows.Milestone) -> MilestoneItem:
    if step.done_date is not None:
        late = step.done_date > step.due_date
        state = Mark("on_track", say("Done late") if late else say("Done"))
    elif step.is_late:
        state = _mark("late")
    else:
        state = Mark("no_target", say("Open"))
    return MilestoneItem(
        name=step.milestone_name,
        due=edition.language.day(step.due_date),
        state=Status((state,)),
        done=edition.language.day(step.done_date) if step.done_date is not None else NONE,
    )
