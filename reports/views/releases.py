"""The archive of releases: what was published when, what each gave, and what it changed of what stood reported before.

The only page on which run ids and clock times stand. Not here: the reports of one KPI (restated), this release beside the
one before (since).
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from reports.archive import (
    Archive,
    Told,
    archive_of,
    changed_nodes,
    count_of,
    is_restated,
    told_by,
)
from reports.downloads import DATA, page_downloads
from reports.edition import Edition, Frame
from reports.views.restated import REASONS
from reports.warehouse import rows
from reports.warehouse.reported import UNRECORDED, Counted
from reports.words.language import NONE
from reports.words.status import Status, mark
from reports.words.text import Part, later, say, say_count, say_parts

SHOWN_KPIS = 24
"""How many KPIs a release names whose numbers it changed; the rest are counted."""
TOLD_RELEASES = 60
"""How many releases, newest first, tell KPI by KPI what they changed; all are listed."""
WITHDRAWN = "withdrawn"
LEVELS = {
    "kpi": later("KPI"),
    "objective": later("Objective"),
    "perspective": later("Perspective"),
    "scorecard": later("Scorecard"),
}
TOLD = {
    **REASONS,
    WITHDRAWN: later("no longer measured"),
    UNRECORDED: later("reason not recorded"),
}
"""The ledger's reasons in words, in the order in which they are told."""


@dataclass(frozen=True)
class ChangedNode:
    """A KPI, or what stands above it, of which a release changed numbers that stood reported."""

    node: Part
    level: str
    values: str
    scores: str
    reasons: str


@dataclass(frozen=True)
class ReleaseItem:
    """A release."""

    id: str
    """Its place on the page."""
    release_id: str
    run_id: str
    is_present: bool
    state: str
    as_of: str
    as_of_sort: str
    period: str
    period_sort: str
    published: str
    published_sort: str
    base: str
    score: str
    change: str
    status: Status | None
    new: str
    restated: str
    is_told: bool
    """What it changed stands below."""
    heading: str
    sentence: str
    notes: tuple[tuple[Part, ...], ...]
    changed: tuple[ChangedNode, ...]
    more: str


@dataclass(frozen=True)
class ReleasesPage:
    """All releases."""

    frame: Frame
    lede: tuple[Part, ...]
    releases: tuple[ReleaseItem, ...]
    told_note: str


def releases_page(edition: Edition) -> ReleasesPage:
    """Return the page of all releases, with the run and the moment of each."""
    archive = archive_of(edition)
    present = edition.strategy.release.release_id
    newest = next(
        (row for row in archive.releases if row.release_id == present and row.is_current_line), None
    )
    found = tuple(
        _item(archive, row, is_present=row is newest, is_told=at < TOLD_RELEASES)
        for at, row in enumerate(archive.releases)
    )
    finding = _finding(len(found), present)
    hidden = sum(row.base_run_id is not None for row in archive.releases[TOLD_RELEASES:])
    return ReleasesPage(
        frame=edition.frame(
            title=say("Releases: {finding}", finding=finding),
            finding=finding,
            page="releases.html",
            downloads=page_downloads(edition, DATA["releases"]),
        ),
        lede=(
            Part(
                say(
                    "Equal content has an equal name: a night that changes nothing makes no new release. What a release reported stays in the ledger, also after the release itself is pruned."
                )
            ),
        ),
        releases=found,
        told_note=say_count(
            "What {count} older release changed is in the tables history.reported_value and history.reported_score.",
            "What {count} older releases changed is in the tables history.reported_value and history.reported_score.",
            hidden,
        )
        if hidden
        else "",
    )


def _finding(count: int, present: str) -> str:
    if not count:
        return say("No release is published yet")
    return say_count(
        "{count} release; this is {present}",
        "{count} releases; this is {present}",
        count,
        present=present,
    )


def _item(
    archive: Archive, row: rows.PastRelease, *, is_present: bool, is_told: bool
) -> ReleaseItem:
    edition, language = archive.edition, archive.edition.language
    base = archive.base_of(row)
    scored, then = archive.score_of(row), archive.score_of(base) if base else None
    told = told_by(archive, row)
    changed = _changed(edition, told)
    score, before = scored.score if scored else None, then.score if then else None
    return ReleaseItem(
        id=f"run-{row.run_id}",
        release_id=row.release_id,
        run_id=row.run_id,
        is_present=is_present,
        state="" if row.is_current_line else say("rolled back"),
        as_of=language.short_day(row.as_of_date),
        as_of_sort=row.as_of_date.isoformat(),
        period=language.month(row.period_start_date),
        period_sort=row.period_start_date.isoformat(),
        published=say(
            "{day}, {time} UTC",
            day=language.short_day(row.reported_at.date()),
            time=f"{row.reported_at:%H:%M}",
        ),
        published_sort=f"{row.reported_at:%Y-%m-%dT%H:%M:%S}",
        base=base.release_id if base is not None else "",
        score=edition.edges.write(score),
        change=_change(edition, score, before) if base is not None else "",
        status=Status((mark(scored.band),)) if scored is not None and scored.band else None,
        new=language.number(count_of(each for each in told.values if not is_restated(each))),
        restated=language.number(count_of(told.restated)),
        is_told=is_told and base is not None,
        heading=say(
            "What {release} changed, as of {day}",
            release=row.release_id,
            day=language.day(row.as_of_date),
        ),
        sentence=_sentence(edition, told.restated),
        notes=_notes(archive, row),
        changed=changed[:SHOWN_KPIS],
        more=_more(len(changed) - SHOWN_KPIS),
    )


def _change(edition: Edition, score: float | None, before: float | None) -> str:
    """Write the difference of two scores as shown; nothing where one is missing."""
    now, then = edition.edges.shown(score), edition.edges.shown(before)
    if now is None or then is None:
        return NONE
    change = now - then
    return edition.language.signed(change, 2 if change % 1 else 0)


def _reasons(found: Iterable[Counted]) -> Counter[str]:
    """Count for how many numbers each reason is given; one number may have several."""
    counts: Counter[str] = Counter()
    for each in found:
        for reason in {WITHDRAWN} if each.is_withdrawn else set(each.reasons):
            counts[reason] += each.number
    return counts


def _word(reason: str) -> str:
    known = TOLD.get(reason)
    return reason.replace("_", " ") if known is None else say(known)


def _listed(edition: Edition, counts: Counter[str]) -> str:
    order = list(TOLD)
    told = sorted(
        counts, key=lambda name: (order.index(name) if name in order else len(order), name)
    )
    return ", ".join(
        say(
            "{reason} ({count})",
            reason=_word(reason),
            count=edition.language.number(counts[reason]),
        )
        for reason in told
    )


def _sentence(edition: Edition, restated: Sequence[Counted]) -> str:
    count = count_of(restated)
    if not count:
        return say("It changed no number that stood reported; it only added new ones.")
    return say_count(
        "It changed {number} number that stood reported: {reasons}.",
        "It changed {number} numbers that stood reported: {reasons}.",
        count,
        number=edition.language.number(count),
        reasons=_listed(edition, _reasons(restated)),
    )


def _notes(archive: Archive, row: rows.PastRelease) -> tuple[tuple[Part, ...], ...]:
    """Return what became another in the strategy itself: definitions, targets, weights, the unit tree."""
    edition, changes = archive.edition, archive.changes
    notes = []
    if found := changes.definitions.get(row.run_id):
        notes.append(say_parts("Definition changed: {kpis}.", kpis=_names(edition, found)))
    if found := changes.targets.get(row.run_id):
        notes.append(say_parts("Targets given or changed: {kpis}.", kpis=_names(edition, found)))
    if found := changes.weights.get(row.run_id):
        notes.append(say_parts("Weights given or changed: {names}.", names=_names(edition, found)))
    if found := changes.units.get(row.run_id):
        notes.append(
            say_parts(
                "Place in the unit tree given or changed: {units}.", units=_names(edition, found)
            )
        )
    return tuple(notes)  # fmt: skip


def _names(edition: Edition, found: list[str]) -> Part:
    """Name KPIs, objectives, perspectives or units, some of them where they are many."""
    names = sorted({_name(edition, each) for each in found}, key=str.casefold)
    listed = ", ".join(names[:SHOWN_KPIS])
    more = len(names) - SHOWN_KPIS
    if more > 0:
        listed = say_count(
            "{names} and {count} more", "{names} and {count} more", more, names=listed
        )
    return Part(listed, style="outside")  # fmt: skip


def _name(edition: Edition, node: str) -> str:
    strategy = edition.strategy
    unit = strategy.units.get(node)
    linked = (_part(edition, level, node) for level in LEVELS)
    found = next((part.text for part in linked if part.href), None)
    return found or (unit.unit_name if unit is not None else node)


def _part(edition: Edition, level: str, node: str) -> Part:
    """Return a KPI, objective, perspective or scorecard as a link; by its id alone where the strategy has it no more."""
    strategy = edition.strategy
    if level == "kpi" and node in strategy.kpis:
        href = edition.kpi_href(node, edition.organisation_id)
        return Part(strategy.kpis[node].kpi_name, f"{href}#restated")
    if level == "objective" and node in strategy.objectives:
        return Part(strategy.objectives[node].objective_name, edition.objective_href(node))
    if level == "perspective" and node in strategy.perspectives:
        return Part(strategy.perspectives[node].perspective_name, edition.perspective_href(node))
    if level == "scorecard" and node == strategy.scorecard.scorecard_id:
        return Part(strategy.scorecard.scorecard_name, edition.unit_href(edition.organisation_id))
    return Part(node)


def _changed(edition: Edition, told: Told) -> tuple[ChangedNode, ...]:
    """Return KPI by KPI, and what stands above them, how many numbers became others; most numbers first."""
    return tuple(
        _changed_node(edition, level, node, own) for (level, node), own in changed_nodes(told)
    )


def _changed_node(edition: Edition, level: str, node: str, own: Told) -> ChangedNode:
    number = edition.language.number
    return ChangedNode(
        node=_part(edition, level, node),
        level=say(LEVELS[level]),
        values=number(count_of(own.values)) if level == "kpi" else "",
        scores=number(count_of(own.scores)),
        reasons=_listed(edition, _reasons(own.restated)),
    )


def _more(count: int) -> str:
    if count < 1:
        return ""
    return say_count("{count} more is not named here.", "{count} more are not named here.", count)
