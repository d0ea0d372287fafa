"""All periods in one table: fiscal years, their quarters and months, with the scores of the organisation in each.

Not here: the pages of the periods (period, span).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from duckdb import DuckDBPyConnection

from reports.downloads import page_downloads
from reports.edition import Crumb, Edition, Frame
from reports.longer import Longer, Slot, read_longer
from reports.past import Past
from reports.spans import (
    INDEX,
    QUARTER,
    YEAR,
    Span,
    address_of,
    href_of,
    months_in,
    months_of,
    name_of,
    quarters_in,
    spans_of,
)
from reports.views.legend import legend
from reports.views.span import span_page
from reports.views.span_card import Cell, Column, node_cell
from reports.warehouse import rows
from reports.words.status import Status, node_status
from reports.words.text import say


@dataclass(frozen=True)
class PeriodLine:
    """A period with its scores."""

    kind: str
    """year, quarter or month."""
    name: str
    href: str
    score: str
    status: Status
    cells: tuple[Cell, ...]
    """One for each perspective."""


@dataclass(frozen=True)
class YearLines:
    """A fiscal year, then its quarters, each followed by its months; newest first."""

    lines: tuple[PeriodLine, ...]


@dataclass(frozen=True)
class PeriodsPage:
    """All periods."""

    frame: Frame
    perspectives: tuple[str, ...]
    years: tuple[YearLines, ...]
    words: tuple[tuple[str, str], ...]


def longer_pages(
    edition: Edition, connection: DuckDBPyConnection, months: Past
) -> Iterator[tuple[str, str, object]]:
    """Yield address, template and page of every quarter and year, then of the list of all periods."""
    longer = read_longer(connection, edition, months)
    for span in (*spans_of(edition, QUARTER), *spans_of(edition, YEAR)):
        yield address_of(edition, span), "span", span_page(edition, longer, span)
    yield INDEX, "periods", periods_page(edition, longer)


def periods_page(edition: Edition, longer: Longer) -> PeriodsPage:
    """Return the list of all periods of the organisation that have a page."""
    finding = _finding(edition, longer)
    return PeriodsPage(
        frame=edition.frame(
            title=finding,
            finding=finding,
            crumbs=(edition.front_crumb(), Crumb(say("All periods"), None)),
            downloads=page_downloads(edition, INDEX.removesuffix(".html")),
        ),
        perspectives=tuple(row.perspective_name for row in edition.strategy.perspectives.values()),
        years=tuple(_year(edition, longer, year) for year in reversed(spans_of(edition, YEAR))),
        words=legend(edition),
    )


def _finding(edition: Edition, longer: Longer) -> str:
    """Say between which scores the months lie; months without a score do not count."""
    scores = {
        month: node.score
        for month in months_of(edition)
        if (node := _whole(edition, longer.slot("month", month))) is not None
        and node.score is not None
    }
    if not scores:
        return say("All periods")
    low, high = min(scores, key=lambda at: scores[at]), max(scores, key=lambda at: scores[at])
    if edition.edges.write(scores[low]) == edition.edges.write(scores[high]):
        return say(
            "All periods: every month {score} of 100", score=edition.edges.write(scores[low])
        )
    return say(
        "All periods: from {low} of 100 in {low_month} to {high} in {high_month}",
        low=edition.edges.write(scores[low]),
        low_month=edition.language.month(low),
        high=edition.edges.write(scores[high]),
        high_month=edition.language.month(high),
    )


def _whole(edition: Edition, slot: Slot) -> rows.Node | None:
    return slot.node("scorecard", edition.strategy.scorecard.scorecard_id)


def _year(edition: Edition, longer: Longer, year: Span) -> YearLines:
    """Return a year's lines: months after its last quarter stand above that quarter."""
    quarters = quarters_in(edition, year)
    inside = {month for quarter in quarters for month in quarter.months}
    lines = [_span_line(edition, longer, year)]
    after = [month for month in months_in(edition, year) if month not in inside]
    lines += [_month_line(edition, longer, month) for month in reversed(after)]
    for quarter in reversed(quarters):
        lines.append(_span_line(edition, longer, quarter))
        months = reversed(months_in(edition, quarter))
        lines += [_month_line(edition, longer, month) for month in months]
    return YearLines(tuple(lines))


def _span_line(edition: Edition, longer: Longer, span: Span) -> PeriodLine:
    slot = longer.slot(span.stored, span.key)
    return _line(edition, slot, span.grain, name_of(edition, span), href_of(edition, span))


def _month_line(edition: Edition, longer: Longer, month: date) -> PeriodLine:
    href = edition.period_href(month, edition.organisation_id)
    name = edition.language.month(month)
    return _line(edition, longer.slot("month", month), "month", name, href)


def _line(edition: Edition, slot: Slot, kind: str, name: str, href: str) -> PeriodLine:
    node = _whole(edition, slot)
    return PeriodLine(
        kind=kind,
        name=name,
        href=href,
        score=edition.edges.write(node.score if node is not None else None),
        status=node_status(node),
        cells=tuple(
            node_cell(
                edition, Column(row.perspective_name, "", slot), "perspective", row.perspective_id
            )
            for row in edition.strategy.perspectives.values()
        ),
    )
