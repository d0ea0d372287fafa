"""Builds the published site: every page of one release, from its warehouse alone.

Not here: what the pages say (views), whether they are sound (audit), which release is live (pipelines).
"""

import shutil
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from reports.edition import Edition, edition_of
from reports.exports.data import write_data
from reports.exports.pack import write_pack
from reports.exports.workbook import write_workbook
from reports.past import read_past, reading
from reports.published import read
from reports.render import render
from reports.rows import Unit
from reports.text import speaking
from reports.views.front import front_page, unit_page
from reports.views.heat_map import heat_map_page
from reports.views.initiative import initiative_page
from reports.views.initiatives import initiatives_page
from reports.views.kpi import kpi_page
from reports.views.nodes import objective_page, perspective_page
from reports.views.period import period_page
from reports.views.quality import quality_page
from reports.views.reference import dictionary_page, method_page, releases_page
from reports.views.strategy_map import strategy_map_page

UNITS_AT_ONCE = 20
STATIC = Path(__file__).parent / "static"
Page = tuple[str, str, Any]
"""Address within the site, template, page object."""


def _front(edition: Edition) -> Iterator[Page]:
    yield "index.html", "front", front_page(edition)


def _perspectives(edition: Edition) -> Iterator[Page]:
    below = edition.at(1)
    for row in edition.strategy.perspectives.values():
        yield f"perspectives/{row.perspective_id}.html", "node", perspective_page(below, row)


def _objectives(edition: Edition) -> Iterator[Page]:
    below = edition.at(1)
    for row in edition.strategy.objectives.values():
        yield f"objectives/{row.objective_id}.html", "node", objective_page(below, row)


def _kpis(edition: Edition) -> Iterator[Page]:
    organisation, strategy = edition.organisation_id, edition.strategy
    near, far = edition.at(1), edition.at(2)
    for kpi in strategy.kpis.values():
        yield f"kpis/{kpi.kpi_id}.html", "kpi", kpi_page(near, kpi, organisation)
        for unit in strategy.units:
            if unit != organisation and kpi.kpi_id in strategy.kpis_of_unit.get(unit, frozenset()):
                yield f"kpis/{kpi.kpi_id}/{unit}.html", "kpi", kpi_page(far, kpi, unit)


def _units(edition: Edition) -> Iterator[Page]:
    below = edition.at(1)
    for unit in edition.strategy.units.values():
        if unit.unit_id != edition.organisation_id:
            yield f"units/{unit.unit_id}.html", "front", unit_page(below, unit)


def _periods(edition: Edition) -> Iterator[Page]:
    """Yield the organisation's past months, then those of the units, some units at a time so that memory stays small."""
    organisation = edition.strategy.organisation
    others = [unit for unit in edition.strategy.units.values() if unit is not organisation]
    below, deeper = edition.past_months, edition.past_unit_months
    if not below:
        return
    with reading(edition) as connection:
        past = read_past(connection, edition, [organisation.unit_id], below[0])
        for month in below:
            seen = past.seen_in(edition.at(1), month)
            yield f"periods/{month:%Y-%m}.html", "period", period_page(seen, organisation)
        for units in _batched(others, UNITS_AT_ONCE):
            past = read_past(connection, edition, [unit.unit_id for unit in units], deeper[0])
            for month in deeper:
                seen = past.seen_in(edition.at(2), month)
                for unit in units:
                    address = f"periods/{month:%Y-%m}/{unit.unit_id}.html"
                    yield address, "period", period_page(seen, unit)


def _batched(units: Sequence[Unit], size: int) -> Iterator[Sequence[Unit]]:
    """Yield the units in groups of a size."""
    for at in range(0, len(units), size):
        yield units[at : at + size]


def _initiatives(edition: Edition) -> Iterator[Page]:
    yield "initiatives.html", "initiatives", initiatives_page(edition)
    below = edition.at(1)
    for row in edition.strategy.initiatives:
        yield f"initiatives/{row.initiative_id}.html", "initiative", initiative_page(below, row)


def _one(
    address: str, template: str, view: Callable[[Edition], Any]
) -> Callable[[Edition], Iterator[Page]]:
    def page(edition: Edition) -> Iterator[Page]:
        yield address, template, view(edition)

    return page


_PAGES: dict[str, Callable[[Edition], Iterator[Page]]] = {
    "front": _front,
    "perspectives": _perspectives,
    "objectives": _objectives,
    "kpis": _kpis,
    "units": _units,
    "strategy_map": _one("strategy-map.html", "strategy_map", strategy_map_page),
    "heat_map": _one("heat-map.html", "heat_map", heat_map_page),
    "periods": _periods,
    "initiatives": _initiatives,
    "quality": _one("quality.html", "quality", quality_page),
    "dictionary": _one("dictionary.html", "dictionary", dictionary_page),
    "releases": _one("releases.html", "releases", releases_page),
    "method": _one("method.html", "method", method_page),
}
_FILES: dict[str, Callable[[Edition, Path], int]] = {
    "board_pack": write_pack,
    "workbook": write_workbook,
    "data": write_data,
}
"""What is taken away: each writes its files and returns how many they are."""
FILE_GROUPS: tuple[str, ...] = tuple(_FILES)
GROUPS: tuple[str, ...] = (*_PAGES, *_FILES)
"""The groups of pages, then those of files, in the order in which they are built."""


def build(warehouse: Path, out: Path, *, groups: Sequence[str] | None = None) -> dict[str, int]:
    """Write the pages and files of the given groups (all, where none are given); return how many each group has.

    The same warehouse gives the same bytes. Pages of one group link to those of the others, so a site is whole only with
    all of them.

    Raises:
        ValueError: for a group that does not exist.
        FileNotFoundError: where there is no warehouse.

    """
    wanted = GROUPS if groups is None else tuple(groups)
    unknown = sorted(set(wanted) - set(GROUPS))
    if unknown:
        raise ValueError(
            f"There is no page group {', '.join(unknown)}; there are {', '.join(GROUPS)}."
        )
    edition = edition_of(read(warehouse))
    out.mkdir(parents=True, exist_ok=True)
    shutil.copytree(STATIC, out / "static", dirs_exist_ok=True, copy_function=shutil.copyfile)
    with speaking(edition.spoken):
        return {group: _group(edition, out, group) for group in wanted}


def _group(edition: Edition, out: Path, group: str) -> int:
    if group in _FILES:
        return _FILES[group](edition, out)
    return _write(out, _PAGES[group](edition))


def _write(out: Path, pages: Iterator[Page]) -> int:
    count = 0
    folders: set[Path] = set()
    for address, template, page in pages:
        target = out / address
        if target.parent not in folders:
            target.parent.mkdir(parents=True, exist_ok=True)
            folders.add(target.parent)
        target.write_bytes(render(template, page).encode())
        count += 1
    return count
