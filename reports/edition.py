"""One release as the pages speak of it: its tables, its language, its addresses and the frame around every page.

Not here: what a single page shows (views).
"""

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any, TypeVar

from reports.periods import add_months, last_closed
from reports.warehouse import rows
from reports.warehouse.published import Published, Results, Strategy
from reports.words.language import Calendar, Edges, Language, Scale, language_of
from reports.words.text import Part, later, say

Thing = TypeVar("Thing")
Made = TypeVar("Made")

KEPT = 1000
"""How many things are kept that many pages show alike: those of some KPIs and units, however many there are."""
UNIT_MONTHS = 12
"""How many months before the headline month have a page per unit; the organisation has one for every month."""
NAVIGATION = (
    ("index.html", later("Scorecard")),
    ("strategy-map.html", later("Strategy map")),
    ("heat-map.html", later("Heat map")),
    ("initiatives.html", later("Initiatives")),
    ("quality.html", later("Data quality")),
)
"""The pages that the head of every page links."""
LOOKED_UP = (
    ("method.html", later("Method")),
    ("glossary.html", later("Glossary")),
    ("dictionary.html", later("Dictionary")),
    ("releases.html", later("Releases")),
)
"""The pages to look things up, which the foot links: the head stays calm."""
REFERENCE = (*NAVIGATION, *LOOKED_UP)
"""All pages that stand by themselves."""


OTHER_PERIOD = "sheet-other"
"""Class of a page that is of no single month: the margin of its sheets names none."""


def sheet_of(month: date) -> str:
    """Return the class of a page of a past month: the margin of its sheets names it."""
    return f"sheet-{month:%Y-%m}"


@dataclass(frozen=True)
class Crumb:
    """A step from the front page down to this one; without an address for the page itself."""

    name: str
    href: str | None


@dataclass(frozen=True)
class Choice:
    """One of several pages to switch between."""

    name: str
    href: str
    is_current: bool = False


@dataclass(frozen=True)
class Switch:
    """Pages of the same kind, to switch between."""

    label: str
    choices: tuple[Choice, ...]


@dataclass(frozen=True)
class Frame:
    """What stands around every page."""

    title: str
    language: str
    direction: str
    """Which way the language is written: ltr or rtl."""
    root: str
    """The way up to the site's root, such as ../../."""
    subject: str
    """The name with which the page's first heading begins; may be empty."""
    finding: str
    """The rest of that heading: the finding."""
    organisation: str
    period: str
    release_id: str
    as_of: str
    navigation: tuple[Choice, ...]
    crumbs: tuple[Crumb, ...] = ()
    switches: tuple[Switch, ...] = ()
    previous: Choice | None = None
    """The same page one period earlier."""
    next: Choice | None = None
    """The same page one period later."""
    downloads: tuple[Choice, ...] = ()
    """What the page can be taken away as: PDF, workbook, JSON, CSV."""
    about: str = ""
    """The name with which that heading ends; mostly empty."""
    headline: str = ""
    """The release's headline month, which the footer names."""
    looked_up: tuple[Choice, ...] = ()
    """The pages to look things up."""
    sheet: str = ""
    """Class of a page that is not of the headline month, for the margins of its sheets."""
    decimal: str = "."
    """What parts the decimals off, for the script that sorts tables."""
    heading: tuple[Part, ...] = ()
    """The first heading as a sentence of parts, where names stand inside it; else subject, finding and about."""


@dataclass(frozen=True)
class Edition:
    """One release, seen from a page that lies `depth` folders below the root."""

    published: Published
    language: Language
    calendar: Calendar
    depth: int = 0
    seen: date | None = None
    """The earlier month from which it is seen; none where it is the headline month."""
    _made: dict[Hashable, tuple[object, Any]] = field(
        default_factory=dict, init=False, compare=False, repr=False
    )

    def once(
        self, make: Callable[["Edition", Thing], Made], of: Thing, *, by: Hashable = None
    ) -> Made:
        """Return what is made of a thing, made anew only where it is not among the last: many pages show it alike.

        A thing is itself alone, not what equals it; `by` is what else decides.
        """
        key = (make, id(of), by)
        found = self._made.get(key)
        if found is None or found[0] is not of:
            if len(self._made) >= KEPT:
                del self._made[next(iter(self._made))]
            found = self._made[key] = (of, make(self, of))
        return found[1]

    @property
    def root(self) -> str:
        """The way up to the site's root."""
        return "../" * self.depth

    @property
    def spoken(self) -> str:
        """The language in which the pages are written."""
        return self.language.dates.language

    @property
    def strategy(self) -> Strategy:
        """The strategy as tables."""
        return self.published.strategy

    @property
    def results(self) -> Results:
        """The values and scores."""
        return self.published.results

    @property
    def month(self) -> date:
        """The month that the page is of: the headline month, or an earlier one."""
        return self.seen or self.headline

    @property
    def headline(self) -> date:
        """The release's headline month."""
        return self.strategy.scorecard.headline_period_start_date

    @property
    def past_months(self) -> tuple[date, ...]:
        """The months before the headline month that have a page, oldest first."""
        return self.published.past_months

    @property
    def past_unit_months(self) -> tuple[date, ...]:
        """Those of them that have a page per unit."""
        first = add_months(self.headline, -UNIT_MONTHS)
        return tuple(month for month in self.past_months if month >= first)

    def last_closed(self, grain: str) -> date:
        """Return the first day of the last period of a grain that had closed at the headline month's end."""
        return last_closed(self.month, grain, fiscal_start=self.calendar.fiscal_start)

    @property
    def organisation_id(self) -> str:
        """The unit that is the whole."""
        return self.strategy.scorecard.organisation_id

    @property
    def edges(self) -> Edges:
        """The edges of the bands of objectives, perspectives and the scorecard."""
        scorecard = self.strategy.scorecard
        return Edges(scorecard.on_track_edge, scorecard.at_risk_edge, self.language)

    def at(self, depth: int) -> "Edition":
        """Return the same release, seen from another depth."""
        return replace(self, depth=depth)

    def in_month(self, month: date, results: Results) -> "Edition":
        """Return the same release, seen from an earlier month with that month's results."""
        return replace(self, seen=month, published=replace(self.published, results=results))

    def edges_of(self, kpi: rows.Kpi) -> Edges:
        """Return the edges of a KPI's bands."""
        return self.once(_edges, kpi)

    def scale_of(self, kpi: rows.Kpi) -> Scale:
        """Return how a KPI's values are written."""
        return self.once(_scale, kpi)

    def kpi_href(self, kpi_id: str, unit_id: str) -> str:
        """Return the address of a KPI's page for a unit; the organisation's where the unit has none."""
        of_unit = unit_id != self.organisation_id and kpi_id in self.strategy.kpis_of_unit.get(
            unit_id, frozenset()
        )
        return (
            f"{self.root}kpis/{kpi_id}/{unit_id}.html"
            if of_unit
            else f"{self.root}kpis/{kpi_id}.html"
        )

    def unit_href(self, unit_id: str) -> str:
        """Return the address of a unit's scorecard; the organisation's is the front page."""
        if unit_id == self.organisation_id:
            return f"{self.root}index.html"
        return f"{self.root}units/{unit_id}.html"

    def period_href(self, month: date, unit_id: str) -> str:
        """Return the address of a unit's scorecard in a month."""
        if month == self.headline:
            return self.unit_href(unit_id)
        whole = f"{self.root}periods/{month:%Y-%m}"
        return f"{whole}.html" if unit_id == self.organisation_id else f"{whole}/{unit_id}.html"

    def perspective_href(self, perspective_id: str) -> str:
        """Return the address of a perspective's page."""
        return f"{self.root}perspectives/{perspective_id}.html"

    def objective_href(self, objective_id: str) -> str:
        """Return the address of an objective's page."""
        return f"{self.root}objectives/{objective_id}.html"

    def href(self, page: str) -> str:
        """Return the address of a page at the root."""
        return self.root + page

    def frame(
        self,
        *,
        title: str,
        finding: str,
        about: str = "",
        subject: str = "",
        page: str = "",
        crumbs: Sequence[Crumb] = (),
        switches: Sequence[Switch] = (),
        previous: Choice | None = None,
        next_: Choice | None = None,
        downloads: Sequence[Choice] = (),
        period: str | None = None,
        heading: Sequence[Part] = (),
    ) -> Frame:
        """Return the frame of a page.

        `page` is its own entry in the navigation, where it has one; `period` is what it is of, where that is not the
        headline month.
        """
        release = self.strategy.release
        navigation, looked_up = self.once(_pages, page)
        return Frame(
            title=title,
            language=self.spoken,
            direction=self.language.dates.text_direction,
            root=self.root,
            subject=subject,
            finding=finding,
            about=about,
            organisation=self.strategy.organisation.unit_name,
            period=self.language.month(self.month) if period is None else period,
            headline=self.language.month(self.headline),
            release_id=release.release_id,
            as_of=self.language.day(release.as_of_date),
            navigation=navigation,
            looked_up=looked_up,
            sheet=self._sheet(period),
            decimal=self.language.decimal_symbol,
            crumbs=tuple(crumbs),
            switches=tuple(switches),
            previous=previous,
            next=next_,
            downloads=tuple(downloads),
            heading=tuple(heading),
        )

    def _sheet(self, period: str | None) -> str:
        if period is not None and period != self.language.month(self.month):
            return OTHER_PERIOD
        return "" if self.month == self.headline else sheet_of(self.month)

    def front_crumb(self) -> Crumb:
        """Return the first step of every path."""
        return Crumb(say("Scorecard"), self.href("index.html"))


def _scale(edition: Edition, kpi: rows.Kpi) -> Scale:
    return Scale(edition.language, kpi.measured_in, kpi.decimals)


def _edges(edition: Edition, kpi: rows.Kpi) -> Edges:
    return Edges(kpi.on_track_edge, kpi.at_risk_edge, edition.language)


def _pages(edition: Edition, page: str) -> tuple[tuple[Choice, ...], tuple[Choice, ...]]:
    """Return the links of the head and of the foot of a page, which is one of them or none."""

    def choices(pages: Iterable[tuple[str, str]]) -> tuple[Choice, ...]:
        return tuple(
            Choice(say(name), edition.href(href), is_current=href == page) for href, name in pages
        )

    return choices(NAVIGATION), choices(LOOKED_UP)


def edition_of(published: Published) -> Edition:
    """Return a release with its company's language."""
    scorecard = published.strategy.scorecard
    language = language_of(scorecard.locale, scorecard.currency_code)
    return Edition(published, language, Calendar(language, published.strategy.fiscal_start))
