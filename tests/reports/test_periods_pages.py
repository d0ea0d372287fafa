"""Past months: one page a month and unit, each with that month's numbers as known now."""

import re

import duckdb
import pytest

from reports.site import build
from tests.reports.make_warehouse import bare_rows, make_warehouse


@pytest.fixture(scope="module")
def scored(warehouse) -> dict[tuple, float | None]:
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        found = connection.execute(
            "select unit_id, period_start_date, score from scorecard.scorecard_score where grain = 'month'"
        ).fetchall()
    return {(unit, month): score for unit, month, score in found}


def _heading(page) -> str:
    return re.search(r"<h1>(.*?)</h1>", page.read_text(encoding="utf-8"))[1]


def test_every_past_month_has_a_page_and_the_last_twelve_one_per_unit(edition, site) -> None:
    assert edition.past_months
    assert edition.headline not in edition.past_months
    units = [unit for unit in edition.strategy.units if unit != edition.organisation_id]
    wanted = {f"{month:%Y-%m}.html" for month in edition.past_months}
    wanted |= {f"{month:%Y-%m}/{unit}.html" for month in edition.past_unit_months for unit in units}
    folder = site / "periods"
    made = {page.relative_to(folder).as_posix() for page in folder.rglob("*.html")}
    assert {page for page in made if re.match(r"\d{4}-\d{2}[./]", page)} == wanted
    assert len(edition.past_unit_months) <= 12


def test_a_page_tells_the_score_of_its_own_month(edition, site, scored) -> None:
    told = 0
    for month in edition.past_months:
        pages = {edition.organisation_id: site / f"periods/{month:%Y-%m}.html"}
        if month in edition.past_unit_months:
            pages |= {
                unit: site / f"periods/{month:%Y-%m}/{unit}.html"
                for unit in edition.strategy.units
                if unit not in pages
            }
        for unit, page in pages.items():
            score = scored.get((unit, month))
            assert edition.language.month(month) in _heading(page)
            said = "no score" if score is None else f"{edition.edges.write(score)} of 100"
            assert said in _heading(page)
            told += score is not None
    assert told


def test_a_page_says_that_it_is_as_known_now(edition, site) -> None:
    text = (site / f"periods/{edition.past_months[-1]:%Y-%m}.html").read_text(encoding="utf-8")
    assert "As known now" in text


@pytest.mark.parametrize("of_unit", [False, True])
def test_pages_lead_from_the_headline_month_to_the_first_and_back(edition, site, of_unit) -> None:
    unit = next(unit for unit in edition.strategy.units if unit != edition.organisation_id)
    start = site / (f"units/{unit}.html" if of_unit else "index.html")
    chain = [start.resolve()]
    while link := re.search(r'rel="prev" href="([^"]+)"', chain[-1].read_text(encoding="utf-8")):
        chain.append((chain[-1].parent / link[1]).resolve())
    assert len(chain) == 1 + len(edition.past_unit_months if of_unit else edition.past_months)
    for earlier, later in zip(chain[1:], chain, strict=False):
        link = re.search(r'rel="next" href="([^"]+)"', earlier.read_text(encoding="utf-8"))
        assert (earlier.parent / link[1]).resolve() == later


def test_units_switch_within_the_same_month(edition, site) -> None:
    month = f"{edition.past_months[-1]:%Y-%m}"
    text = (site / f"periods/{month}.html").read_text(encoding="utf-8")
    children = edition.strategy.children(edition.organisation_id)
    assert children
    for child in children:
        assert f'href="../periods/{month}/{child.unit_id}.html"' in text


def test_without_any_score_there_is_no_past(tmp_path) -> None:
    bare = make_warehouse(tmp_path / "warehouse.duckdb", bare_rows())
    assert build(bare, tmp_path / "site", groups=["front", "periods"])["periods"] == 0
    assert "Previous:" not in (tmp_path / "site/index.html").read_text(encoding="utf-8")
