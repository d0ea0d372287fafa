"""Quarters, fiscal years and the year to date: which have a page, where it stands, what it tells."""

import itertools
import re
from dataclasses import replace
from datetime import date

import duckdb
import pytest

from reports.expected import expected
from reports.longer import read_longer
from reports.past import read_past, reading
from reports.render import render
from reports.site import build
from reports.spans import QUARTER, YEAR, address_of, months_in, name_of, span_around, spans_of
from reports.views.span import span_page
from reports.words.language import Calendar
from tests.reports.make_warehouse import all_rows, make_warehouse

JULY = 7


def _from(edition, first_month: int):
    return replace(edition, calendar=Calendar(edition.language, first_month))


def _heading(page) -> str:
    return re.search(r"<h1>(.*?)</h1>", page.read_text(encoding="utf-8"))[1]


@pytest.fixture(scope="module")
def longer(edition):
    with reading(edition) as connection:
        past = read_past(connection, edition, [edition.organisation_id], edition.past_months[0])
        return read_longer(connection, edition, past)


@pytest.fixture(scope="module")
def stored(warehouse) -> dict[tuple[str, date], float | None]:
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        found = connection.execute(
            "select grain, period_start_date, score from scorecard.scorecard_score where unit_id = "
            "(select organisation_id from scorecard.dim_scorecard)"
        ).fetchall()
    return {(grain, start): score for grain, start, score in found}


@pytest.mark.parametrize("grain", [QUARTER, YEAR])
def test_a_page_tells_the_score_that_the_warehouse_has_of_its_own_grain(
    edition, site, stored, grain
) -> None:
    spans = spans_of(edition, grain)
    assert spans
    told = 0
    for span in spans:
        heading = _heading(site / address_of(edition, span))
        score = stored.get((span.stored, span.key))
        assert heading.startswith(f"{name_of(edition, span)}: ")
        said = "no score" if score is None else f"{edition.edges.write(score)} of 100"
        assert said in heading
        told += score is not None
    assert told


@pytest.mark.parametrize(
    ("first_month", "month", "quarter", "year"),
    [
        (
            1,
            date(2026, 5, 1),
            ("periods/2026-q2.html", "Q2 2026"),
            ("periods/2026.html", "2026 to October"),
        ),
        (
            7,
            date(2026, 5, 1),
            ("periods/2025-q4.html", "Q4 2025/26"),
            ("periods/2025.html", "2025/26"),
        ),
        (
            7,
            date(2026, 8, 1),
            ("periods/2026-q1.html", "Q1 2026/27"),
            ("periods/2026.html", "2026/27 to October"),
        ),
        (
            2,
            date(2026, 1, 1),
            ("periods/2025-q4.html", "Q4 2025/26"),
            ("periods/2025.html", "2025/26"),
        ),
        (
            12,
            date(2025, 12, 1),
            ("periods/2025-q1.html", "Q1 2025/26"),
            ("periods/2025.html", "2025/26 to October"),
        ),
    ],
)
def test_periods_are_named_and_bound_by_the_fiscal_year(
    edition, first_month, month, quarter, year
) -> None:
    assert edition.headline == date(2026, 10, 1)
    fiscal = _from(edition, first_month)
    for grain, wanted in ((QUARTER, quarter), (YEAR, year)):
        span = span_around(fiscal, grain, month)
        assert (address_of(fiscal, span), name_of(fiscal, span)) == wanted
        assert month in span.months


def test_a_year_from_july_has_the_twelve_months_to_june(edition) -> None:
    span = span_around(_from(edition, JULY), YEAR, date(2026, 2, 1))
    assert (span.months[0], span.last, len(span.months)) == (date(2025, 7, 1), date(2026, 6, 1), 12)


def test_a_quarter_that_has_not_ended_has_no_page(edition) -> None:
    assert span_around(edition, QUARTER, edition.headline) is None
    assert all(span.last <= edition.headline for span in spans_of(edition, QUARTER))


def test_a_year_that_has_not_ended_is_told_to_date(edition) -> None:
    last = spans_of(edition, YEAR)[-1]
    assert (last.is_open, last.stored, last.key) == (True, "ytd", edition.headline)


@pytest.mark.parametrize("grain", [QUARTER, YEAR])
def test_pages_lead_to_the_period_before_and_after(edition, site, grain) -> None:
    pages = [(site / address_of(edition, span)).resolve() for span in spans_of(edition, grain)]
    for earlier, later in itertools.pairwise(pages):
        forth = re.search(r'rel="next" href="([^"]+)"', earlier.read_text(encoding="utf-8"))
        back = re.search(r'rel="prev" href="([^"]+)"', later.read_text(encoding="utf-8"))
        assert (earlier.parent / forth[1]).resolve() == later
        assert (later.parent / back[1]).resolve() == earlier


def test_a_month_leads_up_to_its_quarter_and_year_and_beside_it(edition, site) -> None:
    quarter = spans_of(edition, QUARTER)[-1]
    months = months_in(edition, quarter)
    text = (site / f"periods/{months[0]:%Y-%m}.html").read_text(encoding="utf-8")
    crumbs = re.search(r'<nav class="crumbs".*?</nav>', text)[0]
    year = span_around(edition, YEAR, months[0])
    for span in (year, quarter):
        assert f'href="../{address_of(edition, span)}"' in crumbs
    for month in months[1:]:
        assert f"{month:%Y-%m}.html" in text


def test_a_quarter_offers_its_months_and_the_quarters_of_its_year(edition, site) -> None:
    quarter = spans_of(edition, QUARTER)[-1]
    text = (site / address_of(edition, quarter)).read_text(encoding="utf-8")
    switch = re.search(r'<div class="switch">.*?</div>', text)[0]
    for month in months_in(edition, quarter):
        assert f'href="../periods/{month:%Y-%m}.html"' in switch
    assert switch.count(f"{quarter.start.year}-q") == sum(
        span.start.year == quarter.start.year for span in spans_of(edition, QUARTER)
    )


def test_the_list_leads_to_every_month_quarter_and_year(edition, site) -> None:
    text = (site / "periods/index.html").read_text(encoding="utf-8")
    wanted = {f"../periods/{month:%Y-%m}.html" for month in edition.past_months}
    wanted |= {
        f"../{address_of(edition, span)}"
        for grain in (QUARTER, YEAR)
        for span in spans_of(edition, grain)
    }
    rows = re.search(r"<tbody.*</tbody>", text, re.DOTALL)[0]
    assert set(re.findall(r'<a href="([^"]+)"', rows)) == wanted | {"../index.html"}


def test_the_front_page_leads_to_the_list(site) -> None:
    assert 'href="periods/index.html"' in (site / "index.html").read_text(encoding="utf-8")


def test_every_kpi_stands_with_its_value_of_the_period_and_the_scores_of_its_months(
    edition, longer
) -> None:
    span = spans_of(edition, QUARTER)[-1]
    page = span_page(edition.at(1), longer, span)
    slot = longer.slot(QUARTER, span.start)
    lines = {
        line.href: line
        for group in page.card.groups
        for objective in group.objectives
        for line in objective.kpis
    }
    applies = edition.strategy.kpis_of_unit[edition.organisation_id]
    assert len(lines) == len(applies)
    for kpi in (edition.strategy.kpis[kpi_id] for kpi_id in applies):
        line, score = lines[f"../kpis/{kpi.kpi_id}.html"], slot.score(kpi.kpi_id)
        assert [cell.name for cell in line.cells] == [
            edition.language.month_name(month, short=True) for month in span.months
        ]
        if score is not None and line.status.key != "suppressed":
            assert line.actual == edition.scale_of(kpi).bare(score.actual)
            assert line.score == edition.edges_of(kpi).write(score.score)


def test_a_value_of_another_length_says_so(edition, longer) -> None:
    """A half-yearly KPI has no value of a quarter; nobody may take the half-year's for it."""
    span = spans_of(edition, QUARTER)[-1]
    page = span_page(edition.at(1), longer, span)
    slower = {k.kpi_name for k in edition.strategy.kpis.values() if k.frequency == "half"}
    assert slower
    marks = [
        line.mark
        for group in page.card.groups
        for objective in group.objectives
        for line in objective.kpis
        if line.name in slower and line.actual != "none"
    ]
    assert marks
    assert all(mark.startswith("H") for mark in marks)


def test_what_the_warehouse_does_not_score_is_not_scored_and_said_to_be_so(edition, longer) -> None:
    span = spans_of(edition, QUARTER)[-1]
    quarters = longer.grains[QUARTER]
    bare = replace(quarters, results=replace(quarters.results, nodes={}))
    page = span_page(edition.at(1), replace(longer, grains={**longer.grains, QUARTER: bare}), span)
    text = render("span", page)
    assert "As a whole it is not scored in this release" in text
    assert page.frame.finding.endswith("no score")
    assert any(cell.score != "none" for cell in page.scores[0].cells)


def _year_from_july() -> dict:
    rows = all_rows()
    for table in rows:
        rows[table] = [row for row in rows[table] if row.get("grain") not in {"year", "half"}]
    for row in rows["scorecard.dim_period"]:
        if row["grain"] == "ytd":
            start = row["period_start_date"]
            row["first_date"] = date(start.year - (start.month < JULY), JULY, 1)
    return rows


def test_a_company_whose_year_begins_in_july_has_pages_by_that_year(tmp_path) -> None:
    warehouse = make_warehouse(tmp_path / "warehouse.duckdb", _year_from_july())
    build(warehouse, tmp_path / "site", groups=["front", "periods"])
    folder = tmp_path / "site/periods"
    assert _heading(folder / "2026.html").startswith("2026/27 to October: ")
    assert _heading(folder / "2025.html") == "2025/26: no score"
    assert _heading(folder / "2026-q1.html").startswith("Q1 2026/27: ")
    assert not (folder / "2026-q2.html").exists()
    crumbs = re.search(
        r'<nav class="crumbs".*?</nav>', (folder / "2026-08.html").read_text(encoding="utf-8")
    )[0]
    assert re.findall(r'href="([^"]+)"', crumbs) == [
        "../index.html",
        "../periods/2026.html",
        "../periods/2026-q1.html",
    ]
    wanted = {page for page in expected(warehouse).pages if page.startswith("periods/")}
    made = {f"periods/{page.relative_to(folder).as_posix()}" for page in folder.rglob("*.html")}
    assert made == wanted
