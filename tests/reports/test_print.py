"""Printed pages: organisation, scorecard and period in the margin of every sheet, table heads repeated, light colours."""

import re
from pathlib import Path

import pytest
from pypdf import PdfReader

from reports.print_sheet import quoted
from tests.reports.browsing import in_browser


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("Kettle", '"Kettle"'),
        ('a"} body { x', '"a\\22 \\7d  body \\7b  x"'),
        ("\\", '"\\5c "'),
        ("</style>\n", '"\\3c \\2f style\\3e \\a "'),
        ("متجر", '"متجر"'),
    ],
)
def test_a_name_cannot_leave_its_string_in_the_sheet(text, wanted) -> None:
    assert quoted(text) == wanted


def _sheets(browser, site: Path, address: str, out: Path) -> list[str]:
    page = browser.new_context().new_page()
    page.goto((site / address).as_uri())
    page.pdf(path=str(out / "page.pdf"), prefer_css_page_size=True)
    page.context.close()
    return [sheet.extract_text() for sheet in PdfReader(out / "page.pdf").pages]


@in_browser[0]
@in_browser[1]
@pytest.mark.parametrize(
    ("address", "period"),
    [("glossary.html", ", October 2026"), ("periods/2026-08.html", ", August 2026")],
)
def test_every_sheet_names_organisation_scorecard_period_and_number(browser, site, tmp_path, address, period) -> None:  # fmt: skip
    sheets = _sheets(browser, site, address, tmp_path)
    assert len(sheets) > 1
    for at, sheet in enumerate(sheets, start=1):
        assert f"Kettle & Sons <Coffee>: Balanced scorecard{period}" in sheet
        assert f"{at} / {len(sheets)}" in sheet


@in_browser[0]
@in_browser[1]
def test_the_head_of_a_table_is_repeated_though_it_can_be_sorted(browser, site, tmp_path) -> None:
    sheets = _sheets(browser, site, "glossary.html", tmp_path)
    assert sum("Name Kind Meaning" in sheet for sheet in sheets) > 1
    assert "Words of this page" not in "".join(sheets)


def test_values_stand_in_the_tokens_alone(site: Path) -> None:
    """A colour is written once: what is drawn names its token."""
    rules = "".join((site / f"static/{sheet}.css").read_text("utf-8") for sheet in ("scorecard", "pages"))  # fmt: skip
    assert re.findall(r"#[0-9a-fA-F]{3,8}\b|\brgba?\(|\bhsla?\(", rules) == []
