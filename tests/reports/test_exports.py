import csv
import json
import re
from datetime import datetime
from decimal import Decimal
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from jsonschema import Draft202012Validator
from openpyxl.workbook import Workbook
from pypdf import PdfReader

from reports.audit import audit_site
from reports.edition import Edition, edition_of
from reports.exports import kpi_records, scorecard_records
from reports.exports.columns import Column
from reports.exports.data import csv_text
from reports.exports.documents import KINDS, ROWS, schema
from reports.exports.pack import pack
from reports.exports.workbook import HEADS, workbook
from reports.site import FILE_GROUPS, build
from reports.standing import standing
from reports.views.drilldown import component, drill_tables
from reports.views.releases import releases_page
from reports.warehouse.published import read
from tests.reports.make_warehouse import all_rows, bare_rows, make_warehouse
from tests.reports.warehouse.organisation import RTL_NAME, Rows

DOCS = Path(__file__).parents[2] / "docs" / "reference" / "exports.md"
SECRET = 987654.25
HOSTILE = {
    "formula": '=HYPERLINK("https://example.org","press")',
    "sum": "+1+cmd|' /C calc'!A0",
    "at": "@SUM(1+1)",
    "script": '<script>alert("1")</script> & <b>',
    "eval": '#eval("1+1") #panic() #read("/etc/hosts")',
    "markup": "*bold* _slant_ $x^2$ @label \\ `raw` // gone /* gone */ = Head <label> [x] ~",
    "lines": "first line\nsecond \"quoted\" 'line', and a comma",
    "rtl": RTL_NAME,
    "no_font": "private use \ue000 and \U0010fffd",
}


def _rows() -> Rows:
    """Return the rows of the synthetic warehouse without the measures' own tables, which no file is made from."""
    rows = all_rows()
    for row in rows["measure.dim_measure"]:
        row |= {"dimensions": None, "is_manual": False}
    return rows


@pytest.fixture(scope="module", params=sorted(HOSTILE))
def hostile(request: pytest.FixtureRequest, tmp_path_factory: Any) -> tuple[str, Edition]:
    text = HOSTILE[request.param]
    rows = _rows()
    for table, columns in {
        "scorecard.dim_scorecard": ("scorecard_name",),
        "scorecard.dim_perspective": ("perspective_name",),
        "scorecard.dim_objective": ("objective_name", "owner_name"),
        "scorecard.dim_kpi": ("kpi_name", "owner_name", "description", "measured_in"),
        "scorecard.dim_unit": ("unit_name",),
        "scorecard.comment": ("author_name", "comment_text"),
        "quality.source_status": ("source_name", "owner_name", "message"),
    }.items():
        rows[table] = [row | dict.fromkeys(columns, text) for row in rows[table]]
    folder = tmp_path_factory.mktemp(request.param)
    return text, edition_of(read(make_warehouse(folder / "warehouse.duckdb", rows)))


@pytest.fixture(scope="module")
def reader(site: Path) -> PdfReader:
    return PdfReader(site / "board-pack.pdf")


@pytest.fixture(scope="module")
def book(site: Path) -> Workbook:
    return openpyxl.load_workbook(site / "scorecard.xlsx")


def _documents(site: Path) -> dict[str, dict[str, Any]]:
    found = {}
    for path in sorted(site.rglob("*.json")):
        told = json.loads(path.read_bytes())
        if isinstance(told, dict) and told.get("kind") in KINDS:
            found[path.relative_to(site).as_posix()] = told
    return found


def _packed(text: str) -> str:
    return re.sub(r"\s", "", text)


def _pack_text(found: bytes) -> str:
    return "\n".join(page.extract_text() for page in PdfReader(BytesIO(found)).pages)


def _cells(found: Workbook) -> list[Any]:
    return [cell for sheet in found.worksheets for row in sheet.iter_rows() for cell in row]


# --- data -------------------------------------------------------------------------------------------------------------


def test_every_file_of_data_keeps_to_the_published_schema(site) -> None:
    published = json.loads((site / "data/schema.json").read_bytes())
    Draft202012Validator.check_schema(published)
    validator = Draft202012Validator(published, format_checker=Draft202012Validator.FORMAT_CHECKER)
    documents = _documents(site)
    assert {found["kind"] for found in documents.values()} == set(KINDS)
    for address, found in documents.items():
        assert [error.message for error in validator.iter_errors(found)] == [], address
        assert (site / address).parent.joinpath(found["$schema"]).resolve() == (
            site / "data/schema.json"
        ).resolve()


def test_the_schema_refuses_another_column_a_text_for_a_number_and_a_missing_column(site) -> None:
    validator = Draft202012Validator(schema())
    found = json.loads((site / "scorecard.json").read_bytes())
    for wrong in ({"more": 1}, {"score": "66"}, {"name": None}):
        row = found["rows"][0] | wrong
        assert not validator.is_valid(found | {"rows": [row]})
    short = {key: cell for key, cell in found["rows"][0].items() if key != "score"}
    assert not validator.is_valid(found | {"rows": [short]})


def test_csv_holds_the_same_rows_as_json(site) -> None:
    for address, found in _documents(site).items():
        for part in KINDS[found["kind"]]:
            if part.is_list:
                ending = "" if part.key == ROWS else f"-{part.key}"
                path = site / f"{address.removesuffix('.json')}{ending}.csv"
                lines = csv.DictReader(StringIO(path.read_bytes().decode(), newline=""))
                kinds = {column.name: column.kind for column in part.columns}
                told = [
                    {key: _told(cell, kinds[key]) for key, cell in row.items()} for row in lines
                ]
                shown = [
                    {key: None if cell == "" else cell for key, cell in row.items()}
                    for row in found[part.key]
                ]
                assert told == shown, path


@pytest.mark.parametrize(
    "page",
    [
        "index", "strategy-map", "heat-map", "initiatives", "quality", "dictionary", "releases",
        "perspectives/*", "objectives/*", "initiatives/*", "units/*", "kpis/*", "kpis/*/*",
        "periods/*", "periods/????-??/*",
    ],
)  # fmt: skip
def test_every_page_links_to_its_data_as_json_and_csv(site, page) -> None:
    pages = sorted(site.glob(f"{page}.html"))
    assert pages
    for path in pages:
        text = path.read_text("utf-8")
        for ending in ("json", "csv"):
            hrefs = re.findall(rf'<a href="([^"]+\.{ending})" download>', text)
            assert hrefs, path
            assert all((path.parent / href).is_file() for href in hrefs)


def test_points_of_steps_are_in_a_kpis_data(site, edition) -> None:
    stepped = [
        kpi
        for kpi in edition.strategy.kpis
        if any(row.points for row in edition.strategy.targets.get(kpi, []))
    ]
    assert stepped
    for kpi in stepped:
        found = json.loads((site / f"kpis/{kpi}.json").read_bytes())["points"]
        assert {(row["value"], row["score"]) for row in found} == {
            (point["value"], point["score"])
            for row in edition.strategy.targets[kpi]
            for point in row.points
        }


def _told(cell: str, kind: str) -> Any:
    if cell == "":
        return None
    if kind in {"number", "integer", "flag"}:
        return json.loads(cell)
    return cell.removeprefix("'")


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@a", "\tx", "\rx"])
def test_text_that_a_spreadsheet_would_run_is_led_by_an_apostrophe_and_numbers_are_not(
    text,
) -> None:
    columns = (Column("name", "text", ""), Column("score", "number", ""))
    found = csv_text(columns, [{"name": text, "score": -1.5}])
    assert list(csv.reader(StringIO(found, newline="")))[1] == [f"'{text}", "-1.5"]


def test_a_kpi_has_all_its_units_and_lengths_of_period(site, edition) -> None:
    found = json.loads((site / "kpis/on_time.json").read_bytes())
    applies = {u for u, kpis in edition.strategy.kpis_of_unit.items() if "on_time" in kpis}
    assert {row["unit_id"] for row in found["rows"]} == applies
    assert {"month", "ytd", "ttm"} <= {row["grain"] for row in found["rows"]}
    assert found["comments"][-1]["comment_text"].startswith("Our carrier")


def test_the_parts_of_a_gap_add_up_to_it_for_every_unit_that_has_units_below(site) -> None:
    found = json.loads((site / "kpis/cash_flow.json").read_bytes())
    own = {
        row["unit_id"]: row
        for row in found["rows"]
        if row["grain"] == "month" and row["period_start_date"] == "2026-10-01"
    }
    parents = {row["parent_unit_id"] for row in found["gap"]}
    assert "kettle" in parents
    for parent in parents:
        parts = [row for row in found["gap"] if row["parent_unit_id"] == parent]
        assert sum(row["gap"] for row in parts) == pytest.approx(
            own[parent]["actual"] - own[parent]["target"]
        )
        assert sum(row["numerator"] for row in parts) == pytest.approx(own[parent]["actual"])
        lost = [row["points_lost"] for row in parts if row["points_lost"] is not None]
        assert not lost or sum(lost) == pytest.approx(100 - own[parent]["score"])


def test_no_part_is_taken_away_where_a_unit_is_suppressed(site) -> None:
    found = json.loads((site / "kpis/nps.json").read_bytes())
    held = {row["unit_id"] for row in found["rows"] if row["data_state"] == "suppressed"}
    assert held
    assert not held & {row["unit_id"] for row in found["gap"]}
    assert "north" not in {row["parent_unit_id"] for row in found["gap"]}
    assert found["dimensions"] == []


def test_the_month_by_dimension_is_what_the_page_shows(site, edition) -> None:
    found = json.loads((site / "kpis/certificate.json").read_bytes())["dimensions"]
    item = standing(edition, edition.strategy.kpis["certificate"], "kettle")
    (table,), _ = drill_tables(edition, item)
    own = [row for row in found if row["unit_id"] == "kettle"]
    assert {row["dimension"] for row in own} == {"channel"}
    assert [row["value"] or "not given" for row in own] == [row.name for row in table.rows]
    assert [component(edition, Decimal(str(row["numerator"]))) for row in own] == [
        row.numerator for row in table.rows
    ]


def test_what_a_release_changed_is_what_the_page_tells(site, edition) -> None:
    found = json.loads((site / "releases.json").read_bytes())
    page = releases_page(edition)
    assert [row["run_id"] for row in found["rows"]] == [item.run_id for item in page.releases]
    for row, item in zip(found["rows"], page.releases, strict=True):
        counts = (row["new_count"], row["restated_count"])
        assert tuple(f"{count:,}" for count in counts) == (item.new, item.restated)
    (told,) = [item for item in page.releases if item.is_told]
    changed = [row for row in found["changed"] if row["run_id"] == told.run_id]
    assert sum(row["count"] for row in changed) == int(told.restated)
    assert {row["id"] for row in changed if row["level"] == "kpi"} == {"on_time", "refills"}
    assert {row["number"] for row in changed} == {"value", "score"}
    assert bool(found["given"]) == bool(told.notes)


def test_data_are_hostile_text_as_it_is(hostile) -> None:
    text, edition = hostile
    rows = json.loads(json.dumps(scorecard_records.scorecard_records(edition)))
    assert {row["name"] for row in rows} == {text}
    lines = list(csv.DictReader(StringIO(csv_text(scorecard_records.SCORECARD, rows), newline="")))
    begins = text.startswith(("=", "+", "-", "@"))
    assert {line["name"] for line in lines} == {f"'{text}" if begins else text}


# --- workbook ---------------------------------------------------------------------------------------------------------


def test_the_workbook_has_its_sheets_each_with_a_frozen_head_and_a_filter(book) -> None:
    tables = ["Scorecard", "KPI history", "Components", "Targets", "Target points", "Definitions"]
    assert book.sheetnames == [*tables, "Charts"]
    for name in tables:
        sheet = book[name]
        assert sheet.freeze_panes == "A5"
        assert sheet.auto_filter.ref.startswith("A4:")
        assert sheet.max_row >= 5


def test_the_workbook_has_native_charts_of_perspectives_and_of_every_kpi(book, edition) -> None:
    assert len(book["Scorecard"]._charts) == 1
    assert len(book["Charts"]._charts) == len(edition.strategy.kpis)


def test_numbers_stay_numbers_and_carry_their_format(book) -> None:
    sheet = book["Scorecard"]
    heads = [cell.value for cell in sheet[4]]
    row = next(row for row in sheet.iter_rows(min_row=5) if row[1].value == "on_time")
    actual = row[heads.index("Actual")]
    assert actual.value == pytest.approx(0.912, abs=0.01)
    assert (actual.data_type, actual.number_format) == ("n", "0.0%")
    assert isinstance(row[heads.index("First day")].value, datetime)


def test_every_number_of_the_scorecard_stands_in_the_workbook(book, edition) -> None:
    heads = [cell.value for cell in book["Scorecard"][4]]
    at = heads.index(HEADS["score"])
    told = [row[at] for row in book["Scorecard"].iter_rows(min_row=5, values_only=True)]
    assert told == [
        pytest.approx(row["score"]) if row["score"] is not None else None
        for row in scorecard_records.scorecard_records(edition)
    ]


def test_every_column_has_a_head_for_a_reader() -> None:
    columns = (
        *scorecard_records.SCORECARD,
        *kpi_records.KPI,
        *kpi_records.TARGETS,
        *kpi_records.DEFINITION,
    )
    assert {column.name for column in columns} <= HEADS.keys()


def test_the_workbook_runs_no_text(hostile) -> None:
    text, edition = hostile
    found = openpyxl.load_workbook(BytesIO(workbook(edition)))
    cells = _cells(found)
    assert [cell.coordinate for cell in cells if cell.data_type == "f" or cell.hyperlink] == []
    assert sum(cell.value == text for cell in cells) > 100


def test_the_workbook_is_dated_by_the_release_alone(book, edition) -> None:
    assert book.properties.created.date() == edition.strategy.release.as_of_date


# --- board pack -------------------------------------------------------------------------------------------------------


def test_every_page_of_the_board_pack_names_what_it_is_of_and_its_number(reader, edition) -> None:
    assert len(reader.pages) > 3
    for number, page in enumerate(reader.pages, 1):
        text = page.extract_text()
        assert f"{edition.strategy.organisation.unit_name}: " in text
        assert edition.strategy.scorecard.scorecard_name in text
        assert "October 2026" in text
        assert f"Page {number} of {len(reader.pages)}" in text


def test_the_board_pack_has_contents_a_title_and_tags(reader) -> None:
    assert "Contents" in reader.pages[0].extract_text()
    assert [entry.title for entry in reader.outline if not isinstance(entry, list)] == [
        "Scorecard and perspectives",
        "KPIs off track",
        "Initiatives",
        "The full scorecard",
        "List of KPIs",
        "How fresh the data are",
    ]
    assert reader.metadata is not None
    assert "October 2026" in str(reader.metadata.title)
    assert reader.root_object["/MarkInfo"]["/Marked"]
    assert reader.root_object["/Lang"] == "en"


def test_the_board_pack_has_every_kpi_and_the_comments_on_those_off_track(site, edition) -> None:
    text = _packed(_pack_text((site / "board-pack.pdf").read_bytes()))
    for kpi in edition.strategy.kpis.values():
        assert _packed(kpi.kpi_name) in text
    assert _packed("The second carrier starts on <9> November.") in text


def test_the_board_pack_shows_hostile_text_as_text(hostile) -> None:
    text, edition = hostile
    shown = _packed(_pack_text(pack(edition)))
    if text.isascii():
        assert shown.count(_packed(text)) > 20
    assert "Contents" in shown


# --- all --------------------------------------------------------------------------------------------------------------


def test_the_same_warehouse_gives_the_same_bytes_of_every_file(warehouse, site, tmp_path) -> None:
    counts = build(warehouse, tmp_path, groups=FILE_GROUPS)
    files = [path for path in tmp_path.rglob("*") if path.is_file() and "static" not in path.parts]
    assert len(files) == sum(counts.values())
    for path in files:
        assert path.read_bytes() == (site / path.relative_to(tmp_path)).read_bytes(), path


def test_what_is_held_back_is_in_no_file_even_where_the_warehouse_has_it(tmp_path) -> None:
    """The engine empties what it suppresses; should it ever not, nothing of it may get out."""
    rows = _rows()
    held = {"nps"}
    for row in rows["scorecard.kpi_value"]:
        if row["kpi_id"] in held:
            row |= {"is_suppressed": True, "actual": SECRET, "numerator": SECRET, "denominator": 1}
            row |= {"interval_low": SECRET, "interval_high": SECRET, "observations_count": 987654}
    for row in rows["scorecard.kpi_score"]:
        if row["kpi_id"] in held:
            row |= {"actual": SECRET, "usual_low": SECRET, "usual_high": SECRET}
    held_back = make_warehouse(tmp_path / "warehouse.duckdb", rows)
    build(held_back, tmp_path / "site", groups=FILE_GROUPS)
    site = tmp_path / "site"
    for path in [*site.rglob("*.json"), *site.rglob("*.csv")]:
        # Not within a fraction: among so many digits these six come up by chance.
        assert not re.search(r"(?<![\d.])987654", path.read_text("utf-8")), path
    assert not re.search(r"987[,.]?654", _pack_text((site / "board-pack.pdf").read_bytes()))
    numbers = {
        cell.value
        for cell in _cells(openpyxl.load_workbook(site / "scorecard.xlsx"))
        if cell.data_type == "n"
    }
    assert not numbers & {SECRET, SECRET * 100, 987654}
    found = json.loads((site / "kpis/nps.json").read_bytes())["rows"]
    measured = [row for row in found if row["data_state"] == "suppressed"]
    assert len(measured) > 20
    assert {row["actual"] for row in measured} == {None}


def test_a_release_with_no_value_at_all_has_every_file(tmp_path) -> None:
    bare = make_warehouse(tmp_path / "warehouse.duckdb", bare_rows())
    build(bare, tmp_path / "site")
    assert audit_site(tmp_path / "site", bare) == []
    text = _pack_text((tmp_path / "site/board-pack.pdf").read_bytes())
    assert "No score for October 2026" in text
    openpyxl.load_workbook(tmp_path / "site/scorecard.xlsx")


def test_pages_link_to_what_can_be_taken_away(site) -> None:
    front = (site / "index.html").read_text("utf-8")
    for address in ("board-pack.pdf", "scorecard.xlsx", "scorecard.json", "scorecard.csv"):
        assert f'<a href="{address}" download>' in front
    kpi = (site / "kpis/on_time.html").read_text("utf-8")
    assert '<a href="../kpis/on_time.json" download>' in kpi
    assert '<a href="../kpis/on_time.csv" download>' in kpi


def test_every_kind_part_and_column_is_documented_with_its_meaning() -> None:
    documented = DOCS.read_text("utf-8")
    for kind, parts in KINDS.items():
        assert f"`{kind}`" in documented, kind
        for part in parts:
            assert f"`{part.key}`" in documented, part.key
            for column in part.columns:
                row = rf"^\| `{column.name}` \| .* \| {re.escape(column.meaning)} \|$"
                assert re.search(row, documented, flags=re.MULTILINE), column
