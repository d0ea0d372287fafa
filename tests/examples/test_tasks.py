"""Five questions that an executive brings, answered on the published site alone, each in three clicks from the front page at most.

What is true is read from the warehouse, and must stand where the clicks lead.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

import duckdb
import pytest
from playwright.sync_api import Page

from tests.conftest import ExampleRelease
from tests.reports.browsing import Reader, in_browser

pytestmark = in_browser
MOST_CLICKS = 3


@dataclass(frozen=True)
class Worst:
    """The KPI off track that costs the scorecard most, as the warehouse has it."""

    kpi_id: str
    name: str
    owner: str
    actual: float
    target: float
    red: float


@pytest.fixture(scope="module")
def marts(example_release: ExampleRelease) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(str(example_release.warehouse), read_only=True) as connection:
        yield connection


@pytest.fixture(scope="module")
def worst(marts) -> Worst:
    """Return it; what a KPI costs the scorecard is its points lost, by the weight shares of its objective and perspective."""
    found = marts.execute("""
        with now as (
            select d.headline_period_start_date as month, d.organisation_id as unit from scorecard.dim_scorecard d
        ), cost as (
            select c.* from scorecard.child_cost c, now
            where c.unit_id = now.unit and c.period_start_date = now.month and c.grain = 'month'
        )
        select k.kpi_id, k.kpi_name, k.owner_name, s.actual, s.target, s.red
        from now
        join scorecard.kpi_score s on s.unit_id = now.unit and s.period_start_date = now.month and s.grain = 'month'
        join scorecard.dim_kpi k using (kpi_id)
        join cost own on own.child_level = 'kpi' and own.child_id = k.kpi_id
        join cost objective on objective.child_level = 'objective' and objective.child_id = k.objective_id
        join cost perspective on perspective.child_level = 'perspective' and perspective.child_id = objective.parent_id
        where s.band = 'off_track'
        order by own.points_lost * objective.weight_share * perspective.weight_share desc, k.kpi_id limit 1
    """).fetchone()
    assert found is not None
    return Worst(*found)


@pytest.fixture
def reader(browser, example_release) -> Iterator[Reader]:
    page: Page = browser.new_context(viewport={"width": 1280, "height": 800}).new_page()
    page.goto((example_release.site / "index.html").as_uri())
    reader = Reader(page)
    yield reader
    assert reader.clicks <= MOST_CLICKS
    page.context.close()


def _opens_the_worst(reader: Reader, worst: Worst) -> None:
    first = reader.page.locator("table.needs tbody tr").first.get_by_role("link")
    assert first.inner_text() == worst.name
    reader.click(first)


def test_why_the_worst_kpi_is_red(reader, worst) -> None:
    _opens_the_worst(reader, worst)
    heading = reader.reads("h1")
    assert worst.name in heading
    assert "off track" in heading
    facts = reader.reads("dl.facts")
    for number in (worst.actual, worst.target, worst.red):
        assert f"{number:,.0f}" in facts
    reason = reader.reads("#derivation")
    assert f"{worst.actual:,.0f} is between" in reason
    assert "it cost the scorecard" in reason


def test_who_owns_it(reader, worst) -> None:
    assert worst.owner in reader.reads("table.needs tbody tr:first-child")
    assert reader.clicks == 0


def test_what_it_was_as_first_reported_three_months_ago(reader, worst, marts) -> None:
    month, first = marts.execute(
        """
        select period_start_date, arg_min(actual, run_id) from history.reported_value, scorecard.dim_scorecard
        where kpi_id = ? and unit_id = organisation_id and grain = 'month'
        and period_start_date = headline_period_start_date - interval 3 month group by all
        """,
        [worst.kpi_id],
    ).fetchone()
    assert isinstance(month, date)
    _opens_the_worst(reader, worst)
    assert "Every period stands as it was first reported" in reader.reads("#restated")
    reader.click(reader.page.locator("summary", has_text="months as a table"))
    row = reader.page.locator("details[open] tr", has_text=f"{month:%B %Y}")
    assert f"{first:,.0f}" in row.inner_text().split()


def test_which_unit_drags_it(reader, worst, marts) -> None:
    """The one that is farthest below its own target stands first, the heading names it, and it leads to its own page."""
    unit_id, name, behind = marts.execute(
        """
        select u.unit_id, u.unit_name, s.target - s.actual from scorecard.kpi_score s
        join scorecard.dim_unit u using (unit_id)
        join scorecard.dim_scorecard d on u.parent_unit_id = d.organisation_id
        where s.kpi_id = ? and s.grain = 'month' and s.period_start_date = d.headline_period_start_date
        order by s.target - s.actual desc limit 1
        """,
        [worst.kpi_id],
    ).fetchone()
    _opens_the_worst(reader, worst)
    units = reader.page.locator("section[aria-labelledby^=units-]").first
    heading = units.locator("h2").inner_text()
    assert f"{name} is {behind:,.0f} below its own target" in heading
    row = units.locator("tbody tr").first
    assert "Off track" in row.inner_text()
    assert f"−{behind:,.0f}" in row.inner_text()
    reader.click(row.get_by_role("link", name=name))
    assert reader.page.url.endswith(f"kpis/{worst.kpi_id}/{unit_id}.html")
    assert name in reader.reads("h1")


def test_which_source_rows_it_came_from(reader, worst, marts) -> None:
    """The tables, the loads and how many rows of each; the SQL that read them is one click further."""
    loads = marts.execute(
        """
        with recursive tables as (
            select distinct 'measure.' || measure_id as name from scorecard.kpi_term where kpi_id = ?
            union
            select l.depends_on from quality.table_lineage l join tables on l.table_name = tables.name
        )
        select l.load_id, l.row_count from quality.load l
        join quality.source_status s on s.selected_load_id = l.load_id
        join tables on tables.name = 'raw.' || l.source_id || '__' || l.table_id
        """,
        [worst.kpi_id],
    ).fetchall()
    _opens_the_worst(reader, worst)
    shown = reader.reads("#derivation")
    assert loads
    for load_id, row_count in loads:
        assert load_id in shown
        assert f"{row_count:,}" in shown
    reader.click(reader.page.locator("#derivation summary").first)
    assert "select" in reader.reads("#derivation details[open]").lower()
