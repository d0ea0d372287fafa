"""Initiatives that are late, as the front page names them.

Not here: all initiatives and their steps (initiatives, initiative).
"""

from collections.abc import Sequence
from dataclasses import dataclass

from reports.edition import Edition
from reports.warehouse import rows
from reports.words.lists import parts_in_a_row
from reports.words.text import Part, say, say_count, say_count_parts, say_parts

SHOWN_LATE = 2
CLOSED = frozenset({"done", "stopped"})


@dataclass(frozen=True)
class LateItem:
    """An initiative that is late: how late, and who answers for it."""

    parts: tuple[Part, ...]
    who: tuple[Part, ...]


@dataclass(frozen=True)
class Late:
    """Initiatives that are late, those due longest first."""

    heading: str
    items: tuple[LateItem, ...]
    note: str
    """How many more are late, and how many are on time."""


def late_initiatives(edition: Edition) -> Late:
    """Return the initiatives that are late."""
    open_ones = [row for row in edition.strategy.initiatives if row.status not in CLOSED]
    late = [row for row in open_ones if row.is_late]
    late.sort(key=lambda row: (row.end_date, row.initiative_id))
    return Late(
        heading=_heading(len(open_ones), len(late)),
        items=tuple(_item(edition, row) for row in late[:SHOWN_LATE]),
        note=_note(len(late), len(open_ones) - len(late)),
    )


def _heading(open_count: int, late: int) -> str:
    if not open_count:
        return say("No initiative is open")
    if not late:
        return say_count(
            "The one open initiative is on time",
            "All {count} open initiatives are on time",
            open_count,
        )
    return say_count("{count} initiative late", "{count} initiatives late", late)


def _note(late: int, others: int) -> str:
    if not late:
        return ""
    more = late - SHOWN_LATE
    told = [say_count("{count} more is late.", "{count} more are late.", more)] if more > 0 else []
    if others:
        told.append(say_count("{count} other on time.", "{count} others on time.", others))
    return " ".join(told)


def _item(edition: Edition, row: rows.Initiative) -> LateItem:
    days = (edition.strategy.release.as_of_date - row.end_date).days
    steps = edition.strategy.milestones.get(row.initiative_id, [])
    waits = [Part(step.milestone_name, style="outside") for step in steps if step.is_late]
    name = Part(row.initiative_name, edition.href(f"initiatives/{row.initiative_id}.html"))
    objective = edition.strategy.objectives[row.objective_id].objective_name
    return LateItem(
        parts=_sentence(name, days, waits),
        who=say_parts(
            "{owner}, for {objective}",
            owner=Part(row.owner_name, style="outside"),
            objective=Part(objective, style="outside"),
        ),
    )


def _sentence(name: Part, days: int, waits: Sequence[Part]) -> tuple[Part, ...]:
    steps = parts_in_a_row(waits)
    if days <= 0 and waits:
        return say_parts(
            "{initiative}: a milestone is late, waits for {milestones}.",
            initiative=name,
            milestones=steps,
        )
    if days <= 0:
        return say_parts("{initiative}: a milestone is late.", initiative=name)
    if waits:
        return say_count_parts(
            "{initiative}: {count} day late, waits for {milestones}.",
            "{initiative}: {count} days late, waits for {milestones}.",
            days,
            initiative=name,
            milestones=steps,
        )
    return say_count_parts(
        "{initiative}: {count} day late.", "{initiative}: {count} days late.", days, initiative=name
    )
