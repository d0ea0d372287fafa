"""What changed since the last release: signals first, then statuses that moved without one, and numbers that were restated.

Not here: what changed since the month before (front), the list of all releases (releases).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from reports.edition import Edition
from reports.hierarchy import node_of
from reports.movement import judged
from reports.periods import last_closed
from reports.standing import Standing, standings
from reports.views.restated import reason_of
from reports.warehouse import rows
from reports.words.language import Edges, in_words
from reports.words.status import Status, mark
from reports.words.text import Part, say, say_count, say_parts

SHOWN = 8
Row = TypeVar("Row", rows.Reported, rows.ReportedScore)


@dataclass(frozen=True)
class Move:
    """A KPI that shows a signal, or whose status is another than in the last release."""

    name: str
    href: str
    before: Status | None
    """Its status then, where it is another."""
    now: Status
    value: str
    word: str
    """Better or worse, of a signal; else nothing."""
    is_usual: bool
    """Its chart tells that it stayed within its usual range."""


@dataclass(frozen=True)
class Restated:
    """A value that is another than in the last release."""

    name: str
    href: str
    month: str
    before: str
    now: str
    reason: str


@dataclass(frozen=True)
class Since:
    """The difference between this release and the one before it."""

    heading: str
    lede: tuple[Part, ...]
    signals: tuple[Move, ...]
    quiet_heading: str
    quiet: tuple[Move, ...]
    """Statuses that moved within the usual range."""
    untold_heading: str
    untold: tuple[Move, ...]
    """Statuses that moved where the chart does not tell: too few periods, no value, an earlier signal that lasts."""
    restated: tuple[Restated, ...]
    note: str


def present_release(edition: Edition) -> rows.PastRelease | None:
    """Return this release's row of the history, if it is published.

    A run that changed nothing publishes the same content under the same name again: the first of them is the release.
    """
    by_run = {row.run_id: row for row in edition.published.reports.releases}
    name = edition.strategy.release.release_id
    found = next(
        (row for row in by_run.values() if row.release_id == name and row.is_current_line), None
    )
    while found is not None and (base := by_run.get(found.base_run_id or "")) is not None:
        if base.release_id != name:
            break
        found = base
    return found


def base_release(edition: Edition) -> rows.PastRelease | None:
    """Return the release that this one's changes are counted from."""
    present = present_release(edition)
    if present is None or present.base_run_id is None:
        return None
    releases = edition.published.reports.releases
    return next((row for row in releases if row.run_id == present.base_run_id), None)


def since_last_release(edition: Edition) -> Since:
    """Return what changed since the last release."""
    base = base_release(edition)
    if base is None:
        return Since(
            say("This is the first release"),
            (Part(say("There is none before it to compare with.")),),
            (),
            "",
            (),
            "",
            (),
            (),
            "",
        )
    restated = _restated(edition)
    moves = _moves(edition, base)
    signals = [move for move in moves if move.word]
    quiet = [move for move in moves if not move.word and move.is_usual]
    untold = [move for move in moves if not move.word and not move.is_usual]
    hidden = sum(max(0, len(found) - SHOWN) for found in (signals, quiet, untold, restated))
    return Since(
        heading=say(
            "Since the last release: {signals}, {moved}, {restated}",
            signals=_signals(len(signals)),
            moved=_moved(len(quiet) + len(untold)),
            restated=_numbers(len(restated)),
        ),
        lede=_lede(edition, base),
        signals=tuple(signals[:SHOWN]),
        quiet_heading=say("No change beyond the usual range, though the status moved"),
        quiet=tuple(quiet[:SHOWN]),
        untold_heading=say(
            "Status moved, no new signal: too few periods, no value to test, or an earlier change that lasts"
        ),
        untold=tuple(untold[:SHOWN]),
        restated=tuple(restated[:SHOWN]),
        note=_hidden(hidden) if hidden else "",
    )


def _signals(count: int) -> str:
    return say_count("{count} signal", "{count} signals", count) if count else say("no signals")


def _moved(count: int) -> str:
    if not count:
        return say("no statuses moved without one")
    return say_count(
        "{count} status moved without one", "{count} statuses moved without one", count
    )


def _numbers(count: int) -> str:
    if not count:
        return say("no numbers restated")
    return say_count("{count} number restated", "{count} numbers restated", count)


def _hidden(count: int) -> str:
    return say_count(
        "{count} more is on the KPI’s own page.", "{count} more are on the KPIs’ own pages.", count
    )


def _lede(edition: Edition, base: rows.PastRelease) -> tuple[Part, ...]:
    language = edition.language
    scorecard = edition.strategy.scorecard.scorecard_id
    before = _reported(edition, "scorecard", scorecard, base.period_start_date)
    now = node_of(edition, "scorecard", scorecard, edition.organisation_id)
    old = in_words(edition.edges.write(before.score if before is not None else None))
    new = in_words(edition.edges.write(now.score if now is not None else None))
    return say_parts(
        "Release {release}, as of {day}, gave {before} of 100 for {earlier}; this one gives {score} for {month}.",
        release=base.release_id,
        day=language.day(base.as_of_date),
        before=old,
        earlier=language.month(base.period_start_date),
        score=new,
        month=language.month(edition.month),
    )


def _reported(edition: Edition, level: str, node_id: str, start: date) -> rows.ReportedScore | None:
    """Return the organisation's score of the base's headline period, as it was reported before this release."""
    present = present_release(edition)
    reported = edition.published.reports.scores.get((level, node_id, edition.organisation_id), [])
    found = [
        row
        for row in reported
        if row.period_start_date == start and (present is None or row.run_id != present.run_id)
    ]
    return found[-1] if found else None


def _moves(edition: Edition, base: rows.PastRelease) -> list[Move]:
    """Return every KPI that shows a signal which the last release could not show, or whose status is another, worse first."""
    fiscal = edition.calendar.fiscal_start
    found = []
    for item in standings(edition, edition.organisation_id):
        start = last_closed(base.period_start_date, item.grain, fiscal_start=fiscal)
        before = _reported(edition, "kpi", item.kpi.kpi_id, start)
        then = _status_then(before) if before is not None else None
        is_other = then is not None and item.score is not None and then != item.status
        # What is held back was reported without a score, so its status only seems to have moved.
        moved = is_other and item.status.key != "suppressed"
        is_signal = item.moved.kind == "new" and (start < item.start or _is_restated(edition, item))
        if moved or is_signal:
            rank = item.moved.rank if is_signal else 1
            found.append((rank, _move(edition, item, then if moved else None, is_signal)))
    return [move for _, move in sorted(found, key=lambda pair: pair[0])]


def _is_restated(edition: Edition, item: Standing) -> bool:
    """Tell whether this release gave the value of the same period anew: a signal in it is one that could not be seen before."""
    key = (item.kpi.kpi_id, item.unit_id)
    return item.start in _pairs(edition, edition.published.reports.values.get(key, ()))


def _move(edition: Edition, item: Standing, then: Status | None, is_signal: bool) -> Move:
    return Move(
        name=item.kpi.kpi_name,
        href=edition.kpi_href(item.kpi.kpi_id, item.unit_id),
        before=then,
        now=item.status,
        value=item.said,
        word=judged(item.moved) if is_signal else "",
        is_usual=item.moved.kind == "none",
    )


def _status_then(before: rows.ReportedScore) -> Status:
    if before.band is not None and before.data_state != "stale":
        return Status((mark(before.band),))
    if before.data_state == "stale" and before.band in {"at_risk", "off_track"}:
        return Status((mark(before.band), mark("stale")))
    known = (
        before.data_state
        if before.data_state in {"stale", "unverified", "no_target"}
        else "no_data"
    )
    return Status((mark(known),))


def _restated(edition: Edition) -> list[Restated]:
    """Return what this release restated of the organisation: the scorecard's scores, values, scores that moved without theirs."""
    found = _restated_whole(edition)
    for kpi in edition.strategy.kpis.values():
        key = (kpi.kpi_id, edition.organisation_id)
        values = _pairs(edition, edition.published.reports.values.get(key, ()))
        scores = _pairs(edition, edition.published.reports.scores.get(("kpi", *key), ()))
        told = [_restatement(edition, kpi, before, now) for before, now in values.values()]
        told += [
            _rescored(edition, kpi, before, now)
            for start, (before, now) in scores.items()
            if start not in values and before.score is not None
        ]
        found += told
    return [row for row in found if row.before != row.now]


def _restated_whole(edition: Edition) -> list[Restated]:
    scorecard, edges = edition.strategy.scorecard, edition.edges
    key = ("scorecard", scorecard.scorecard_id, edition.organisation_id)
    pairs = _pairs(edition, edition.published.reports.scores.get(key, ()))
    return [
        Restated(
            name=scorecard.scorecard_name,
            href=edition.unit_href(edition.organisation_id),
            month=edition.language.month(start),
            before=_score(edges, before),
            now=_score(edges, now),
            reason=reason_of([now]),
        )
        for start, (before, now) in pairs.items()
        if before.score is not None
    ]


def _score(edges: Edges, row: rows.ReportedScore) -> str:
    return say("score {score}", score=in_words(edges.write(row.score)))


def _pairs(edition: Edition, reported: Iterable[Row]) -> dict[date, tuple[Row, Row]]:
    """Return what this release reported anew, by period, with what stood reported before."""
    present = present_release(edition)
    by_period: dict[date, list[Row]] = {}
    for row in reported:
        by_period.setdefault(row.period_start_date, []).append(row)
    return {
        start: (history[-2], history[-1])
        for start, history in by_period.items()
        if len(history) > 1 and present is not None and history[-1].run_id == present.run_id
    }


def _restatement(
    edition: Edition, kpi: rows.Kpi, before: rows.Reported, now: rows.Reported
) -> Restated:
    scale = edition.scale_of(kpi)
    return Restated(
        name=kpi.kpi_name,
        href=edition.kpi_href(kpi.kpi_id, edition.organisation_id),
        month=edition.calendar.period(kpi.frequency, now.period_start_date),
        before=scale.prose(before.actual),
        now=say("withdrawn") if now.is_withdrawn else scale.prose(now.actual),
        reason=reason_of([now]),
    )


def _rescored(
    edition: Edition, kpi: rows.Kpi, before: rows.ReportedScore, now: rows.ReportedScore
) -> Restated:
    edges = edition.edges_of(kpi)
    return Restated(
        name=kpi.kpi_name,
        href=edition.kpi_href(kpi.kpi_id, edition.organisation_id),
        month=edition.calendar.period(kpi.frequency, now.period_start_date),
        before=_score(edges, before),
        now=_score(edges, now),
        reason=reason_of([now]),
    )
