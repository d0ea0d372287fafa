"""The quarters and fiscal years that have a page: which they are, what they are called, where their pages stand.

A fiscal year is addressed by the calendar year in which it begins, so that 2009/10 is never mistaken for October 2009.

Not here: what the pages say (views), how the months between them are found (published).
"""

from dataclasses import dataclass
from datetime import date

from reports.edition import Choice, Crumb, Edition
from reports.periods import add_months, fiscal_year, last_closed, ordinal
from reports.words.text import say
from scorecard.terms import MONTHS

QUARTER, YEAR, TO_DATE = "quarter", "year", "ytd"
INDEX = "periods/index.html"
"""Where all periods are listed."""


@dataclass(frozen=True)
class Span:
    """A closed quarter or fiscal year, or the fiscal year to date."""

    grain: str
    """quarter or year."""
    start: date
    months: tuple[date, ...]
    """Its closed months, oldest first, those before the first score too."""
    is_open: bool = False
    """A year that has not ended: it is told to date."""

    @property
    def stored(self) -> str:
        """The grain under which the warehouse holds it."""
        return TO_DATE if self.is_open else self.grain

    @property
    def key(self) -> date:
        """The date under which the warehouse holds it."""
        return self.months[-1] if self.is_open else self.start

    @property
    def last(self) -> date:
        """Its last closed month."""
        return self.months[-1]


def months_of(edition: Edition) -> tuple[date, ...]:
    """Return the months that have a page, the headline month last; none where there is no past."""
    return (*edition.past_months, edition.headline) if edition.past_months else ()


def spans_of(edition: Edition, grain: str) -> tuple[Span, ...]:
    """Return the closed periods of a grain in which a month has a page, oldest first; then the year to date."""
    months = months_of(edition)
    if not months:
        return ()
    found: dict[date, Span] = {}
    for month in months:
        span = _around(edition, grain, month)
        if span is not None:
            found.setdefault(span.start, span)
    return tuple(found.values())


def span_around(edition: Edition, grain: str, month: date) -> Span | None:
    """Return the quarter or year with a page in which a month lies; none for a quarter that has not ended."""
    return _around(edition, grain, month) if month in months_of(edition) else None


def _around(edition: Edition, grain: str, month: date) -> Span | None:
    fiscal_start, length = edition.calendar.fiscal_start, MONTHS[grain]
    start = add_months(month, -((month.month - fiscal_start) % 12 % length))
    is_open = start > last_closed(edition.headline, grain, fiscal_start=fiscal_start)
    if is_open and grain != YEAR:
        return None
    closed = tuple(
        at for at in (add_months(start, step) for step in range(length)) if at <= edition.headline
    )
    return Span(grain, start, closed, is_open=is_open)


def quarters_in(edition: Edition, year: Span) -> tuple[Span, ...]:
    """Return the closed quarters of a year that have a page."""
    return tuple(span for span in spans_of(edition, QUARTER) if span.last in year.months)


def months_in(edition: Edition, span: Span) -> tuple[date, ...]:
    """Return the months of a quarter or year that have a page."""
    known = set(months_of(edition))
    return tuple(month for month in span.months if month in known)


def name_of(edition: Edition, span: Span) -> str:
    """Name a span: Q2 2026, Q2 2025/26, 2025, 2026 to September."""
    if not span.is_open:
        return edition.calendar.short(span.grain, span.start)
    month = edition.language.month_name(span.last)
    return say("{year} to {month}", year=edition.calendar.year(span.start), month=month)


def address_of(edition: Edition, span: Span) -> str:
    """Return where the page of a span stands in the site: periods/2026-q2.html, periods/2026.html."""
    fiscal_start = edition.calendar.fiscal_start
    year = fiscal_year(span.start, fiscal_start=fiscal_start)
    if span.grain == YEAR:
        return f"periods/{year}.html"
    return f"periods/{year}-q{ordinal(span.start, span.grain, fiscal_start=fiscal_start)}.html"


def href_of(edition: Edition, span: Span) -> str:
    """Return the address of a span's page, seen from the edition's page."""
    return edition.href(address_of(edition, span))


def choice_of(edition: Edition, span: Span, *, is_current: bool = False) -> Choice:
    """Return a span as one of several pages to switch between."""
    return Choice(name_of(edition, span), href_of(edition, span), is_current)


def crumbs_above(edition: Edition, month: date) -> tuple[Crumb, ...]:
    """Return the steps down to a month: all periods, its fiscal year, its quarter where that has ended."""
    year, quarter = (span_around(edition, grain, month) for grain in (YEAR, QUARTER))
    found = [edition.front_crumb()]
    if year is not None:
        found.append(Crumb(edition.calendar.year(year.start), href_of(edition, year)))
    if quarter is not None:
        found.append(
            Crumb(edition.calendar.tick(QUARTER, quarter.start), href_of(edition, quarter))
        )
    return tuple(found)
