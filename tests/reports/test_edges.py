"""Organisations unlike the one of the other tests: other locales and sizes, numbers and names beyond the usual, first nights."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest
from playwright.sync_api import Page

from reports.audit import audit_site
from reports.site import build
from tests.reports.browsing import in_browser, kinds, open_page

LONG = "Kundenzufriedenheitsberechnungsgrundlage"
NAMED = {
    "scorecard.dim_scorecard": ("scorecard_name",),
    "scorecard.dim_perspective": ("perspective_name", "question"),
    "scorecard.dim_objective": ("objective_name", "owner_name", "description"),
    "scorecard.dim_kpi": ("kpi_name", "owner_name", "description"),
    "scorecard.dim_unit": ("unit_name", "tree_name"),
    "scorecard.initiative": ("initiative_name", "owner_name", "description"),
    "scorecard.milestone": ("milestone_name",),
    "scorecard.comment": ("author_name", "comment_text"),
    "scorecard.strategy_link": ("hypothesis",),
    "quality.source_status": ("source_name", "owner_name", "message"),
    "quality.warning": ("message",),
}
READ = (
    "index.html",
    "strategy-map.html",
    "heat-map.html",
    "kpis/net_sales.html",
    "kpis/cash_flow.html",
)


def _speaks(locale: str, currency: str) -> list[str]:
    return [f"update scorecard.dim_scorecard set locale = '{locale}', currency_code = '{currency}'"]


def _long_words() -> list[str]:
    return [
        f"update {table} set {column} = '{LONG} ' || rowid || ' Nord' where {column} is not null"
        for table, columns in NAMED.items()
        for column in columns
    ]


def _huge() -> list[str]:
    """Return what makes two amounts of money a million times as large, and negative."""
    money = "where kpi_id in ('net_sales', 'cash_flow')"
    changed = {
        "scorecard.kpi_value": ("actual",),
        "scorecard.unit_contribution": ("actual", "actual_before", "contribution"),
        "scorecard.movement": ("change_previous",),
        "scorecard.kpi_score": ("actual", "change_previous", "change_last_year", "usual_mean"),
    }
    return [
        *(
            f"update {table} set {', '.join(f'{name} = {name} * -1e6' for name in columns)} {money}"
            for table, columns in changed.items()
        ),
        f"update scorecard.kpi_score set usual_low = usual_high * -1e6, usual_high = usual_low * -1e6, target = target * 1e6 {money}",
        f"update scorecard.kpi_value set numerator = numerator * -1e6 {money}",
    ]


def _first_month() -> list[str]:
    """Return what leaves one month alone: nothing before it, nothing that was published, planned or said."""
    periods = ("kpi_value", "kpi_score", "objective_score", "perspective_score", "scorecard_score")
    empty = ("scorecard.movement", "scorecard.score_contribution", "scorecard.unit_contribution")
    plans = ("strategy_link", "link_evidence", "initiative", "milestone", "comment")
    history = ("release", "reported_value", "reported_score")
    return [
        *(f"delete from scorecard.{table} where period_start_date < date '2026-10-01'" for table in periods),
        "delete from measure.component where period_start_date < date '2026-10-01'",
        *(f"delete from {table}" for table in empty),
        *(f"delete from scorecard.{table}" for table in plans),
        *(f"delete from history.{table}" for table in history),
    ]  # fmt: skip


def _many() -> list[str]:
    """Return what doubles the KPIs, to 54, and gives the people a perspective of their own."""
    tables = (
        "dim_kpi",
        "kpi_value",
        "kpi_score",
        "kpi_term",
        "kpi_unit",
        "target",
        "movement",
        "unit_contribution",
    )
    fifth = "replace ('fifth' as perspective_id"
    return [
        *(f"insert into scorecard.{table} select * replace ('more_' || kpi_id as kpi_id) from scorecard.{table}" for table in tables),
        "insert into scorecard.weight select * replace ('more_' || node_id as node_id) from scorecard.weight where level = 'kpi'",
        f"insert into scorecard.dim_perspective select * {fifth}, 'People' as perspective_name, 5 as sort_order) from scorecard.dim_perspective where perspective_id = 'learning'",
        f"insert into scorecard.perspective_score select * {fifth}) from scorecard.perspective_score where perspective_id = 'learning' and unit_id in ('kettle', 'roastery', 'people')",
        "insert into scorecard.weight select * replace ('fifth' as node_id) from scorecard.weight where node_id = 'learning'",
        "update scorecard.dim_objective set perspective_id = 'fifth' where objective_id = 'people'",
        "update scorecard.dim_kpi set perspective_id = 'fifth' where objective_id = 'people'",
    ]  # fmt: skip


CASES = {
    "ar_EG": _speaks("ar_EG", "EGP"),
    "ja_JP": _speaks("ja_JP", "JPY"),
    "de_DE": _speaks("de_DE", "EUR"),
    "long_words": _long_words(),
    "huge": _huge(),
    "first_month": _first_month(),
    "many": _many(),
}


@pytest.fixture(scope="module", params=CASES)
def case(request: pytest.FixtureRequest, warehouse: Path, tmp_path_factory: Any) -> tuple[str, Path]:  # fmt: skip
    folder = tmp_path_factory.mktemp(request.param)
    shutil.copyfile(warehouse, folder / "warehouse.duckdb")
    with duckdb.connect(str(folder / "warehouse.duckdb")) as connection:
        for statement in CASES[request.param]:
            connection.execute(statement)
    build(folder / "warehouse.duckdb", folder / "site")
    return request.param, folder


@pytest.fixture(scope="module")
def narrow(browser: Any) -> Iterator[Page]:
    page = browser.new_context(viewport={"width": 390, "height": 844}).new_page()
    yield page
    page.context.close()


def test_it_is_published_without_a_fault(case) -> None:
    _, folder = case
    assert audit_site(folder / "site", folder / "warehouse.duckdb") == []


@pytest.mark.browser
class TestOnAPhone:
    """Read on the narrowest screen that is asked for."""

    pytestmark = in_browser

    def test_it_can_be_read_without_scrolling_sideways(self, narrow, case) -> None:
        name, folder = case
        site = folder / "site"
        wide = {}
        for address in kinds(site) if name == "long_words" else READ:
            assert open_page(narrow, site, address) == []
            narrow.evaluate("document.querySelectorAll('details').forEach(e => e.open = true)")
            width = narrow.evaluate("document.documentElement.scrollWidth")
            if width > 390:
                wide[address] = width
        assert wide == {}
