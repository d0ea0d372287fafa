"""A past month's pages show the units where they stood at that month's end."""

import re
from datetime import date, timedelta

import pytest

from reports.warehouse.trees import above, last_day, standing_on
from tests.reports.warehouse.organisation import MOVED_ON

BEFORE, AFTER = MOVED_ON - timedelta(days=1), MOVED_ON
UNIT = "north_harbour"


def _page(site, day: date, unit: str) -> str:
    return (site / f"periods/{day:%Y-%m}/{unit}.html").read_text(encoding="utf-8")


def _links(text: str, style: str) -> list[str]:
    found = re.search(rf'<(nav|div) class="{style}".*?</\1>', text, re.DOTALL)
    return re.findall(r'href="([^"]+)"', found[0]) if found else []


@pytest.mark.parametrize(("day", "parent"), [(BEFORE, "south"), (AFTER, "north")])
def test_a_unit_that_moved_stands_where_it_stood(edition, day, parent) -> None:
    then = standing_on(edition.strategy, day)
    assert above(edition.strategy, UNIT, day) == parent
    assert [unit.unit_id for unit in then.path(UNIT)] == [edition.organisation_id, parent, UNIT]
    assert UNIT in then.below[parent]
    assert UNIT in then.below[edition.organisation_id]
    assert UNIT not in then.below["north" if parent == "south" else "south"]


@pytest.mark.parametrize(("day", "parent"), [(BEFORE, "south"), (AFTER, "north")])
def test_its_pages_lead_up_to_the_unit_above_it_then(site, day, parent) -> None:
    crumbs = _links(_page(site, day, UNIT), "crumbs")
    assert crumbs[-1] == f"../../periods/{day:%Y-%m}/{parent}.html"


@pytest.mark.parametrize(("day", "has"), [(BEFORE, True), (AFTER, False)])
def test_a_unit_offers_those_that_were_below_it_then(site, day, has) -> None:
    offered = _links(_page(site, day, "south"), "switch")
    assert (f"../../periods/{day:%Y-%m}/{UNIT}.html" in offered) == has


def test_a_unit_that_was_not_there_has_nobody_above_it(edition) -> None:
    parents = {
        unit: [row._replace(valid_from_date=date(2026, 1, 1)) for row in found]
        for unit, found in edition.strategy.parents.items()
    }
    strategy = standing_on(
        type(edition.strategy)(**{**vars(edition.strategy), "parents": parents}), date(2025, 12, 31)
    )
    assert strategy.children(edition.organisation_id) == []
    assert [unit.unit_id for unit in strategy.path(UNIT)] == [UNIT]


def test_a_month_counts_where_its_last_day_lies() -> None:
    assert last_day(date(2026, 2, 1)) == date(2026, 2, 28)
    assert last_day(date(2025, 12, 1)) == date(2025, 12, 31)
