"""Periods whose value or score was reported otherwise at some time: each report, with its numbers and the reason.

Not here: the marks on the scorecard's rows (card) and what the last release restated (since).
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import TypeVar

from reports.edition import Edition
from reports.periods import shown_until
from reports.warehouse import rows
from reports.words.language import NONE, Edges, Scale
from reports.words.lists import in_a_row
from reports.words.status import Status, mark
from reports.words.text import later, say

REASONS = {
    "late_data": later("late or corrected data"),
    "changed_definition": later("changed definition"),
    "changed_target": later("changed target"),
    "changed_weight": later("changed weight"),
    "changed_unit_tree": later("changed unit tree"),
}
"""The ledger's reasons in words."""


@dataclass(frozen=True)
class ReportedRow:
    """What one release said of a period."""

    release: str
    value: str
    score: str
    status: Status | None
    reason: str


@dataclass(frozen=True)
class RestatedRow:
    """A restated period, with every report that a reader could tell from the one before."""

    month: date
    period: str
    is_value: bool
    """The value is another than was first reported."""
    first: float | None
    reports: tuple[ReportedRow, ...]
    """Oldest first."""
    times: int
    """How often what had been reported became another."""


Change = rows.Reported | rows.ReportedScore
Row = TypeVar("Row", rows.Reported, rows.ReportedScore)
Seen = tuple[object, ...]


@dataclass(frozen=True)
class _Told:
    """What stood reported of a period with a run: its value and its score, each where there was one."""

    run_id: str
    value: rows.Reported | None
    score: rows.ReportedScore | None
    value_seen: Seen
    """The value as far as a reader can see."""
    score_seen: Seen

    @property
    def seen(self) -> Seen:
        return self.value_seen + self.score_seen

    def is_revalued(self, before: "_Told") -> bool:
        """Tell whether a value that had been reported became another."""
        return before.value is not None and self.value_seen != before.value_seen

    def is_rescored(self, before: "_Told") -> bool:
        """Tell whether a score that had been reported became another."""
        had = before.score is not None and before.score.score is not None
        return had and self.score_seen != before.score_seen


def restated_rows(edition: Edition, kpi: rows.Kpi, unit_id: str) -> tuple[RestatedRow, ...]:
    """Return the restated periods of a KPI and unit, newest first; those too that are again what was first reported."""
    reports, grain = edition.published.reports, kpi.frequency
    of_values = reports.values.get((kpi.kpi_id, unit_id), ())
    of_scores = reports.scores.get(("kpi", kpi.kpi_id, unit_id), ())
    again = _reported_again(of_values) | _reported_again(of_scores)
    if not again:
        return ()
    values, scores = _by_period(of_values), _by_period(of_scores)
    scale, edges = edition.scale_of(kpi), edition.edges_of(kpi)
    found = [
        _row(
            edition,
            start,
            edition.calendar.period(grain, start),
            _told(values.get(start, ()), scores.get(start, ()), scale=scale, edges=edges),
            scale=scale,
            edges=edges,
        )
        for start in reversed(shown_until(edition.last_closed(grain), grain))
        if start in again
    ]
    return tuple(row for row in found if row.times)


def _reported_again(found: Sequence[Change]) -> set[date]:
    """Return the periods that were reported more than once: no other was restated."""
    periods = [row.period_start_date for row in found]
    once = set(periods)
    if len(once) == len(periods):
        return set()
    return {start for start, count in Counter(periods).items() if count > 1}


def restated_scores(edition: Edition, level: str, node_id: str) -> tuple[RestatedRow, ...]:
    """Return the restated months of an objective's, a perspective's or the scorecard's own score, newest first."""
    reported = edition.published.reports.scores.get((level, node_id, edition.organisation_id), ())
    edges = edition.edges
    found = [
        _row(
            edition,
            start,
            edition.language.month(start),
            _told((), history, scale=None, edges=edges),
            scale=None,
            edges=edges,
        )
        for start, history in sorted(_by_period(reported).items(), reverse=True)
    ]
    return tuple(row for row in found if row.times)


def _by_period(found: Iterable[Row]) -> dict[date, list[Row]]:
    groups: dict[date, list[Row]] = {}
    for row in found:
        groups.setdefault(row.period_start_date, []).append(row)
    return groups


def _told(
    values: Sequence[rows.Reported],
    scores: Sequence[rows.ReportedScore],
    *,
    scale: Scale | None,
    edges: Edges,
) -> list[_Told]:
    """Return the reports of a period that a reader can tell from the one before, oldest first."""
    found: list[_Told] = []
    for run_id in sorted({row.run_id for row in values} | {row.run_id for row in scores}):
        value, score = _at(values, run_id), _at(scores, run_id)
        shown = scale.shown(value.actual) if scale and value else None
        told = _Told(
            run_id,
            value,
            score,
            value_seen=(shown, value is not None and value.is_withdrawn),
            score_seen=(edges.shown(score.score), score.band) if score else (None, None),
        )
        if not found or told.seen != found[-1].seen:
            found.append(told)
    return found


def _at(found: Sequence[Row], run_id: str) -> Row | None:
    """Return what stood reported with a run; none where nothing had been reported by then."""
    before = [row for row in found if row.run_id <= run_id]
    return before[-1] if before else None


def _row(
    edition: Edition,
    start: date,
    period: str,
    told: Sequence[_Told],
    *,
    scale: Scale | None,
    edges: Edges,
) -> RestatedRow:
    pairs = list(pairwise(told))
    values = [each for each in told if each.value is not None]
    reasons = [say("first reported"), *(_why(before, now, told[0]) for before, now in pairs)]
    return RestatedRow(
        month=start,
        period=period,
        is_value=bool(values) and values[0].value_seen != values[-1].value_seen,
        first=values[0].value.actual if values and values[0].value else None,
        reports=tuple(
            ReportedRow(
                release=_release(edition, each.run_id),
                value=_value(each.value, scale),
                score=_score(each.score, edges),
                status=_status(each.score),
                reason=reason,
            )
            for each, reason in zip(told, reasons, strict=True)
        ),
        times=sum(now.is_revalued(before) or now.is_rescored(before) for before, now in pairs),
    )


def _why(before: _Told, now: _Told, first: _Told) -> str:
    changes: list[Change] = []
    if now.value is not None and now.is_revalued(before):
        changes.append(now.value)
    if now.score is not None and now.is_rescored(before):
        changes.append(now.score)
    if any(row.is_withdrawn for row in (before.value, before.score) if row is not None):
        why = say("measured again")
    else:
        why = reason_of(changes) if changes else say("first scored")
    return say("{reason}; as first reported", reason=why) if now.seen == first.seen else why


def _value(row: rows.Reported | None, scale: Scale | None) -> str:
    if row is not None and row.is_withdrawn:
        return say("withdrawn")
    return scale.bare(row.actual if row else None) if scale else NONE


def _score(row: rows.ReportedScore | None, edges: Edges) -> str:
    if row is not None and row.is_withdrawn:
        return say("withdrawn")
    return edges.write(row.score if row else None)


def _status(row: rows.ReportedScore | None) -> Status | None:
    return None if row is None or row.band is None else Status((mark(row.band),))


def reason_of(history: Sequence[Change]) -> str:
    """Say why a number was restated, as the ledger tells: the reasons of every report after its first."""
    if any(row.is_withdrawn for row in history[-1:]):
        return say("no longer measured")
    found = dict.fromkeys(reason for row in history for reason in row.reasons or ())
    return in_a_row([say(REASONS[reason]) for reason in found]) or say("reason not recorded")


def _release(edition: Edition, run_id: str) -> str:
    """Name a release by its business date; the clock is on the release page alone."""
    found = next((row for row in edition.published.reports.releases if row.run_id == run_id), None)
    return edition.language.short_day(found.as_of_date) if found is not None else ""
