"""What a person sees, in a real browser, from file:// and without a network."""

import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from justhtml import JustHTML
from playwright.sync_api import Page

from tests.reports.browsing import in_browser, kinds, most_read, one_of_each, open_page

pytestmark = in_browser


WIDEST = """[...document.querySelectorAll('main *, header *')].filter(each => each.getBoundingClientRect().right
    > innerWidth + 1).slice(0, 3).map(each => each.outerHTML.slice(0, 200))"""


BEYOND = """(() => {
    const main = document.querySelector('main');
    const edge = main.getBoundingClientRect().right - parseFloat(getComputedStyle(main).paddingRight);
    return [...main.querySelectorAll('table, figure, section')].filter(each => each.checkVisibility()
        && !each.closest('.heat-box') && each.getBoundingClientRect().right > edge + 1
    ).map(each => each.outerHTML.slice(0, 120));
})()"""
"""What stands out beyond the text's own edge, but for what scrolls in a box of its own."""


@pytest.fixture(scope="module")
def narrow(browser) -> Page:
    return browser.new_context(viewport={"width": 390, "height": 844}).new_page()


def test_nothing_scrolls_sideways_on_a_phone(narrow, site) -> None:
    """Not even on the narrowest: 320 px is also a page of 1280 px at four times its size."""
    found = {}
    for address in kinds(site):
        assert open_page(narrow, site, address) == []
        narrow.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
        for width in (390, 320):
            narrow.set_viewport_size({"width": width, "height": 844})
            if narrow.evaluate("document.documentElement.scrollWidth") > width:
                found[address, width] = narrow.evaluate(WIDEST)
    assert found == {}


@pytest.mark.parametrize("address", ["index.html", "kpis/on_time.html", "strategy-map.html"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_page_takes_the_readers_colours(browser, site, address, scheme) -> None:
    page = browser.new_context(
        color_scheme=scheme, viewport={"width": 1280, "height": 800}
    ).new_page()
    assert open_page(page, site, address) == []
    paper = page.evaluate("getComputedStyle(document.documentElement).backgroundColor")
    assert paper == {"light": "rgb(255, 255, 255)", "dark": "rgb(21, 23, 26)"}[scheme]
    assert page.evaluate("document.documentElement.scrollWidth") <= 1280
    page.context.close()


def test_the_first_screen_answers_how_what_and_who(browser, site) -> None:
    page = browser.new_context(viewport={"width": 1280, "height": 800}).new_page()
    open_page(page, site, "index.html")
    for heading in ("#how-h", "#chg-h", "#needs-h", "#late-h"):
        assert page.locator(heading).bounding_box()["y"] < 800
    page.context.close()


def test_print_takes_light_colours_and_opens_the_sql(browser, site) -> None:
    page = browser.new_context(color_scheme="dark").new_page()
    open_page(page, site, "kpis/on_time.html")
    page.emulate_media(media="print")
    assert (
        page.evaluate("getComputedStyle(document.documentElement).backgroundColor")
        == "rgb(255, 255, 255)"
    )
    assert page.locator("nav[aria-label=Pages]").is_hidden()
    assert page.locator("details.keep pre").first.is_visible()
    page.context.close()


def test_the_map_shows_one_drawing_by_the_width(narrow, browser, site) -> None:
    open_page(narrow, site, "strategy-map.html")
    assert narrow.locator(".map--narrow").is_visible()
    assert narrow.locator(".map--wide").is_hidden()


def test_the_keyboard_reaches_the_content_first(browser, site) -> None:
    page = browser.new_context().new_page()
    open_page(page, site, "index.html")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to content"
    page.context.close()


def test_every_page_is_well_formed_html(site) -> None:
    pages = sorted(site.rglob("*.html"))
    found = {
        path.relative_to(site).as_posix(): [str(error) for error in errors]
        for path in pages
        if (errors := JustHTML(path.read_text("utf-8"), collect_errors=True).errors)
    }
    assert pages
    assert found == {}


class _Quiet(SimpleHTTPRequestHandler):
    """A plain web server of files: no index but what is asked for, nothing rewritten, as object storage does it."""

    def log_message(self, *said: object) -> None:
        """Say nothing."""


@pytest.fixture
def under_a_path(site: Path) -> Iterator[str]:
    """Serve the site some folders below a server's root."""
    serve = partial(_Quiet, directory=str(site.parent))
    with ThreadingHTTPServer(("127.0.0.1", 0), serve) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/{site.name}"
        server.shutdown()


def test_the_site_works_from_a_web_server_under_any_path(browser, site, under_a_path) -> None:
    page = browser.new_context(viewport={"width": 1280, "height": 800}).new_page()
    wrong: list[str] = []
    page.on("response", lambda answer: wrong.append(answer.url) if not answer.ok else None)
    page.on("console", lambda message: wrong.append(message.text))
    page.route("**/favicon.ico", lambda route: route.fulfill(status=204))
    for address in one_of_each(site):
        page.goto(f"{under_a_path}/{address}")
        assert page.evaluate("getComputedStyle(document.body).borderTopStyle") == "solid", address
    assert wrong == []
    page.context.close()


def test_a_wall_screen_keeps_lines_short_enough_to_read(browser, site) -> None:
    page = browser.new_context(viewport={"width": 2560, "height": 1440}).new_page()
    for address in most_read(site):
        open_page(page, site, address)
        assert page.locator("main").bounding_box()["width"] < 1500, address
    page.context.close()


def test_nothing_stands_out_beyond_the_edge_of_the_text(browser, site) -> None:
    page = browser.new_context(viewport={"width": 1280, "height": 800}).new_page()
    found = {}
    for address in kinds(site):
        open_page(page, site, address)
        if beyond := page.evaluate(BEYOND):
            found[address] = beyond
    assert found == {}
    page.context.close()
