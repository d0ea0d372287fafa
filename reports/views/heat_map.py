"""The heat map: every KPI of the organisation by month, one cell for each score.

Not here: how a month came about (kpi, period).
"""

from dataclasses import dataclass
from datetime import date

from reports.downloads import DATA, page_downloads
from reports.edition import Edition, Frame
from reports.periods import months_until
from reports.views.legend import legend
from reports.warehouse import rows
from reports.words.language import in_words
from reports.words.status import Mark, kpi_status
from reports.words.text import say, say_count

RECENT = 6
"""How many months a narrow screen shows."""


@dataclass(frozen=True)
class Cell:
    """How a KPI stood in a month."""

    mark: Mark
    score: str
    title: str
    is_old: bool
    """Left out on a narrow screen."""


@dataclass(frozen=True)
class HeatRow:
    """A KPI's months."""

    name: str
    href: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class HeatGroup:
    """A perspective's KPIs."""

    name: str
    href: str
    rows: tuple[HeatRow, ...]


@dataclass(frozen=True)
class Column:
    """A month; with an address where it has a page."""

    name: str
    href: str
    is_old: bool


@dataclass(frozen=True)
class HeatMapPage:
    """KPIs by month."""

    frame: Frame
    months: tuple[Column, ...]
    width: int
    groups: tuple[HeatGroup, ...]
    words: tuple[tuple[str, str], ...]


def heat_map_page(edition: Edition) -> HeatMapPage:
    """Return the heat map of the organisation's last 24 months."""
    months = months_until(edition.month)
    applies = edition.strategy.kpis_of_unit.get(edition.organisation_id, frozenset())
    groups = []
    for perspective in edition.strategy.perspectives.values():
        own = tuple(
            _row(edition, kpi, months)
            for kpi in edition.strategy.kpis.values()
            if kpi.kpi_id in applies
            and edition.strategy.objectives[kpi.objective_id].perspective_id
            == perspective.perspective_id
        )
        if own:
            href = edition.perspective_href(perspective.perspective_id)
            groups.append(HeatGroup(perspective.perspective_name, href, own))
    off = sum(row.cells[-1].mark.key == "off_track" for group in groups for row in group.rows)
    month = edition.language.month(edition.month)
    finding = (
        say_count(
            "{count} KPI off track in {month}",
            "{count} KPIs off track in {month}",
            off,
            month=month,
        )
        if off
        else say("No KPI off track in {month}", month=month)
    )
    return HeatMapPage(
        frame=edition.frame(
            title=say("Heat map: {finding}", finding=finding),
            finding=finding,
            page="heat-map.html",
            downloads=page_downloads(edition, DATA["heat-map"]),
        ),
        months=tuple(_column(edition, at, months) for at in months),
        width=len(months) + 1,
        groups=tuple(groups),
        words=legend(edition),
    )


def _column(edition: Edition, at: date, months: tuple[date, ...]) -> Column:
    has_page = at == edition.month or at in edition.past_months
    return Column(
        name=edition.language.short_month(at),
        href=edition.period_href(at, edition.organisation_id) if has_page else "",
        is_old=at not in months[-RECENT:],
    )


def _row(edition: Edition, kpi: rows.Kpi, months: tuple[date, ...]) -> HeatRow:
    organisation = edition.organisation_id
    values = edition.results.values.get((kpi.kpi_id, organisation, "month"), {})
    scores = edition.results.scores.get((kpi.kpi_id, organisation, "month"), {})
    return HeatRow(
        name=kpi.kpi_name,
        href=edition.kpi_href(kpi.kpi_id, organisation),
        cells=tuple(
            _cell(
                edition, kpi, at, values.get(at), scores.get(at), is_old=at not in months[-RECENT:]
            )
            for at in months
        ),
    )


def _cell(
    edition: Edition,
    kpi: rows.Kpi,
    at: date,
    value: rows.Value | None,
    score: rows.Score | None,
    *,
    is_old: bool,
) -> Cell:
    status = kpi_status(score, value)
    actual = None
    if status.key != "suppressed":
        actual = score.actual if score is not None else value.actual if value is not None else None
    points = score.score if score is not None else None
    title = say(
        "{kpi}, {month}: {value}, {status}",
        kpi=kpi.kpi_name,
        month=edition.language.month(at),
        value=in_words(edition.scale_of(kpi).prose(actual)),
        status=status.words,
    )
    written = edition.edges_of(kpi).write(points) if points is not None else ""
    return Cell(Mark(status.key, status.words), written, title, is_old=is_old)
