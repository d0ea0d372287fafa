"""How each source stands: fresh, stale, failed or rejected, and up to which day its data reach.

Not here: loads, checks and quarantined rows one by one (quality).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from reports.edition import Edition
from reports.warehouse import rows
from reports.words.status import Mark, Status
from reports.words.text import later, say, say_count
from scorecard.terms import MANUAL


@dataclass(frozen=True)
class Source:
    """A source system, all its tables together."""

    id: str
    name: str
    owner: str
    tables: str
    data_to: str
    status: Status
    note: str
    is_troubled: bool
    short: str
    """One sentence for the front page's first screen."""


@dataclass(frozen=True)
class SourcesSection:
    """The state of all sources."""

    heading: str
    trouble_heading: str
    sources: tuple[Source, ...]
    has_notes: bool


STATES = {
    "failed": Mark("no_data", later("Failed"), later("failed")),
    "rejected": Mark("unverified", later("Rejected"), later("rejected")),
    "stale": Mark("stale", later("Stale"), later("stale")),
    "fresh": Mark("on_track", later("Fresh"), later("fresh")),
    "entered": Mark("on_track", later("As entered"), later("as entered")),
}
"""Worst first: a source is what its worst table is. What people enter by hand has no age limit, so it is never called fresh."""
UNTROUBLED = frozenset({"fresh", "entered"})


def sources_section(edition: Edition) -> SourcesSection:
    """Return the state of every source, troubled ones first."""
    by_source: dict[str, list[rows.SourceTable]] = {}
    for row in edition.published.evidence.sources:
        by_source.setdefault(row.source_id, []).append(row)
    found = [_source(edition, source_id, tables) for source_id, tables in by_source.items()]
    found.sort(key=lambda source: (not source.is_troubled, source.name.lower()))
    fresh = sum(not source.is_troubled for source in found)
    count = len(found)
    return SourcesSection(
        heading=say("Data: {clause}", clause=sources_in_words(found)),
        trouble_heading=say_count(
            "{troubled} of {count} source not fresh",
            "{troubled} of {count} sources not fresh",
            count,
            troubled=count - fresh,
        ),
        sources=tuple(found),
        has_notes=any(source.note for source in found),
    )


def sources_in_words(found: Sequence[Source]) -> str:
    """Say how the sources stand together: all 4 sources are fresh, manual measures as entered."""
    if not found:
        return say("no source is known")
    systems = [source for source in found if source.id != MANUAL]
    troubled = sum(source.is_troubled for source in found)
    if troubled:
        return say_count(
            "{fresh} of {count} source is fresh",
            "{fresh} of {count} sources are fresh",
            len(found),
            fresh=len(found) - troubled,
        )
    if not systems:
        return say("all measures are entered by hand")
    if len(systems) == len(found):
        return say_count("the one source is fresh", "all {count} sources are fresh", len(systems))
    return say_count(
        "the one source is fresh, manual measures as entered",
        "all {count} sources are fresh, manual measures as entered",
        len(systems),
    )


def state_mark(state: str) -> Mark:
    """Return the sign of a state, its word in the language in use."""
    sign = STATES[state]
    return Mark(sign.key, say(sign.word), say(sign.within))


def state_of(row: rows.SourceTable) -> str:
    """Return the state of one table of a source."""
    if row.outcome in {"failed", "rejected"}:
        return row.outcome
    if not row.is_fresh:
        return "stale"
    return "entered" if row.source_id == MANUAL else "fresh"


def _source(edition: Edition, source_id: str, tables: list[rows.SourceTable]) -> Source:
    states = [state_of(row) for row in tables]
    worst = min(states, key=list(STATES).index)
    days = [row.data_as_of_date for row in tables if row.data_as_of_date is not None]
    to = min(days) if days and len(days) == len(tables) else None
    notes = []
    for row in tables:
        if row.message:
            message = f"{row.table_id}: {row.message}" if len(tables) > 1 else row.message
            notes.append(message.rstrip("."))
    return Source(
        id=source_id,
        name=tables[0].source_name,
        owner=tables[0].owner_name or "",
        tables=", ".join(row.table_id for row in tables),
        data_to=_reach(edition, days)
        if source_id == MANUAL
        else _unbroken(edition.language.short_day(to)),
        status=Status((state_mark(worst),)),
        note="; ".join(notes),
        is_troubled=worst not in UNTROUBLED,
        short=_short(edition, worst, to),
    )


def _reach(edition: Edition, days: Sequence[date]) -> str:
    """Say how far what was entered reaches: each measure has a period of its own. A line may break between the days alone."""
    if not days:
        return ""
    first, last = (_unbroken(edition.language.short_day(day)) for day in (min(days), max(days)))
    return first if first == last else say("{first} to {last}", first=first, last=last)


def _unbroken(text: str) -> str:
    return text.replace(" ", "\N{NO-BREAK SPACE}")


def _short(edition: Edition, state: str, to: date | None) -> str:
    if state in UNTROUBLED:
        return ""
    if to is None:
        return say(_SHORT_WITHOUT[state])
    return say(_SHORT[state], day=edition.language.day(to))


_SHORT = {
    "failed": later("could not be read in the last run; what is used reaches to {day}."),
    "rejected": later("what came did not pass its checks; what is used reaches to {day}."),
    "stale": later("nothing new has come; what is used reaches to {day}."),
}
_SHORT_WITHOUT = {
    "failed": later("could not be read in the last run; nothing of it can be used."),
    "rejected": later("what came did not pass its checks; nothing of it can be used."),
    "stale": later("nothing has come."),
}
"""The same where no table of the source has been used yet."""
