"""What needs the reader: the KPIs that are off track, those that cost most first, with what their owners say.

Not here: the rest of the scorecard (card), all comments on a KPI (comments).
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from reports.edition import Edition
from reports.hierarchy import points_lost
from reports.standing import Standing, period_mark
from reports.words import points
from reports.words.language import NONE
from reports.words.status import Status
from reports.words.text import say, say_count

ROOM = 7
"""Perspectives and KPIs off track that stand on a front page's first screen together."""
FEWEST, MOST = 1, 5
TWO_LINES = 96
"""Characters of an owner's name and the comment's beginning; the KPI's page has the whole of it."""
BRIEF = 44
"""Characters of a comment that are shown however long its owner's name."""
_SENTENCE = re.compile(r"(?<=[.!?…。！？؟])\s+")


@dataclass(frozen=True)
class Need:
    """A KPI off track, with what its owner says."""

    name: str
    href: str
    unit: str
    status: Status
    actual: str
    mark: str
    """The period that the value is of, where it is not the headline month."""
    target: str
    is_words: bool
    lost: str
    owner: str
    comment: str
    is_asked: bool
    """No comment has come yet."""


@dataclass(frozen=True)
class Needs:
    """What needs the reader."""

    heading: str
    rows: tuple[Need, ...]
    note: str
    more_text: str = ""
    """How many more there are, and what they cost together."""
    more: tuple[Need, ...] = ()


def few_needs(perspectives: int) -> int:
    """Return how many KPIs off track a first screen shows below that many perspectives; the others follow, folded."""
    return min(MOST, max(FEWEST, ROOM - perspectives))


def needs_of(
    edition: Edition, unit_id: str, items: Sequence[Standing], *, few: int | None = None
) -> Needs:
    """Return the KPIs that are off track, those that cost most first; where `few` is given, the others apart."""
    lost = points_lost(edition, unit_id)
    bad = [item for item in items if item.score is not None and item.score.band == "off_track"]
    bad.sort(key=lambda item: -lost.get(item.kpi.kpi_id, 0.0))
    shown = len(bad) if few is None else min(few, len(bad))
    found = [_need(edition, item, lost.get(item.kpi.kpi_id)) for item in bad]
    rest = sum(lost.get(item.kpi.kpi_id, 0.0) for item in bad[shown:])
    return Needs(
        heading=say_count(
            "What needs you: {count} KPI off track",
            "What needs you: {count} KPIs off track",
            len(bad),
        )
        if bad
        else say("What needs you: no KPI is off track"),
        rows=tuple(found[:shown]),
        note="" if bad else _note(items),
        more_text=_more(edition, len(bad) - shown, rest) if len(bad) > shown else "",
        more=tuple(found[shown:]),
    )


def _note(items: Sequence[Standing]) -> str:
    risk = sum(item.score is not None and item.score.band == "at_risk" for item in items)
    if risk:
        return say_count("{count} at risk.", "{count} at risk.", risk)
    return say("Every KPI that has a score is on track.")


def _more(edition: Edition, count: int, lost: float) -> str:
    return say_count(
        "{count} more KPI off track, which costs {lost} points",
        "{count} more KPIs off track, which cost {lost} points together",
        count,
        lost=edition.language.number(lost, 1),
    )


def _need(edition: Edition, item: Standing, lost: float | None) -> Need:
    comments = edition.strategy.comments.get((item.kpi.kpi_id, item.unit_id), [])
    text = next(
        (row.comment_text for row in comments if row.period_start_date == edition.month), ""
    )
    goal = points.goal(item.kpi, item.score, item.scale)
    return Need(
        name=item.kpi.kpi_name,
        href=edition.kpi_href(item.kpi.kpi_id, item.unit_id),
        unit=item.scale.unit_beside(item.kpi.kpi_name),
        status=item.status,
        actual=item.scale.bare(item.actual),
        mark=period_mark(edition, item),
        target=goal.short if goal is not None else NONE,
        is_words=goal is not None and not goal.is_number,
        lost=edition.language.number(lost, 1),
        owner=item.kpi.owner_name,
        comment=brief(text, TWO_LINES - len(item.kpi.owner_name)) or _no_comment(edition),
        is_asked=not text,
    )


def brief(comment: str, room: int = TWO_LINES) -> str:
    """Return a comment's first sentence, up to a word where it is too long for its room; an ellipsis where there is more."""
    most = max(BRIEF, room)
    whole = comment.strip()
    first = _SENTENCE.split(whole, maxsplit=1)[0]
    if len(first) > most:
        first = first[: most + 1].rsplit(maxsplit=1)[0][:most]
    return first if first == whole else f"{first.rstrip(' ,;:')}\N{NO-BREAK SPACE}…"


def _no_comment(edition: Edition) -> str:
    month = edition.language.month_name(edition.month)
    if edition.seen:  # nobody is waited for any more
        return say("no comment for {month}.", month=month)
    return say("no comment for {month} yet.", month=month)
