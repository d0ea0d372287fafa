"""The front page's first screen, however much is off track: the answer stays in it, and no KPI is lost."""

import re
import shutil
from pathlib import Path
from typing import NamedTuple

import duckdb
import pytest

from reports.edition import edition_of
from reports.site import build
from reports.views.front import FrontPage, front_page, unit_page
from reports.views.needs import TWO_LINES, brief, few_needs
from reports.warehouse.published import read
from tests.reports.browsing import in_browser, open_page

COMMENT = (
    "Nine in ten of the late ones came through the eastern depot, where two of five drivers left in spring and none "
    "was hired. We hire three from June."
)
HEADLINE = "select organisation_id, headline_period_start_date from scorecard.dim_scorecard"
SCORED = """
    select kpi_id from scorecard.kpi_score
    where unit_id = ? and period_start_date = ? and grain = 'month' and band is not null
    order by band <> 'off_track', kpi_id limit ?
"""
PUT_OFF_TRACK = """
    update scorecard.kpi_score set band = case when list_contains(?, kpi_id) then 'off_track' else 'on_track' end
    where unit_id = ? and period_start_date = ? and grain = 'month' and band is not null
"""


class Planted(NamedTuple):
    """A release with so many KPIs off track, each with a long comment."""

    kpis: frozenset[str]
    warehouse: Path
    site: Path
    page: FrontPage


def _plant(warehouse: Path, count: int) -> frozenset[str]:
    with duckdb.connect(str(warehouse)) as connection:
        unit, month = connection.execute(HEADLINE).fetchall()[0]
        found = [row[0] for row in connection.execute(SCORED, [unit, month, count]).fetchall()]
        connection.execute(PUT_OFF_TRACK, [found, unit, month])
        connection.execute("delete from scorecard.comment where unit_id = ?", [unit])
        connection.executemany(
            "insert into scorecard.comment (kpi_id, unit_id, period_start_date, author_name, comment_text) values (?, ?, ?, ?, ?)",
            [[kpi, unit, month, "Somebody", COMMENT] for kpi in found],
        )
    return frozenset(found)


@pytest.fixture(scope="module", params=[1, 5, 8, 15])
def planted(request, warehouse, tmp_path_factory) -> Planted:
    folder = tmp_path_factory.mktemp("planted")
    copy = Path(shutil.copy(warehouse, folder / "warehouse.duckdb"))
    kpis = _plant(copy, request.param)
    assert len(kpis) == request.param
    build(copy, folder / "site", groups=["front", "print_sheet"])
    return Planted(kpis, copy, folder / "site", front_page(edition_of(read(copy))))


def test_every_kpi_off_track_stands_on_the_front_page(planted) -> None:
    needs = planted.page.needs
    hrefs = [row.href for row in (*needs.rows, *needs.more)]
    assert sorted(hrefs) == sorted(f"kpis/{kpi}.html" for kpi in planted.kpis)
    assert needs.heading.startswith(f"What needs you: {len(planted.kpis)} KPI")


def test_the_first_screen_shows_those_that_cost_most_and_counts_the_others(planted) -> None:
    needs = planted.page.needs
    lost = [float(row.lost) if row.lost != "none" else 0.0 for row in (*needs.rows, *needs.more)]
    assert lost == sorted(lost, reverse=True)
    assert len(needs.rows) == min(len(planted.kpis), 3)
    hidden = len(planted.kpis) - len(needs.rows)
    assert needs.more_text.startswith(f"{hidden} more KPI" if hidden else "")
    assert bool(needs.more_text) == bool(hidden)


def test_a_unit_page_loses_none_either(planted) -> None:
    edition = edition_of(read(planted.warehouse))
    for unit in edition.strategy.units.values():
        if unit.unit_id == edition.organisation_id:
            continue
        needs = unit_page(edition.at(1), unit).needs
        assert not needs.more or needs.more_text
        assert len(needs.rows) <= few_needs(0)


@in_browser[0]
@in_browser[1]
def test_the_answer_stays_in_one_screen(browser, planted) -> None:
    page = browser.new_context(viewport={"width": 1280, "height": 800}).new_page()
    assert open_page(page, planted.site, "index.html") == []
    for heading in ("#how-h", "#needs-h", "#chg-h", "#late-h", "#fresh-h"):
        assert page.locator(heading).is_visible()
    box = page.locator(".answers--front").bounding_box()
    assert box is not None
    assert box["y"] + box["height"] <= 800
    page.context.close()


@in_browser[0]
@in_browser[1]
def test_the_others_are_one_click_away_and_all_in_print(browser, planted) -> None:
    page = browser.new_context(viewport={"width": 1280, "height": 800}).new_page()
    assert open_page(page, planted.site, "index.html") == []
    rows = page.locator("section[aria-labelledby=needs-h] tbody tr")
    shown = rows.filter(visible=True)
    assert shown.count() == min(len(planted.kpis), 3)
    if len(planted.kpis) > 3:
        page.locator("#more-h").click()
    assert shown.count() == len(planted.kpis)
    page.reload()
    page.emulate_media(media="print")
    assert shown.count() == len(planted.kpis)
    page.context.close()


def test_the_front_page_weighs_less_than_150_kb_all_told(planted) -> None:
    assert sum(_weights(planted.site).values()) < 150_000


def test_a_scorecard_of_60_kpis_weighs_less_than_150_kb_too(site) -> None:
    """Each KPI more costs a row; the release of these tests has fewer, with names that are longer than most."""
    page = (site / "index.html").read_text("utf-8")
    rows = re.findall(r'<tr role="row" class="kpi".*?</tr>', page, re.DOTALL)
    row = sum(len(row.encode()) for row in rows) / len(rows)
    assert sum(_weights(site).values()) + (60 - len(rows)) * row < 150_000


def _weights(site: Path) -> dict[str, int]:
    """Return what a browser fetches for the front page, with its size: the page, its styles, on paper too, and its script."""
    page = (site / "index.html").read_text("utf-8")
    fetched = re.findall(r'<(?:link rel="stylesheet" href|script src)="([^"]+)"', page)
    assert {Path(file).suffix for file in fetched} == {".css", ".js"}
    return {file: (site / file).stat().st_size for file in ("index.html", *fetched)}


@pytest.mark.parametrize(
    ("comment", "shown"),
    [
        ("", ""),
        ("It rained.", "It rained."),
        ("It rained. Nobody came.", "It rained.\N{NO-BREAK SPACE}…"),
        ("It rained.\n\nNobody came.", "It rained.\N{NO-BREAK SPACE}…"),
        ("Up 3.5 % on May.", "Up 3.5 % on May."),
        ("雨" * (TWO_LINES + 5), "雨" * TWO_LINES + "\N{NO-BREAK SPACE}…"),
    ],
)
def test_a_comment_is_shown_by_its_first_sentence(comment, shown) -> None:
    assert brief(comment) == shown


@pytest.mark.parametrize(
    ("room", "shown"),
    [
        (62, "Nine in ten of the late ones came through the eastern depot\N{NO-BREAK SPACE}…"),
        (-20, "Nine in ten of the late ones came through\N{NO-BREAK SPACE}…"),
    ],
)
def test_a_long_sentence_ends_at_a_word(room, shown) -> None:
    assert brief(COMMENT, room) == shown


@pytest.mark.parametrize(("perspectives", "few"), [(1, 5), (2, 5), (4, 3), (5, 2), (9, 1)])
def test_more_perspectives_leave_room_for_fewer_kpis(perspectives, few) -> None:
    assert few_needs(perspectives) == few
