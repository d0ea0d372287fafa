"""What the little script adds, in a real browser from file://: search, sorting, tips; and that nothing is lost without it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.reports.browsing import in_browser, kinds, open_page
from tests.reports.warehouse.organisation import RTL_NAME

pytestmark = in_browser
WIDE = {"width": 1280, "height": 900}


@pytest.fixture
def wide(browser: Browser) -> Iterator[Page]:
    page = browser.new_context(viewport=WIDE).new_page()
    yield page
    page.context.close()


def _search(page: Page, text: str) -> None:
    page.get_by_role("combobox", name="Search pages by name").fill(text)


def test_search_by_keyboard_leads_to_a_page(wide, site) -> None:
    heard = open_page(wide, site, "kpis/picked.html")
    field = wide.get_by_role("combobox", name="Search pages by name")
    field.focus()
    wide.keyboard.type("deliv on")
    options = wide.get_by_role("option")
    expect(options.first).to_be_visible()
    expect(field).to_have_attribute("aria-expanded", "true")
    wide.keyboard.press("ArrowDown")
    wide.keyboard.press("ArrowDown")
    wide.keyboard.press("ArrowUp")
    expect(options.first).to_have_attribute("aria-selected", "true")
    expect(field).to_have_attribute("aria-activedescendant", "search-0")
    wide.keyboard.press("Enter")
    wide.wait_for_url("**/objectives/deliver.html")
    assert heard == []


def test_search_looks_past_accents_and_case_and_says_when_nothing_is_found(wide, site) -> None:
    open_page(wide, site, "index.html")
    _search(wide, "DÉLIVERIES")
    expect(wide.get_by_role("option").first).to_contain_text("Deliveries on time")
    _search(wide, "no such thing")
    expect(wide.get_by_role("option")).to_have_count(0)
    expect(wide.locator(".search [role=status]")).to_have_text("No page of this name")
    _search(wide, "")
    expect(wide.locator(".search [role=status]")).to_be_hidden()


def test_escape_closes_what_was_found_then_empties_the_field(wide, site) -> None:
    open_page(wide, site, "index.html")
    _search(wide, "deliver")
    expect(wide.get_by_role("listbox")).to_be_visible()
    wide.keyboard.press("Escape")
    expect(wide.get_by_role("listbox")).to_be_hidden()
    wide.keyboard.press("Escape")
    expect(wide.get_by_role("combobox")).to_have_value("")


@pytest.mark.parametrize("text", ["<script>", RTL_NAME])
def test_a_hostile_or_foreign_name_is_found_as_text(wide, site, text) -> None:
    heard = open_page(wide, site, "index.html")
    wide.on("dialog", lambda dialog: heard.append(dialog.message))
    _search(wide, text)
    expect(wide.get_by_role("option").first).to_contain_text(text)
    assert wide.locator(".search script, .search img").count() == 0
    wide.get_by_role("option").first.click()
    wide.wait_for_url(lambda address: "index.html" not in address)
    assert heard == []


def test_the_index_is_loaded_at_first_use_alone(wide, site) -> None:
    asked: list[str] = []
    wide.on("request", lambda request: asked.append(request.url))
    open_page(wide, site, "index.html")
    assert not [url for url in asked if "search-index" in url]
    _search(wide, "a")
    _search(wide, "ab")
    expect(wide.get_by_role("option").first).to_be_visible()
    assert len([url for url in asked if "search-index" in url]) == 1


def _column(page: Page, table: str, column: int) -> list[str]:
    cells = page.locator(f"{table} tbody tr > :nth-child({column})")
    return [text.strip() for text in cells.all_inner_texts()]


def test_a_heading_sorts_both_ways_and_gives_the_order_back(wide, site) -> None:
    heard = open_page(wide, site, "glossary.html")
    table = "table[aria-labelledby=own-h]"
    heading = wide.locator(f"{table} th[scope=col]").nth(1)
    before = _column(wide, table, 2)
    assert before != sorted(before)
    heading.get_by_role("button").focus()
    wide.keyboard.press("Enter")
    expect(heading).to_have_attribute("aria-sort", "ascending")
    assert _column(wide, table, 2) == sorted(before)
    wide.keyboard.press("Space")
    expect(heading).to_have_attribute("aria-sort", "descending")
    assert _column(wide, table, 2) == sorted(before, reverse=True)
    wide.keyboard.press("Enter")
    assert heading.get_attribute("aria-sort") is None
    assert _column(wide, table, 2) == before
    assert heard == []


TABLE = """<table class="list"><thead><tr><th>Name</th><th class="num">Actual</th><th>Day</th><th>When</th><th>Status</th></tr></thead>
<tbody>{rows}<tr class="total"><th>All</th><td class="num">0</td><td>x</td><td>x</td><td>x</td></tr></tbody></table>"""
ROWS = (
    ("b", "1,240.5", "2026-02-01", "1 Feb", "at_risk"),
    ("a", "−3.8", "2026-01-15", "15 Jan", "on_track"),
    ("d", "none", "", "none", "no_data"),
    ("c", "91.2%", "2025-12-31", "31 Dec", "off_track"),
)


@pytest.mark.parametrize(
    ("column", "first", "last"),
    [(0, "abcd", "dcba"), (1, "acbd", "bcad"), (3, "cabd", "bacd"), (4, "cbda", "adbc")],
    ids=["name", "number", "day", "status"],
)
def test_numbers_days_and_statuses_are_sorted_as_such(wide, site, tmp_path, column, first, last) -> None:  # fmt: skip
    """Missing comes last whichever way, and a total keeps its place."""
    rows = "".join(
        f'<tr><th>{name}</th><td class="num">{number}</td><td>x</td><td data-sort="{day}">{shown}</td>'
        f'<td><span class="status status--{state}">{state}</span></td></tr>'
        for name, number, day, shown, state in ROWS
    )
    page = (site / "method.html").read_text("utf-8")
    start, end = page.index('<p class="lede">'), page.index("</main>")
    (tmp_path / "static").symlink_to(site / "static")
    (tmp_path / "table.html").write_text(
        page[:start] + TABLE.format(rows=rows) + page[end:], "utf-8"
    )
    open_page(wide, tmp_path, "table.html")
    heading = wide.locator("thead th").nth(column)
    for wanted in (first, last):
        heading.get_by_role("button").click()
        assert "".join(_column(wide, "table", 1)) == f"{wanted}All"


def test_words_with_digits_are_not_offered_for_sorting(wide, site) -> None:
    """1 Feb is not after 15 Jan by its letters: a column of days sorts by data-sort or not at all."""
    open_page(wide, site, "quality.html")
    table = wide.locator("table[aria-labelledby=loads-h]")
    assert table.get_by_role("button", name="Rows", exact=True).count() == 1
    assert table.get_by_role("button", name="Load", exact=True).count() == 0


def test_a_charts_points_are_told_by_pointer_and_by_keyboard(wide, site) -> None:
    heard = open_page(wide, site, "kpis/on_time.html")
    chart = wide.locator(".chart-box > svg").first
    chart.focus()
    wide.keyboard.press("ArrowLeft")
    tip = wide.locator(".tip").first
    expect(tip).to_be_visible()
    last = tip.inner_text()
    wide.keyboard.press("ArrowLeft")
    assert tip.inner_text() not in {"", last}
    wide.keyboard.press("Escape")
    expect(tip).to_be_hidden()
    chart.locator("circle.f-actual").nth(2).hover()
    expect(tip).to_be_visible()
    assert heard == []


def test_nothing_breaks_the_policy_on_any_kind_of_page(wide, site) -> None:
    heard = {address: open_page(wide, site, address) for address in kinds(site)}
    assert {address: said for address, said in heard.items() if said} == {}


def test_without_script_the_page_is_whole_and_shows_no_empty_control(browser, site) -> None:
    page = browser.new_context(viewport=WIDE, java_script_enabled=False).new_page()
    page.goto((site / "kpis/on_time.html").as_uri())
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    assert page.locator(".search").is_hidden()
    assert page.get_by_role("button").count() == 0
    assert page.locator(".chart-box circle title").count() > 10
    page.context.close()


def test_the_script_is_small_and_fetches_nothing(site: Path) -> None:
    script = (site / "static/scorecard.js").read_text("utf-8")
    assert len(script.encode()) < 8_000
    forbidden = (
        "innerHTML",
        "outerHTML",
        "insertAdjacentHTML",
        "eval(",
        "fetch(",
        "document.write",
        "http",
    )
    assert [word for word in forbidden if word in script] == []  # fmt: skip
