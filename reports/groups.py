"""The groups of pages, and into which pieces of work each is divided: a page is made from its address and the edition alone.

A piece is so small that what it needs fits in memory, and that several processes share the work evenly.

Not here: files that are taken away (files), writing (site), processes (workers), what the pages say (views).
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from reports.edition import Edition
from reports.past import read_past, reading
from reports.views.components import components_page
from reports.views.front import front_page, unit_page
from reports.views.glossary import glossary_page
from reports.views.heat_map import heat_map_page
from reports.views.initiative import initiative_page
from reports.views.initiatives import initiatives_page
from reports.views.kpi import kpi_page
from reports.views.nodes import objective_page, perspective_page
from reports.views.period import period_page
from reports.views.periods import longer_pages
from reports.views.quality import quality_page
from reports.views.reference import dictionary_page, method_page
from reports.views.releases import releases_page
from reports.views.strategy_map import strategy_map_page
from reports.warehouse.slices import PAIRS, UNITS


@dataclass(frozen=True)
class Work:
    """A piece of a group: all of it, or the pages of some KPIs and units."""

    group: str
    kpis: tuple[str, ...] = ()
    units: tuple[str, ...] = ()

    def by_one(self) -> list["Work"]:
        """Divide it further: a KPI at a time, where it has some."""
        return [replace(self, kpis=(kpi,)) for kpi in self.kpis] or [self]


@dataclass(frozen=True)
class Page:
    """A page that can be made."""

    address: str
    """Within the site."""
    template: str
    make: Callable[[], Any]


@dataclass(frozen=True)
class Group:
    """Pages of one kind."""

    pages: Callable[[Edition, Work], Iterator[Page]]
    divided: Callable[[Edition, str], Iterator[Work]]


def whole(_: Edition, group: str) -> Iterator[Work]:
    """Leave a group undivided."""
    yield Work(group)


def _one(address: str, template: str, view: Callable[[Edition], Any]) -> Group:
    def pages(edition: Edition, _: Work) -> Iterator[Page]:
        yield Page(address, template, partial(view, edition))

    return Group(pages, whole)


def _perspectives(edition: Edition, _: Work) -> Iterator[Page]:
    below = edition.at(1)
    for row in edition.strategy.perspectives.values():
        address = f"perspectives/{row.perspective_id}.html"
        yield Page(address, "node", partial(perspective_page, below, row))


def _objectives(edition: Edition, _: Work) -> Iterator[Page]:
    below = edition.at(1)
    for row in edition.strategy.objectives.values():
        address = f"objectives/{row.objective_id}.html"
        yield Page(address, "node", partial(objective_page, below, row))


def _initiatives(edition: Edition, _: Work) -> Iterator[Page]:
    yield Page("initiatives.html", "initiatives", partial(initiatives_page, edition))
    below = edition.at(1)
    for row in edition.strategy.initiatives:
        address = f"initiatives/{row.initiative_id}.html"
        yield Page(address, "initiative", partial(initiative_page, below, row))


def _kpis(edition: Edition, work: Work) -> Iterator[Page]:
    strategy = edition.strategy
    near, far = edition.at(1), edition.at(2)
    edition.published.plan(work.kpis, _with_children(edition, work.units))
    for kpi in (strategy.kpis[kpi_id] for kpi_id in work.kpis):
        for unit in work.units:
            if unit == edition.organisation_id:
                address = f"kpis/{kpi.kpi_id}.html"
                yield Page(address, "kpi", partial(kpi_page, near, kpi, unit))
            elif kpi.kpi_id in strategy.kpis_of_unit.get(unit, frozenset()):
                address = f"kpis/{kpi.kpi_id}/{unit}.html"
                yield Page(address, "kpi", partial(kpi_page, far, kpi, unit))


def _by_pair(edition: Edition, group: str) -> Iterator[Work]:
    """Divide the KPIs' pages: some units, as many as are read at once, and as many KPIs as fit."""
    kpis = tuple(edition.strategy.kpis)
    for units in _batched(tuple(edition.strategy.units), UNITS):
        at_once = max(1, PAIRS // len(_with_children(edition, units)))
        for found in _batched(kpis, at_once):
            yield Work(group, found, units)


def _with_children(edition: Edition, units: Sequence[str]) -> tuple[str, ...]:
    """Return the units with those directly below them, with which their pages compare."""
    below = (child.unit_id for unit in units for child in edition.strategy.children(unit))
    return tuple(dict.fromkeys((*units, *below)))


def _units(edition: Edition, work: Work) -> Iterator[Page]:
    below = edition.at(1)
    edition.published.plan(tuple(edition.strategy.kpis), work.units)
    for unit in (edition.strategy.units[unit_id] for unit_id in work.units):
        yield Page(f"units/{unit.unit_id}.html", "front", partial(unit_page, below, unit))


def by_unit(edition: Edition, group: str) -> Iterator[Work]:
    """Divide the units' pages: as many units as fit with all their KPIs."""
    others = tuple(unit for unit in edition.strategy.units if unit != edition.organisation_id)
    for units in _batched(others, max(1, PAIRS // max(1, len(edition.strategy.kpis)))):
        yield Work(group, units=units)


def _periods(edition: Edition, work: Work) -> Iterator[Page]:
    """Yield the past months of some units, or of the organisation, with its longer periods."""
    whole = edition.organisation_id in work.units
    months = edition.past_months if whole else edition.past_unit_months
    if not months:
        return
    edition.published.plan(tuple(edition.strategy.kpis), work.units)
    with reading(edition) as connection:
        past = read_past(connection, edition, work.units, months[0])
        for month in months:
            seen = past.seen_in(edition.at(1 if whole else 2), month)
            for unit_id in work.units:
                within = "" if whole else f"/{unit_id}"
                address = f"periods/{month:%Y-%m}{within}.html"
                unit = seen.strategy.units[unit_id]
                yield Page(address, "period", partial(period_page, seen, unit))
        if whole:
            for address, template, page in longer_pages(edition.at(1), connection, past):
                yield Page(address, template, partial(_made, page))


def _made(page: Any) -> Any:
    """Return a page that was made already."""
    return page


def by_period(edition: Edition, group: str) -> Iterator[Work]:
    """Divide past months: those of the organisation, and as many units as fit."""
    yield Work(group, units=(edition.organisation_id,))
    yield from by_unit(edition, group)


def by_kpi(edition: Edition, group: str) -> Iterator[Work]:
    """Divide what is of a KPI with all its units: as many KPIs as fit."""
    at_once = max(1, PAIRS // max(1, len(edition.strategy.units)))
    for kpis in _batched(tuple(edition.strategy.kpis), at_once):
        yield Work(group, kpis)


def _batched(found: Sequence[str], size: int) -> Iterator[tuple[str, ...]]:
    """Yield ids in groups of a size."""
    for at in range(0, len(found), size):
        yield tuple(found[at : at + size])


PAGES: dict[str, Group] = {
    "front": _one("index.html", "front", front_page),
    "perspectives": Group(_perspectives, whole),
    "objectives": Group(_objectives, whole),
    "kpis": Group(_kpis, _by_pair),
    "units": Group(_units, by_unit),
    "strategy_map": _one("strategy-map.html", "strategy_map", strategy_map_page),
    "heat_map": _one("heat-map.html", "heat_map", heat_map_page),
    "periods": Group(_periods, by_period),
    "initiatives": Group(_initiatives, whole),
    "quality": _one("quality.html", "quality", quality_page),
    "dictionary": _one("dictionary.html", "dictionary", dictionary_page),
    "releases": _one("releases.html", "releases", releases_page),
    "method": _one("method.html", "method", method_page),
    "glossary": _one("glossary.html", "glossary", glossary_page),
    "components": _one("components.html", "components", components_page),
}
"""In the order in which they are built."""
