"""What changed since the last release: statuses that moved, numbers that were restated, definitions that are new.

Not here: what changed since the month before (front), the list of all releases (releases).
"""

from dataclasses import dataclass
from datetime import date

from reports import rows
from reports.card import node_of
from reports.edition import Edition, Part
from reports.status import Status, kpi_status, mark

SHOWN = 8


@dataclass(frozen=True)
class Move:
    """A KPI whose status is another than in the last release."""

    name: str
    href: str
    before: Status
    now: Status


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
    moves: tuple[Move, ...]
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
            "This is the first release",
            (Part("There is none before it to compare with."),),
            (),
            (),
            "",
        )
    moves = _moves(edition, base)
    restated = _restated(edition, base)
    count = len(moves)
    statuses = f"{count} {'status' if count == 1 else 'statuses'} moved"
    values = f"{len(restated)} {'value' if len(restated) == 1 else 'values'} restated"
    said = f"{statuses}, {values}" if moves or restated else "no status moved, no value restated"
    heading = f"Since the last release: {said}"
    hidden = max(0, count - SHOWN) + max(0, len(restated) - SHOWN)
    return Since(
        heading=heading,
        lede=_lede(edition, base),
        moves=tuple(moves[:SHOWN]),
        restated=tuple(restated[:SHOWN]),
        note=f"{hidden} more are on the KPIs' own pages." if hidden else "",
    )


def _lede(edition: Edition, base: rows.PastRelease) -> tuple[Part, ...]:
    language = edition.language
    before = _reported(edition, "scorecard", edition.strategy.scorecard.scorecard_id, base)
    now = node_of(
        edition, "scorecard", edition.strategy.scorecard.scorecard_id, edition.organisation_id
    )
    old = edition.edges.write(before.score if before is not None else None)
    new = edition.edges.write(now.score if now is not None else None)
    return (
        Part(
            f"Release {base.release_id}, as of {language.day(base.as_of_date)}, gave {old} of 100 for "
            f"{language.month(base.period_start_date)}; this one gives {new} for {language.month(edition.month)}."
        ),
    )


def _reported(
    edition: Edition, level: str, node_id: str, base: rows.PastRelease
) -> rows.ReportedScore | None:
    """Return the organisation's score of the base's headline month, as it was reported before this release."""
    present = present_release(edition)
    reported = edition.published.reports.scores.get((level, node_id, edition.organisation_id), [])
    found = [
        row
        for row in reported
        if row.period_start_date == base.period_start_date
        and (present is None or row.run_id != present.run_id)
    ]
    return found[-1] if found else None


def _moves(edition: Edition, base: rows.PastRelease) -> list[Move]:
    found = []
    unit = edition.organisation_id
    for kpi in edition.strategy.kpis.values():
        before = _reported(edition, "kpi", kpi.kpi_id, base)
        key = (kpi.kpi_id, unit, "month")
        score = edition.results.scores.get(key, {}).get(edition.month)
        if before is None or score is None:
            continue
        now = kpi_status(score, edition.results.values.get(key, {}).get(edition.month))
        then = _status_then(before)
        if then != now:
            href = edition.kpi_href(kpi.kpi_id, unit)
            found.append(Move(kpi.kpi_name, href, then, now))
    return found


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


def _restated(edition: Edition, base: rows.PastRelease) -> list[Restated]:
    present = present_release(edition)
    found = []
    for kpi in edition.strategy.kpis.values():
        reported = edition.published.reports.values.get((kpi.kpi_id, edition.organisation_id), [])
        by_month: dict[date, list[rows.Reported]] = {}
        for row in reported:
            by_month.setdefault(row.period_start_date, []).append(row)
        for month, history in by_month.items():
            if len(history) > 1 and present is not None and history[-1].run_id == present.run_id:
                found.append(_restatement(edition, kpi, month, history[-2:]))
    return [row for row in found if row.before != row.now]


def _restatement(
    edition: Edition, kpi: rows.Kpi, month: date, pair: list[rows.Reported]
) -> Restated:
    scale = edition.scale_of(kpi)
    return Restated(
        name=kpi.kpi_name,
        href=edition.kpi_href(kpi.kpi_id, edition.organisation_id),
        month=edition.language.month(month),
        before=scale.prose(pair[0].actual),
        now="withdrawn" if pair[1].is_withdrawn else scale.prose(pair[1].actual),
        reason=reason_of(pair[0], pair[1]),
    )


def reason_of(before: rows.Reported, after: rows.Reported) -> str:
    """Say why a value was restated, as far as the tables know."""
    if after.is_withdrawn:
        return "no longer measured"
    if before.definition_id != after.definition_id:
        return "changed definition"
    return "late or corrected data"
