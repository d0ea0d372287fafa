"""How each source stands: fresh, stale, failed or rejected, and up to which day its data reach.

Not here: loads, checks and quarantined rows one by one (quality).
"""

from dataclasses import dataclass
from datetime import date

from reports import rows
from reports.edition import Edition
from reports.status import Mark, Status


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
    "failed": Mark("no_data", "Failed"),
    "rejected": Mark("unverified", "Rejected"),
    "stale": Mark("stale", "Stale"),
    "fresh": Mark("on_track", "Fresh"),
}
"""Worst first: a source is what its worst table is."""


def sources_section(edition: Edition) -> SourcesSection:
    """Return the state of every source, troubled ones first."""
    by_source: dict[str, list[rows.SourceTable]] = {}
    for row in edition.published.evidence.sources:
        by_source.setdefault(row.source_id, []).append(row)
    found = [_source(edition, source_id, tables) for source_id, tables in by_source.items()]
    found.sort(key=lambda source: (not source.is_troubled, source.name.lower()))
    fresh = sum(not source.is_troubled for source in found)
    count = len(found)
    heading = (
        f"Data: {fresh} of {count} sources are fresh"
        if fresh < count
        else (
            "Data: the one source is fresh"
            if count == 1
            else f"Data: all {count} sources are fresh"
        )
    )
    return SourcesSection(
        heading=heading,
        trouble_heading=f"{count - fresh} of {count} sources not fresh",
        sources=tuple(found),
        has_notes=any(source.note for source in found),
    )


def state_of(row: rows.SourceTable) -> str:
    """Return the state of one table of a source."""
    if row.outcome in {"failed", "rejected"}:
        return row.outcome
    return "fresh" if row.is_fresh else "stale"


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
        data_to=edition.language.short_day(to),
        status=Status((STATES[worst],)),
        note="; ".join(notes),
        is_troubled=worst != "fresh",
        short=_short(edition, worst, to),
    )


def _short(edition: Edition, state: str, to: date | None) -> str:
    used = (
        f"what is used reaches to {edition.language.day(to)}"
        if to is not None
        else "nothing of it can be used"
    )
    match state:
        case "failed":
            return f"could not be read in the last run; {used}."
        case "rejected":
            return f"what came broke its contract; {used}."
        case "stale":
            return f"nothing new has come; {used}." if to is not None else "nothing has come."
        case _:
            return ""
