"""The labels of charts as a browser lays them out, in the reader's own font: none on another, none beyond the page."""

import pytest

from tests.reports.browsing import in_browser, open_page

pytestmark = in_browser

CROWDED = """() => {
    const isShown = each => each.checkVisibility() && each.getBoundingClientRect().width > 0;
    const boxes = [...document.querySelectorAll('.chart-box, .rows')].map(figure =>
        [...figure.querySelectorAll('text')].filter(isShown).map(text => [text.textContent, text.getBoundingClientRect()]));
    const meet = (a, b) => a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;
    const found = [];
    for (const texts of boxes) texts.forEach(([text, box], index) => {
        if (box.left < 0 || box.right > innerWidth) found.push([text, 'is cut']);
        for (const [other, its] of texts.slice(index + 1)) if (meet(box, its)) found.push([text, other]);
    });
    return found;
}"""


@pytest.mark.parametrize("width", [390, 1280])
def test_no_label_of_a_chart_lies_on_another_or_beyond_the_page(browser, site, width) -> None:
    page = browser.new_context(viewport={"width": width, "height": 900}).new_page()
    found = {}
    for path in sorted((site / "kpis").glob("*.html")):
        address = path.relative_to(site).as_posix()
        assert open_page(page, site, address) == []
        crowded = page.evaluate(CROWDED)
        if crowded:
            found[address] = crowded
    page.context.close()
    assert found == {}
