"""Months whose value was first reported otherwise, with both numbers and the reason.

Not here: the marks on the scorecard's rows (card) and what the last release restated (since).
"""

from dataclasses import dataclass
from datetime import date

from reports import rows
from reports.edition import Edition
from reports.periods import add_months
from reports.status import Status, mark
from reports.views.since import reason_of


@dataclass(frozen=True)
class RestatedRow:
    """A restated month."""

    month: date
    period: str
    first: float | None
    first_text: str
    first_release: str
    now_text: str
    now_release: str
    status_then: Status | None
    status_now: Status | None
    reason: str
    times: int


def restated_rows(edition: Edition, kpi: rows.Kpi, unit_id: str) -> tuple[RestatedRow, ...]:
    """Return the restated months of a KPI and unit, newest first."""
    by_month: dict[date, list[rows.Reported]] = {}
    for row in edition.published.reports.values.get((kpi.kpi_id, unit_id), ()):
        by_month.setdefault(row.period_start_date, []).append(row)
    scale = edition.scale_of(kpi)
    return tuple(
        _row(edition, kpi, unit_id, history)
        for month, history in sorted(by_month.items(), reverse=True)
        if month > add_months(edition.month, -24)
        and len(history) > 1
        and scale.shown(history[0].actual) != scale.shown(history[-1].actual)
    )


def _row(
    edition: Edition, kpi: rows.Kpi, unit_id: str, history: list[rows.Reported]
) -> RestatedRow:
    scale, first, last = edition.scale_of(kpi), history[0], history[-1]
    month = first.period_start_date
    return RestatedRow(
        month=month,
        period=edition.language.month(month),
        first=first.actual,
        first_text=scale.bare(first.actual),
        first_release=_release(edition, first.run_id),
        now_text="withdrawn" if last.is_withdrawn else scale.bare(last.actual),
        now_release=_release(edition, last.run_id),
        status_then=_status(edition, kpi, unit_id, month, first.run_id),
        status_now=_status(edition, kpi, unit_id, month, last.run_id),
        reason=reason_of(history[-2], last),
        times=len(history) - 1,
    )


def _release(edition: Edition, run_id: str) -> str:
    """Name a release by its business date; the clock is on the release page alone."""
    found = next((row for row in edition.published.reports.releases if row.run_id == run_id), None)
    return edition.language.short_day(found.as_of_date) if found is not None else ""


def _status(
    edition: Edition, kpi: rows.Kpi, unit_id: str, month: date, run_id: str
) -> Status | None:
    """Return the band that was reported by a run or last before it."""
    reported = edition.published.reports.scores.get(("kpi", kpi.kpi_id, unit_id), ())
    found = [row for row in reported if row.period_start_date == month and row.run_id <= run_id]
    if not found or found[-1].band is None:
        return None
    return Status((mark(found[-1].band),))
