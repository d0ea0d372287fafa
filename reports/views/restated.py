"""Periods whose value or score was first reported otherwise, with both numbers and the reason.

Not here: the marks on the scorecard's rows (card) and what the last release restated (since).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TypeVar

from reports import rows
from reports.edition import Edition
from reports.language import NONE, Edges
from reports.periods import shown_until
from reports.status import Status, mark

REASONS = {
    "late_data": "late or corrected data",
    "changed_definition": "changed definition",
    "changed_target": "changed target",
    "changed_weight": "changed weight",
    "changed_unit_tree": "changed unit tree",
}
"""The ledger's reasons in words."""
UNKNOWN = "reason not recorded"


@dataclass(frozen=True)
class RestatedRow:
    """A restated period."""

    month: date
    period: str
    is_value: bool
    """The value is another, not the score alone."""
    first: float | None
    first_text: str
    first_release: str
    now_text: str
    now_release: str
    score_then: str
    score_now: str
    status_then: Status | None
    status_now: Status | None
    reason: str
    times: int


Change = rows.Reported | rows.ReportedScore
Row = TypeVar("Row", rows.Reported, rows.ReportedScore)


def restated_rows(edition: Edition, kpi: rows.Kpi, unit_id: str) -> tuple[RestatedRow, ...]:
    """Return the restated periods of a KPI and unit, newest first."""
    reports, grain = edition.published.reports, kpi.frequency
    values = _by_period(reports.values.get((kpi.kpi_id, unit_id), ()))
    scores = _by_period(reports.scores.get(("kpi", kpi.kpi_id, unit_id), ()))
    found = []
    for start in reversed(shown_until(edition.last_closed(grain), grain)):
        told, scored = values.get(start, []), scores.get(start, [])
        if _moved_value(edition, kpi, told) or _moved_score(edition.edges_of(kpi), scored):
            found.append(_row(edition, kpi, start, told, scored))
    return tuple(found)


def restated_scores(edition: Edition, level: str, node_id: str) -> tuple[RestatedRow, ...]:
    """Return the restated months of an objective's, a perspective's or the scorecard's own score, newest first."""
    found = edition.published.reports.scores.get((level, node_id, edition.organisation_id), ())
    return tuple(
        _score_row(edition, start, history)
        for start, history in sorted(_by_period(found).items(), reverse=True)
        if _moved_score(edition.edges, history)
    )


def _by_period(found: Iterable[Row]) -> dict[date, list[Row]]:
    groups: dict[date, list[Row]] = {}
    for row in found:
        groups.setdefault(row.period_start_date, []).append(row)
    return groups


def _moved_value(edition: Edition, kpi: rows.Kpi, history: Sequence[rows.Reported]) -> bool:
    scale = edition.scale_of(kpi)
    return len(history) > 1 and scale.shown(history[0].actual) != scale.shown(history[-1].actual)


def _moved_score(edges: Edges, history: Sequence[rows.ReportedScore]) -> bool:
    """Whether a score that had been reported is another now."""
    if len(history) < 2 or history[0].score is None:  # noqa: PLR2004 - first and last
        return False
    return edges.shown(history[0].score) != edges.shown(history[-1].score)


def _row(
    edition: Edition,
    kpi: rows.Kpi,
    start: date,
    told: Sequence[rows.Reported],
    scored: Sequence[rows.ReportedScore],
) -> RestatedRow:
    scale, edges = edition.scale_of(kpi), edition.edges_of(kpi)
    is_value = _moved_value(edition, kpi, told)
    history: Sequence[Change] = told if is_value else scored
    first = told[0].actual if told else None
    last = told[-1] if told else None
    now = scale.bare(last.actual if last is not None else None)
    both = _moved_score(edges, scored)
    return RestatedRow(
        month=start,
        period=edition.calendar.period(kpi.frequency, start),
        is_value=is_value,
        first=first,
        first_text=scale.bare(first),
        first_release=_release(edition, history[0].run_id),
        now_text="withdrawn" if last is not None and last.is_withdrawn else now,
        now_release=_release(edition, history[-1].run_id),
        score_then=edges.write(_at(scored, history[0].run_id)),
        score_now=edges.write(scored[-1].score) if scored else NONE,
        status_then=_status(scored, history[0].run_id),
        status_now=_status(scored, history[-1].run_id),
        reason=reason_of([*(told if is_value else ()), *(scored if both or not is_value else ())]),
        times=len(history) - 1,
    )


def _at(scored: Sequence[rows.ReportedScore], run_id: str) -> float | None:
    """Return the score that stood reported with a run; none where it was not scored then."""
    before = [row for row in scored if row.run_id <= run_id]
    return before[-1].score if before else None


def _score_row(edition: Edition, start: date, history: Sequence[rows.ReportedScore]) -> RestatedRow:
    first, last = history[0], history[-1]
    write = edition.edges.write
    return RestatedRow(
        month=start,
        period=edition.language.month(start),
        is_value=False,
        first=None,
        first_text=NONE,
        first_release=_release(edition, first.run_id),
        now_text=NONE,
        now_release=_release(edition, last.run_id),
        score_then=write(first.score),
        score_now="withdrawn" if last.is_withdrawn else write(last.score),
        status_then=_status(history, first.run_id),
        status_now=_status(history, last.run_id),
        reason=reason_of(history),
        times=len(history) - 1,
    )


def reason_of(history: Sequence[Change]) -> str:
    """Say why a number was restated, as the ledger tells: the reasons of every report after its first."""
    if any(row.is_withdrawn for row in history[-1:]):
        return "no longer measured"
    found = dict.fromkeys(reason for row in history for reason in row.reasons or ())
    return ", ".join(REASONS.get(reason, reason.replace("_", " ")) for reason in found) or UNKNOWN


def _release(edition: Edition, run_id: str) -> str:
    """Name a release by its business date; the clock is on the release page alone."""
    found = next((row for row in edition.published.reports.releases if row.run_id == run_id), None)
    return edition.language.short_day(found.as_of_date) if found is not None else ""


def _status(scored: Sequence[rows.ReportedScore], run_id: str) -> Status | None:
    """Return the band that was reported by a run or last before it."""
    found = [row for row in scored if row.run_id <= run_id]
    if not found or found[-1].band is None:
        return None
    return Status((mark(found[-1].band),))
