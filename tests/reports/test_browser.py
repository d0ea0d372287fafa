"""What a person sees, in a real browser, from file:// and without a network."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from justhtml import JustHTML
from playwright.sync_api import Browser, Page, sync_playwright

CHROMIUM = (
    shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
)
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="there is no Chromium on this machine"),
]
PAGES = (
    "index.html",
    "perspectives/customer.html",
    "objectives/deliver.html",
    "kpis/on_time.html",
    "kpis/picked.html",
    "kpis/net_sales.html",
    "kpis/nps/north_station.html",
    "kpis/first_reply.html",
    "kpis/stock_count.html",
    "kpis/refills.html",
    "kpis/sales_to_plan.html",
    "kpis/waste.html",
    "kpis/moisture.html",
    "kpis/cups.html",
    "kpis/blends.html",
    "kpis/certificate.html",
    "kpis/guest_survey.html",
    "kpis/carbon.html",
    "kpis/per_head.html",
    "objectives/supply.html",
    "units/north_harbour.html",
    "units/north.html",
    "strategy-map.html",
    "heat-map.html",
    "initiatives.html",
    "quality.html",
    "dictionary.html",
    "releases.html",
    "method.html",
)


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        made = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield made
        made.close()


@pytest.fixture(scope="module")
def narrow(browser) -> Page:
    return browser.new_context(viewport={"width": 390, "height": 844}).new_page()


def _open(page: Page, site: Path, address: str) -> list[str]:
    """Open a page and return what went wrong or out."""
    heard: list[str] = []
    page.on("console", lambda message: heard.append(message.text))
    page.on("pageerror", lambda error: heard.append(str(error)))
    page.on(
        "request",
        lambda request: (
            None if request.url.startswith(("file:", "data:")) else heard.append(request.url)
        ),
    )
    page.on("requestfailed", lambda request: heard.append(f"failed: {request.url}"))
    page.goto((site / address).as_uri())
    return heard


@pytest.mark.parametrize("address", PAGES)
def test_nothing_scrolls_sideways_on_a_phone(narrow, site, address) -> None:
    assert _open(narrow, site, address) == []
    narrow.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
    assert narrow.evaluate("document.documentElement.scrollWidth") <= 390


@pytest.mark.parametrize("address", ["index.html", "kpis/on_time.html", "strategy-map.html"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_page_takes_the_readers_colours(browser, site, address, scheme) -> None:
    page = browser.new_context(
        color_scheme=scheme, viewport={"width": 1280, "height": 800}
    ).new_page()
    assert _open(page, site, address) == []
    paper = page.evaluate("getComputedStyle(document.documentElement).backgroundColor")
    assert paper == {"light": "rgb(255, 255, 255)", "dark": "rgb(21, 23, 26)"}[scheme]
    assert page.evaluate("document.documentElement.scrollWidth") <= 1280
    page.context.close()


def test_the_first_screen_answers_how_what_and_who(browser, site) -> None:
    page = browser.new_context(viewport={"width": 1280, "height": 800}).new_page()
    _open(page, site, "index.html")
    for heading in ("#how-h", "#chg-h", "#needs-h", "#late-h"):
        assert page.locator(heading).bounding_box()["y"] < 800
    page.context.close()


def test_print_takes_light_colours_and_opens_the_sql(browser, site) -> None:
    page = browser.new_context(color_scheme="dark").new_page()
    _open(page, site, "kpis/on_time.html")
    page.emulate_media(media="print")
    assert (
        page.evaluate("getComputedStyle(document.documentElement).backgroundColor")
        == "rgb(255, 255, 255)"
    )
    assert page.locator("nav[aria-label=Pages]").is_hidden()
    assert page.locator("details.keep pre").first.is_visible()
    page.context.close()


def test_the_map_shows_one_drawing_by_the_width(narrow, browser, site) -> None:
    _open(narrow, site, "strategy-map.html")
    assert narrow.locator(".map--narrow").is_visible()
    assert narrow.locator(".map--wide").is_hidden()


def test_the_keyboard_reaches_the_content_first(browser, site) -> None:
    page = browser.new_context().new_page()
    _open(page, site, "index.html")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to content"
    page.context.close()


@pytest.fixture(scope="module", params=["light", "dark"])
def lit(browser, request) -> Page:
    """Return a wide page in one of the two schemes; the checker is let in past the page's own policy."""
    return browser.new_context(
        viewport={"width": 1280, "height": 900}, color_scheme=request.param, bypass_csp=True
    ).new_page()


def _kinds(site: Path) -> list[str]:
    """Return the pages above, and one of each kind whose names differ by what the warehouse holds."""
    found = [
        sorted(site.glob(f"{kind}/*.html"))[0] for kind in ("initiatives", "periods", "periods/*")
    ]
    return [*PAGES, *(path.relative_to(site).as_posix() for path in found)]


def test_axe_finds_no_violation_on_any_kind_of_page(lit, site) -> None:
    found = []
    for address in _kinds(site):
        lit.goto((site / address).as_uri())
        answer = Axe().run(lit).response
        assert answer["passes"], address
        found += [(address, rule["id"], rule["nodes"][0]["html"]) for rule in answer["violations"]]
    assert found == []


def test_every_page_is_well_formed_html(site) -> None:
    pages = sorted(site.rglob("*.html"))
    found = {
        path.relative_to(site).as_posix(): [str(error) for error in errors]
        for path in pages
        if (errors := JustHTML(path.read_text("utf-8"), collect_errors=True).errors)
    }
    assert pages
    assert found == {}
