"""Units side by side: all on one scale, the worst first, each a way to its own page, and the same as data."""

import re
from dataclasses import replace

import pytest

from reports.render import render
from reports.views import multiples as module
from reports.views.kpi import kpi_page


@pytest.fixture
def page(edition):
    return kpi_page(edition.at(1), edition.strategy.kpis["on_time"], "kettle")


def test_each_unit_below_has_one_line_that_leads_to_its_page(edition, page) -> None:
    (side,) = page.multiples
    below = [
        child.unit_id
        for child in edition.strategy.children("kettle")
        if "on_time" in edition.strategy.kpis_of_unit[child.unit_id]
    ]
    assert sorted(unit.href for unit in side.first) == sorted(
        f"../kpis/on_time/{unit}.html" for unit in below
    )
    assert side.rest == ()


def test_units_stand_in_the_order_of_their_parts_of_the_gap(page) -> None:
    (side,), (part,) = page.multiples, page.contributions
    listed = [row.name for row in part.rows if row.href]
    assert [unit.name for unit in side.first][: len(listed)] == listed


def test_without_parts_of_a_gap_the_worst_score_stands_first(edition) -> None:
    page = kpi_page(edition.at(1), edition.strategy.kpis["net_sales"], "kettle")
    edges = edition.edges_of(edition.strategy.kpis["net_sales"])
    for side in page.multiples:
        ranks = [
            {"off_track": 0, "at_risk": 1, "on_track": 2}.get(unit.status.key, 3)
            for unit in side.first
        ]
        assert ranks == sorted(ranks), edges


def test_the_table_has_every_unit_and_period_that_is_drawn(page) -> None:
    (side,) = page.multiples
    assert [row.name for row in side.rows] == [unit.name for unit in (*side.first, *side.rest)]
    assert {len(row.values) for row in side.rows} == {len(side.periods)} == {24}
    drawn = [len(re.findall("[ML]", unit.path)) for unit in side.first]
    told = [sum(value != "none" for value in row.values) for row in side.rows]
    assert drawn == told


def test_of_many_units_the_worst_show_and_the_rest_can_be_opened(edition, monkeypatch) -> None:
    monkeypatch.setattr(module, "SHOWN", 1)
    monkeypatch.setattr(module, "FEW", 0)
    page = kpi_page(edition.at(1), edition.strategy.kpis["on_time"], "kettle")
    (side,) = page.multiples
    assert len(side.first) == 1
    assert side.rest
    html = render("kpi", page)
    assert all(f'href="{unit.href}"' in html for unit in (*side.first, *side.rest))


def test_a_unit_without_units_below_has_none(edition) -> None:
    page = kpi_page(edition.at(2), edition.strategy.kpis["on_time"], "north_station")
    assert page.multiples == ()


def test_a_unit_that_is_held_back_shows_no_line(edition) -> None:
    page = kpi_page(edition.at(1), edition.strategy.kpis["nps"], "kettle")
    held = [
        unit
        for side in page.multiples
        for unit in side.first
        if unit.status.key == "suppressed" and unit.dot is None
    ]
    assert all(unit.path == "" for unit in held)
    assert replace(page, multiples=()).multiples == ()
