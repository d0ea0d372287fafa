"""Published style sheets: fewer bytes, the same rules in a real browser, and none that nothing uses."""

import re
from pathlib import Path

import pytest

from reports.site import STATIC
from reports.styles import lean
from tests.reports.browsing import in_browser

RULES = "() => [...document.styleSheets[0].cssRules].map(rule => rule.cssText)"
SHEETS = ("tokens.css", "scorecard.css", "pages.css")
PARTLY_MADE = re.compile(r"--(?:[a-z]+_)*[a-z]+$|^(?:is|map|w)-")
"""Classes whose end is a status, a grade of evidence or a kind of row, which the templates fill in."""


@pytest.mark.parametrize(
    ("css", "wanted"),
    [
        ("a { b: c; d: e; }", "a{b:c;d:e}"),
        ("/* why */ a > b , c { d: e }", "a>b,c{d:e}"),
        (".a :focus { b: c }", ".a :focus{b:c}"),
        ("a { width: calc(1px + 2 * var(--b)) }", "a{width:calc(1px + 2 * var(--b))}"),
        ('a { content: " ; {  " }', 'a{content:" ; {  "}'),
        ('a { content: "\\"  , " }', 'a{content:"\\"  , "}'),
        ("@media screen and (max-width: 1px) { a { b: c; } }", "@media screen and (max-width:1px){a{b:c}}"),
    ],
)  # fmt: skip
def test_space_that_parts_nothing_goes(css, wanted) -> None:
    assert lean(css, ".css") == wanted


@in_browser[0]
@in_browser[1]
@pytest.mark.parametrize("sheet", SHEETS)
def test_a_browser_reads_the_same_rules_from_the_lean_sheet(browser, sheet) -> None:
    css = (STATIC / sheet).read_text("utf-8")
    page = browser.new_context().new_page()
    read = []
    for text in (css, lean(css, ".css")):
        page.set_content("<!doctype html><title>Rules</title>")
        page.add_style_tag(content=text)
        read.append(page.evaluate(RULES))
    page.context.close()
    # A browser keeps the space in custom properties as it was written.
    first, second = (["".join(rule.split()) for rule in rules] for rules in read)
    assert first == second
    assert first


def test_the_site_carries_the_lean_sheets(site) -> None:
    for sheet in SHEETS:
        assert (site / "static" / sheet).read_text("utf-8") == lean((STATIC / sheet).read_text("utf-8"), ".css")  # fmt: skip


def test_the_script_loses_its_comments_and_nothing_else() -> None:
    script = "/* why */\nfunction a() {\n  // why\n  return `${b} // no`;\n\n}\n"
    assert lean(script, ".js") == "function a(){return`${b} // no`;}"


@in_browser[0]
@in_browser[1]
@pytest.mark.parametrize("address", ["index.html", "units/south.html"])
def test_the_front_page_needs_nothing_of_the_sheet_of_other_pages(browser, site, address) -> None:
    css = lean((STATIC / "pages.css").read_text("utf-8"), ".css")
    page = browser.new_context().new_page()
    page.goto((site / address).as_uri())
    for selectors in re.findall(r"(?:^|[{}])\s*([^{}@]+)(?=\{)", css):
        wanted = re.sub(r"::?(?:before|after|details-content|hover|focus-visible|target)", "", selectors)  # fmt: skip
        assert page.locator(wanted).count() == 0, selectors
    page.context.close()


def test_every_class_of_the_sheets_is_used_somewhere() -> None:
    css = "".join(lean((STATIC / sheet).read_text("utf-8"), ".css") for sheet in SHEETS)
    selectors = " ".join(re.findall(r"(?:^|[{}])([^{}@]+)(?=\{)", css))
    classes = set(re.findall(r"\.([a-zA-Z][\w-]*)", selectors))
    folder = Path(STATIC).parent
    written = "\n".join(
        path.read_text("utf-8")
        for path in sorted(folder.rglob("*"))
        if path.suffix in {".py", ".html", ".js"}
    )
    used = set(re.findall(r"[\w-]+", written))
    assert {name for name in classes - used if not PARTLY_MADE.search(name)} == set()
