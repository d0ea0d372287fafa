import shutil
from pathlib import Path

import duckdb
import pytest

from reports.audit import audit_site
from reports.expected import expected
from reports.site import build
from tests.reports.make_warehouse import all_rows, drill_tables, make_warehouse

REMOVED = (
    "initiatives/second_carrier.html",
    "kpis/enps.html",
    "kpis/on_time/north.html",
    "units/south.html",
    "periods/2026-06.html",
    "periods/2026-06/south.html",
    "periods/2026-q3.html",
    "periods/2026.html",
    "periods/index.html",
    "glossary.html",
    "static/tokens.css",
)
TAKEN = (
    "board-pack.pdf",
    "scorecard.xlsx",
    "scorecard.json",
    "data/schema.json",
    "search-index.js",
    "kpis/enps.csv",
    "units/north.json",
    "objectives/grow.csv",
    "heat-map.json",
    "periods/2026-06.csv",
    "periods/2026-06/north.json",
    "periods/2026-q3.json",
    "periods/2025.csv",
)
"""Files that are removed."""
EMPTIED = ("initiatives.csv", "kpis/on_time.json")
PLANTED = (
    ("index.html", 'id="scorecard"', 'id="card"', "links to a place that is not there: #scorecard"),
    (
        "initiatives.html",
        'href="initiatives/second_carrier.html"',
        'href="#i-nowhere"',
        "links to a place that is not there: #i-nowhere",
    ),
    (
        "kpis/on_time.html",
        'Actual">91.2<',
        'Actual">nan<',
        "kpis/on_time.html: shows 'nan' in <td>",
    ),
    ("kpis/roi.html", 'Actual">−3.4<', 'Actual">−inf<', "kpis/roi.html: shows '−inf' in <td>"),
    ("index.html", 'Actual">91.2<', 'Actual">None<', "index.html: shows 'None' in <td>"),
    ("index.html", "<h1>", "<h1>nan of 100: ", "index.html: shows 'nan' in <h1>"),
    (
        "kpis/moisture.html",
        "Good is between 9.5%",
        "Good is between nan%",
        "kpis/moisture.html: shows 'nan' in <p>",
    ),
    ("method.html", "A point up or down", "None of undefined", "method.html: shows 'None' in <p>"),
    ("kpis/nps.html", 'cy="', 'cy="nan', "kpis/nps.html: draws <circle> at cy="),
    ("kpis/picked.html", "<title>", "<title></title><title>", "kpis/picked.html: needs one title"),
    ("kpis/picked.html", "<h1>", "<h2>", "kpis/picked.html: needs one h1"),
    ("quality.html", ' lang="en"', "", "quality.html: has no language"),
    (
        "quality.html",
        "</main>",
        '</main><script src="x.js"></script>',
        "quality.html: has a <script>",
    ),
    (
        "kpis/on_time.html",
        'src="../static/scorecard.js"',
        'src="../static/other/../scorecard.js"',
        "kpis/on_time.html: has a <script>",
    ),
    ("method.html", " defer></script>", ">alert(1)</script>", "method.html: has a <script>"),
    ("quality.html", 'class="lede"', 'style="color:red"', "inline style attribute on <p>"),
    (
        "quality.html",
        "Content-Security-Policy",
        "X-Nothing",
        "quality.html: has no content security",
    ),
    (
        "method.html",
        "index.html",
        "https://example.org/",
        "links outside the site: https://example.org/",
    ),
    (
        "kpis/training.html",
        "../index.html",
        "../../index.html",
        "kpis/training.html: links outside",
    ),
    ("method.html", 'id="m-why"', 'id="m-roll"', "method.html: gives an id twice: m-roll"),
    (
        "method.html",
        'id="m-signal"',
        'id="m-other"',
        "method.html: is labelled by what is not there",
    ),
)
"""A page, what stands there, what is planted instead, and what the audit must say."""


@pytest.fixture(scope="module")
def found(site, warehouse, tmp_path_factory) -> list[str]:
    copy = Path(shutil.copytree(site, tmp_path_factory.mktemp("broken") / "site"))
    for page in (*REMOVED, *TAKEN):
        (copy / page).unlink()
    for file in EMPTIED:
        (copy / file).write_bytes(b"")
    for page, old, new, _ in PLANTED:
        text = (copy / page).read_text(encoding="utf-8")
        assert old in text, f"{page} has no {old!r} to break"
        (copy / page).write_text(text.replace(old, new, 1), encoding="utf-8")
    return audit_site(copy, warehouse)


def test_a_sound_site_has_no_problems(site, warehouse) -> None:
    """One KPI is called Nan bread: None burnt, Infinite care; a name must never stop a release."""
    assert audit_site(site, warehouse) == []


NAMES = {
    "scorecard.dim_perspective": "perspective_name",
    "scorecard.dim_objective": "objective_name",
    "scorecard.dim_kpi": "kpi_name",
    "scorecard.dim_unit": "unit_name",
    "scorecard.initiative": "initiative_name",
}


WRITTEN = {
    "scorecard.dim_kpi": "description",
    "scorecard.dim_objective": "description",
    "scorecard.dim_perspective": "question",
    "scorecard.strategy_link": "hypothesis",
    "scorecard.comment": "comment_text",
    "scorecard.initiative": "description",
    "scorecard.milestone": "milestone_name",
    "scorecard.signal_baseline": "reason",
    "quality.warning": "message",
    "quality.contract_result": "message",
    "quality.source_status": "message",
    "quality.staging_table": "description",
    "measure.dim_measure": "description",
}


@pytest.mark.parametrize(
    ("columns", "written"),
    [
        (NAMES, "None of {}, nan and Infinity"),
        (WRITTEN, "It is null for {}.\n\nNone of it is nan."),
    ],
    ids=["name", "sentence"],
)
def test_nothing_that_people_wrote_stops_a_release(
    tmp_path: Path, columns: dict[str, str], written: str
) -> None:
    """A perspective called None did once: drawings showed its name as a value.

    Prose is searched as well; what the tables hold from outside is no fault of the pages, marked or not.
    """
    rows = all_rows()
    for table, column in columns.items():
        assert rows[table], f"{table} has no row to write in"
        for row in rows[table]:
            row[column] = written.format(row[column])
    warehouse = make_warehouse(tmp_path / "warehouse.duckdb", rows)
    with duckdb.connect(str(warehouse)) as connection:
        drill_tables(connection)
    build(warehouse, tmp_path / "site")
    assert audit_site(tmp_path / "site", warehouse) == []


@pytest.mark.parametrize("page", REMOVED)
def test_a_missing_page_is_found_by_itself_and_by_its_links(found, page) -> None:
    assert any(line.endswith(f"{page}: the page is missing") for line in found) == page.endswith(
        "html"
    )
    assert any("not there" in line and page.rsplit("/", 1)[-1] in line for line in found)


@pytest.mark.parametrize("file", TAKEN)
def test_a_file_that_cannot_be_taken_away_is_found(found, file) -> None:
    assert f"{file}: the file is missing" in found


@pytest.mark.parametrize("file", EMPTIED)
def test_an_empty_file_is_found(found, file) -> None:
    assert f"{file}: the file is empty" in found


def test_every_page_of_a_site_is_expected(site, warehouse) -> None:
    """A kind of page that the audit does not know would be missed by nobody."""
    made = {page.relative_to(site).as_posix() for page in site.rglob("*.html")}
    assert made == set(expected(warehouse).pages)


def test_every_file_to_take_away_is_expected(site, warehouse) -> None:
    """A list within a page's data has a file of its own, named after both; only what is not empty has one."""
    wanted = set(expected(warehouse).files)
    made = {
        file.relative_to(site).as_posix()
        for file in site.rglob("*")
        if file.is_file() and file.suffix != ".html" and file.parent != site / "static"
    }
    assert wanted <= made
    assert {name for name in made if f"{name.rpartition('-')[0]}.csv" not in wanted} <= wanted


@pytest.mark.parametrize("problem", [problem for *_, problem in PLANTED])
def test_a_planted_fault_is_found(found, problem) -> None:
    assert any(problem in line for line in found)
