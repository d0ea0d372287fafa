"""WCAG 2.2 AA, in a real browser: what a checker finds, the keyboard alone, large type, wide spacing, no colour."""

from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.reports.browsing import in_browser, kinds, most_read, one_of_each, open_page

pytestmark = in_browser
LEVELS = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
RULES: dict[str, Any] = {
    "runOnly": {"type": "tag", "values": LEVELS},
    "rules": {"target-size": {"enabled": True}},
    "resultTypes": ["violations"],
}
"""The size of what is clicked is AA since WCAG 2.2; the checker leaves it out unless it is asked."""
SPACING = """* { line-height: 1.5 !important; letter-spacing: 0.12em !important; word-spacing: 0.16em !important; }
p { margin-bottom: 2em !important; }"""
"""The text spacing that WCAG 1.4.12 lets a reader choose."""
REACHABLE = """[...document.querySelectorAll('a[href], summary, button, input, [tabindex="0"]')]
    .filter(each => each.checkVisibility({visibilityProperty: true}) && !each.closest('[inert]')).length"""
FOCUSED = """(() => {
    const at = document.activeElement, box = at.getBoundingClientRect(), style = getComputedStyle(at);
    const node = at.querySelector('.node'), stroke = node ? parseFloat(getComputedStyle(node).strokeWidth) : 0;
    if (at === document.body) return null;
    at.dataset.visited = Number(at.dataset.visited || 0) + 1;
    return {
        html: at.outerHTML.slice(0, 120), again: at.dataset.visited > 1,
        ring: stroke >= 4 || (style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2),
        seen: box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth,
    };
})()"""
BARE = """[...document.querySelectorAll('main .status')].filter(each =>
    each.querySelectorAll('svg use').length !== 1 || !/\\p{L}/u.test(each.textContent || each.closest('tr, li').textContent)
).map(each => each.outerHTML.slice(0, 160))"""
"""Statuses without their shape or without a word."""
CUT = """[...document.querySelectorAll('main *')].filter(each => {
    const style = getComputedStyle(each);
    return ['hidden', 'clip'].includes(style.overflowX) && each.clientWidth > 2 && each.textContent.trim()
        && !each.closest('svg') && each.scrollWidth > each.clientWidth + 1;
}).map(each => each.outerHTML.slice(0, 160))"""


@pytest.mark.parametrize(
    ("scheme", "width", "chosen"),
    [
        pytest.param("light", 1280, kinds, id="wide"),
        pytest.param("dark", 390, one_of_each, id="phone-dark"),
        pytest.param("dark", 1280, most_read, id="wide-dark"),
        pytest.param("light", 390, most_read, id="phone"),
    ],
)
def test_a_checker_finds_no_violation(browser, site, scheme, width, chosen) -> None:
    """The checker is let in past the page's own policy; what is folded away is opened for it."""
    page = browser.new_context(
        viewport={"width": width, "height": 900}, color_scheme=scheme, bypass_csp=True
    ).new_page()
    found = []
    for address in chosen(site):
        page.goto((site / address).as_uri())
        page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
        answer = Axe().run(page, options=RULES).response
        passed = {rule["id"] for rule in answer["passes"]}
        assert {"target-size", "color-contrast"} <= passed, address
        found += [(address, rule["id"], rule["nodes"][0]["html"]) for rule in answer["violations"]]
    assert found == []
    page.context.close()


@pytest.mark.parametrize(
    "address",
    ["index.html", "kpis/on_time.html", "strategy-map.html", "heat-map.html", "quality.html"],
)
def test_the_keyboard_alone_reaches_everything_once_and_shows_where_it_is(
    browser, site, address
) -> None:
    page = browser.new_context(viewport={"width": 1280, "height": 800}).new_page()
    open_page(page, site, address)
    reachable = page.evaluate(REACHABLE)
    steps = []
    for _ in range(reachable + 20):
        page.keyboard.press("Tab")
        here = page.evaluate(FOCUSED)
        if here is None or here["again"]:
            break
        steps.append(here)
    assert [step for step in steps if not (step["ring"] and step["seen"])] == []
    assert len(steps) == reachable
    page.context.close()


def test_the_keyboard_opens_what_is_folded_and_follows_links(browser, site) -> None:
    page = browser.new_context(viewport={"width": 1280, "height": 800}).new_page()
    open_page(page, site, "kpis/on_time.html")
    page.locator("summary").first.focus()
    page.keyboard.press("Enter")
    assert page.locator("details").first.get_attribute("open") is not None
    page.keyboard.press("Enter")
    assert page.locator("details").first.get_attribute("open") is None
    page.locator("nav a").first.focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**/index.html")
    page.context.close()


def test_at_twice_the_size_and_with_wide_spacing_nothing_is_cut_or_scrolls_sideways(
    browser, site
) -> None:
    """A screen of 1280 px at 200 % is one of 640 px."""
    page = browser.new_context(
        viewport={"width": 640, "height": 400}, device_scale_factor=2, bypass_csp=True
    ).new_page()
    found = {}
    for address in kinds(site):
        page.goto((site / address).as_uri())
        page.add_style_tag(content=SPACING)
        wide = page.evaluate("document.documentElement.scrollWidth")
        cut = page.evaluate(CUT)
        if wide > 640 or cut:
            found[address] = (wide, cut)
    assert found == {}
    page.context.close()


def test_without_colour_every_status_is_a_word_and_a_shape(browser, site) -> None:
    page = browser.new_context(viewport={"width": 1280, "height": 800}).new_page()
    for address in kinds(site):
        open_page(page, site, address)
        assert page.evaluate(BARE) == [], address
    page.context.close()


def test_high_contrast_of_the_system_keeps_shapes_and_charts_apart_from_the_paper(
    browser, site
) -> None:
    page = browser.new_context(forced_colors="active").new_page()
    for address in ("index.html", "kpis/on_time.html", "strategy-map.html"):
        open_page(page, site, address)
        paper = page.evaluate("getComputedStyle(document.body).backgroundColor")
        inks = page.locator("main .status svg, main .f-actual, main .node").evaluate_all(
            "all => all.map(each => getComputedStyle(each).fill)"
        )
        assert inks
        assert paper not in inks, address
    page.context.close()


def test_a_page_says_its_language_and_direction(browser, site) -> None:
    page = browser.new_context().new_page()
    open_page(page, site, "units/north.html")
    assert page.evaluate("document.documentElement.lang") == "en"
    assert page.evaluate("document.documentElement.dir") == "ltr"
    page.context.close()
