"""Text from outside is text everywhere, whatever it says: on pages, in drawings, in data, workbook, PDF, index and styles.

Hostile text stands in every column that a person or a source fills; a new column of text must be planted as well.
"""

import csv
import json
import re
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from justhtml import JustHTML
from playwright.sync_api import Page
from pypdf import PdfReader
from selectolax.lexbor import LexborHTMLParser, LexborNode

from reports.audit import audit_site
from reports.print_sheet import FILE, PAST_FILE
from reports.search import FILE as SEARCH_INDEX
from reports.site import build
from reports.words.characters import writable
from tests.reports.browsing import in_browser, kinds, open_page
from tests.reports.hostile_text import (
    OWN,
    PIECES,
    PLANTED,
    make_hostile_warehouse,
    text_columns,
)

KEY = re.compile(r"[qd]\d+[a-z]\d*[qd]|n0n")
"""What is in every planted text and in nothing else."""
OWN_ATTRIBUTES = frozenset(
    {"aria-label", "content", "data-after", "data-label", "data-sort", "title", "placeholder"}
)
"""Attributes that hold words."""
RUN_AS_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet runs, said here once more."""
NOWHERE = frozenset({"quality.load.cursor_value", "quality.load.columns"})
"""Columns that no page shows."""
IN_PART = frozenset(
    {
        "scorecard.dim_unit.tree_name",  # the organisation's, which stands in no tree
        "quality.contract_result.check_name",  # of checks that passed
        "quality.contract_result.observed_value",
        "quality.contract_result.message",
        "quality.quarantined_row.row_json",  # long rows, and rows beyond the first hundred
        "drill",  # of months without rows, and of what could reveal a person
    }
)
"""Columns of which the pages show some rows."""
SHOWN = [
    f"{table}.{column}"
    for table, columns in PLANTED.items()
    for column in columns
    if f"{table}.{column}" not in NOWHERE
]


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, list[str]]]:
    warehouse = tmp_path_factory.mktemp("hostile") / "warehouse.duckdb"
    return warehouse, make_hostile_warehouse(warehouse)


@pytest.fixture(scope="module")
def hostile_site(planted: tuple[Path, dict[str, list[str]]]) -> Path:
    warehouse, _ = planted
    build(warehouse, warehouse.parent / "site")
    return warehouse.parent / "site"


@pytest.fixture(scope="module")
def read_pages(hostile_site: Path) -> dict[str, LexborHTMLParser]:
    return {
        path.relative_to(hostile_site).as_posix(): LexborHTMLParser(path.read_bytes().decode())
        for path in sorted(hostile_site.rglob("*.html"))
    }


@pytest.fixture(scope="module")
def texts(read_pages: dict[str, LexborHTMLParser]) -> list[str]:
    return [_packed(page.root.text()) for page in read_pages.values() if page.root is not None]


@pytest.fixture(scope="module")
def told(hostile_site: Path) -> set[str]:
    """Return every text of the data as JSON."""
    paths = hostile_site.rglob("*.json")
    return {text for path in paths for text in _leaves(json.loads(path.read_bytes()))}


def _packed(text: str) -> str:
    """Return a text as a page holds it, without the spaces at which lines may break."""
    return re.sub(r"\s", "", writable(text))


def _leaves(found: Any) -> Iterator[str]:
    if isinstance(found, str):
        yield found
    elif isinstance(found, dict):
        for value in found.values():
            yield from _leaves(value)
    elif isinstance(found, list):
        for value in found:
            yield from _leaves(value)


def _elements(page: LexborHTMLParser) -> Iterator[LexborNode]:
    if page.root is not None:
        yield from page.root.traverse()


def test_every_column_of_text_is_planted_or_holds_words_of_our_own() -> None:
    unknown = [
        f"{table}.{column}"
        for table, column in text_columns()
        if column not in PLANTED.get(table, ()) and column not in OWN
    ]
    assert unknown == []


def test_the_site_is_sound_and_may_go_live(hostile_site, planted) -> None:
    assert audit_site(hostile_site, planted[0]) == []


def test_every_kind_of_page_is_well_formed(hostile_site) -> None:
    for address in kinds(hostile_site):
        page = (hostile_site / address).read_bytes().decode()
        assert [str(error) for error in JustHTML(page, collect_errors=True).errors] == [], address


def test_no_text_becomes_an_element_or_an_attribute(read_pages, site) -> None:
    """Nothing that the same pages with plain text do not have."""
    plain = [LexborHTMLParser(path.read_bytes().decode()) for path in site.rglob("*.html")]
    elements = {(node.tag, name) for page in plain for node in _elements(page) for name in ("", *node.attributes)}  # fmt: skip
    found = {
        (node.tag, name)
        for page in read_pages.values()
        for node in _elements(page)
        for name in ("", *node.attributes)
    }
    assert found - elements == set()


def test_text_stands_in_attributes_of_words_alone(read_pages) -> None:
    """Not in an address, an id, a class or a position."""
    found = {
        (address, node.tag, name)
        for address, page in read_pages.items()
        for node in _elements(page)
        for name, value in node.attributes.items()
        if name not in OWN_ATTRIBUTES and KEY.search(value or "")
    }
    assert found == set()


@pytest.mark.parametrize("column", [*SHOWN, "drill"])
def test_text_is_shown_as_it_was_written(planted, texts, column) -> None:
    written = planted[1][column]
    assert written
    if column.endswith("row_json"):  # shown as JSON, and its end where it is long
        written = [text.split(" ")[0] for text in written]
    shown = [any(_packed(text) in page for page in texts) for text in written]
    assert any(shown) if column in IN_PART else all(shown)


@pytest.mark.parametrize(
    "table", sorted(table for table in PLANTED if table not in {"quality.load"})
)
def test_data_as_json_hold_text_as_it_was_written(planted, told, table) -> None:
    for column in PLANTED[table]:
        written = planted[1][f"{table}.{column}"]
        if column == "row_json":
            written = [json.dumps({text: text}) for text in written[:100]]
        assert set(written) <= told, column


def test_no_cell_of_a_csv_file_begins_like_a_formula_and_each_is_as_in_json(
    hostile_site, told
) -> None:
    found = set()
    for path in hostile_site.rglob("*.csv"):
        for row in csv.reader(StringIO(path.read_bytes().decode(), newline="")):
            found.update(row)
    running = {cell for cell in found if cell.startswith(RUN_AS_FORMULA) and not _is_number(cell)}
    assert running == set()
    hostile = {cell.removeprefix("'") for cell in found if KEY.search(cell)}
    assert hostile
    assert {cell for cell in hostile if cell not in told and f"'{cell}" not in told} == set()


def _is_number(cell: str) -> bool:
    return re.fullmatch(r"-?\d+(\.\d+)?(e[+-]?\d+)?", cell) is not None


def test_the_workbook_runs_nothing_and_holds_names_as_they_were_written(
    hostile_site, planted
) -> None:
    book = openpyxl.load_workbook(hostile_site / "scorecard.xlsx")
    cells = [cell for sheet in book.worksheets for row in sheet.iter_rows() for cell in row]
    assert [cell.coordinate for cell in cells if cell.data_type == "f" or cell.hyperlink] == []
    held = {_packed(_unescaped(cell.value)) for cell in cells if cell.data_type == "s"}
    for column in ("dim_kpi.kpi_name", "dim_objective.objective_name", "dim_kpi.description"):
        assert {_packed(text) for text in planted[1][f"scorecard.{column}"]} <= held


def _unescaped(text: str) -> str:
    """Return a cell's text as a spreadsheet shows it; the library leaves a carriage return as it is written in the file."""
    return text.replace("_x000D_", "\r")


def test_the_board_pack_typesets_nothing(hostile_site) -> None:
    reader = PdfReader(hostile_site / "board-pack.pdf")
    shown = _packed("".join(page.extract_text() for page in reader.pages))
    for piece in PIECES:
        if piece.isascii() and piece.isprintable():
            assert shown.count(_packed(piece)) > 20, piece
    assert [page for page in reader.pages if "/Annots" in page and _leads_out(page)] == []


def _leads_out(page: Any) -> bool:
    return any("/URI" in note.get_object().get("/A", {}) for note in page["/Annots"])


def test_the_search_index_holds_names_as_they_were_written(hostile_site, planted) -> None:
    text = (hostile_site / SEARCH_INDEX).read_text("utf-8")
    assert "<" not in text
    index = json.loads(text.removeprefix("window.steelyardIndex = ").rstrip().removesuffix(";"))
    names = {name for name, _, _ in index["entries"]}
    for column in ("dim_kpi.kpi_name", "dim_unit.unit_name", "initiative.initiative_name"):
        assert set(planted[1][f"scorecard.{column}"]) <= names


@pytest.fixture(scope="module")
def wide(browser: Any) -> Iterator[Page]:
    page = browser.new_context(viewport={"width": 1280, "height": 900}).new_page()
    yield page
    page.context.close()


@pytest.mark.usefixtures("wide")
class TestInABrowser:
    """What a person's browser makes of it."""

    pytestmark = in_browser

    def test_no_page_runs_or_asks_for_anything(self, wide, hostile_site) -> None:
        dialogs: list[str] = []
        wide.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
        heard = {address: open_page(wide, hostile_site, address) for address in kinds(hostile_site)}
        assert {address: said for address, said in heard.items() if said} == {}
        assert dialogs == []

    def test_the_front_page_can_be_read(self, wide, hostile_site, planted) -> None:
        open_page(wide, hostile_site, "index.html")
        read = _packed(wide.locator("main").inner_text())
        for column in ("dim_perspective.perspective_name", "dim_kpi.kpi_name"):
            assert all(_packed(text) in read for text in planted[1][f"scorecard.{column}"])

    @pytest.mark.parametrize("sheet", [FILE, PAST_FILE])
    def test_the_margins_of_paper_end_at_no_name(self, wide, hostile_site, site, sheet) -> None:
        """As many rules of the same kinds as with plain names, none that loads another sheet, and each name to its end."""
        read = "text => { const sheet = new CSSStyleSheet(); sheet.replaceSync(text); return [...sheet.cssRules].map(rule => [rule.constructor.name, rule.cssText]); }"
        rules, plain = (
            wide.evaluate(read, (folder / sheet).read_text("utf-8"))
            for folder in (hostile_site, site)
        )
        assert [kind for kind, _ in rules] == [kind for kind, _ in plain]
        assert "CSSImportRule" not in {kind for kind, _ in rules}
        margins = [text for kind, text in rules if kind == "CSSPageRule"]
        assert all(PIECES[-1] in text for text in margins)
