import os
import zipfile
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import openpyxl
import pytest

from connectors.errors import SourceBroken, SourceUnavailable
from scorecard.sources import Column, DataAsOf, FileTable
from tests.connectors.conftest import Landing

PEOPLE = FileTable(files="people*.csv", primary_key=("id",))


def test_undeclared_columns_land_as_text(landing: Landing) -> None:
    landing.write("people.csv", 'id,Postal Code,joinedOn,note\n007,01581,2026-01-02,\n008,,,""\n')
    assert landing.rows(PEOPLE, folder="drop") == [
        {"id": "007", "postal_code": "01581", "joined_on": "2026-01-02", "note": None},
        {"id": "008", "postal_code": None, "joined_on": None, "note": ""},
    ]


def test_a_csv_file_is_read_as_declared(landing: Landing) -> None:
    table = FileTable(
        files="lohn.csv",
        primary_key=("nr",),
        encoding="cp1252",
        delimiter=";",
        header_row=3,
        columns={
            "Nr": Column(type="integer"),
            "betrag": Column(type="decimal", decimal_comma=True),
            "quote": Column(type="double", decimal_comma=True),
            "eintritt": Column(type="date", format="%d.%m.%Y"),
            "stand": Column(type="timestamp", format="%d.%m.%Y %H:%M"),
            "aktiv": Column(type="boolean"),
        },
    )
    landing.write(
        "lohn.csv",
        "Lohnliste\r\n\r\nNr;Name;Betrag;Quote;Eintritt;Stand;Aktiv\r\n"
        '2;Größe;1.234,56;0,5;31.12.2025;01.02.2026 08:30;true\r\n1;"a\r\nb; ""c""";"-3,1";;" ";;0\r\n',
        encoding="cp1252",
    )
    assert landing.rows(table, folder="drop") == [
        {
            "nr": 1, "name": 'a\r\nb; "c"', "betrag": Decimal("-3.1"), "quote": None, "eintritt": None, "stand": None,
            "aktiv": False,
        },
        {
            "nr": 2, "name": "Größe", "betrag": Decimal("1234.56"), "quote": 0.5, "eintritt": date(2025, 12, 31),
            "stand": datetime.fromisoformat("2026-02-01 08:30:00"), "aktiv": True,
        },
    ]  # fmt: skip


def test_a_tab_separates(landing: Landing) -> None:
    landing.write("people.csv", "id\tv\n1\ta b\n")
    rows = landing.rows(
        FileTable(files="people.csv", primary_key=("id",), delimiter="\t"), folder="drop"
    )
    assert rows == [{"id": "1", "v": "a b"}]


@pytest.mark.parametrize(
    ("column", "value", "expected"),
    [
        (Column(type="integer"), "1.5", "an integer"),
        (Column(type="integer"), "0x1F", "an integer"),
        (Column(type="integer"), "99999999999999999999", "an integer"),
        (Column(type="decimal"), "12,5", "a decimal with a decimal point"),
        (Column(type="decimal"), "0.1234567891", "a decimal"),
        (Column(type="decimal", decimal_comma=True), "1.234", "a decimal with a decimal comma"),
        (Column(type="double"), "nan", "a double"),
        (Column(type="boolean"), "maybe", "a boolean"),
        (Column(type="date"), "2026-02-30", "a date in ISO 8601 form"),
        (Column(type="date"), "01.02.2026", "a date in ISO 8601 form"),
        (Column(type="date", format="%d.%m.%Y"), "31.02.2026", "a date in the form %d.%m.%Y"),
        (Column(type="timestamp"), "noon", "a timestamp"),
    ],
)
def test_a_value_that_is_not_as_declared_is_named_with_its_place(
    landing: Landing, column: Column, value: str, expected: str
) -> None:
    table = FileTable(files="people*.csv", primary_key=("id",), columns={"v": column})
    landing.write("people_1.csv", "id,v\n1,\n")
    landing.write("people_2.csv", f'id,v\n"1\n",\n2,"{value}"\n')
    with pytest.raises(SourceBroken) as broken:
        landing.load(table, folder="drop")
    assert broken.value.problem.startswith(
        f"s.t: people_2.csv, line 4, column v: {value!r} is not {expected}"
    )


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("id,v\n1\n", r"people\.csv, line 2: 1 fields, where the header has 2"),
        ("id,v\n1,a\n2,b,c\n", r"people\.csv, line 3: 3 fields, where the header has 2"),
        ('id,v\n1,"a\n2,b\n', r"a quotation mark after line 1 is never closed"),
        ("id,V,v\n1,a,b\n", "columns of the same name .*: v"),
        ("id,\n1,a\n", "column 2 has values but no name"),
        ("", "no header in row 1"),
        ("id;v\n1;2\n", "no column id.*there are id_v"),
    ],
)
def test_a_malformed_file_is_refused(landing: Landing, text: str, problem: str) -> None:
    landing.write("people.csv", text)
    with pytest.raises(SourceBroken, match=problem):
        landing.load(PEOPLE, folder="drop")


@pytest.mark.parametrize(
    ("declared", "written"), [("utf-8", "cp1252"), ("cp1252", "utf-16"), ("utf-16", "cp1252")]
)
def test_a_wrong_encoding_is_refused(landing: Landing, declared: str, written: str) -> None:
    landing.write("people.csv", "id,v\n1,Größe\n", encoding=written)
    with pytest.raises(SourceBroken, match=r"people\.csv( is not written in|, line)|no column id"):
        landing.load(
            FileTable(files="people.csv", primary_key=("id",), encoding=declared), folder="drop"
        )


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1252"])
def test_declared_encodings_are_read(landing: Landing, encoding: str) -> None:
    landing.write("people.csv", "id,v\n1,Größe\n", encoding=encoding)
    declared = "utf-8" if encoding == "utf-8-sig" else encoding
    rows = landing.rows(
        FileTable(files="people.csv", primary_key=("id",), encoding=declared), folder="drop"
    )
    assert rows == [{"id": "1", "v": "Größe"}]


def test_files_are_put_together_whatever_the_order_of_their_columns(landing: Landing) -> None:
    landing.write("people_2.csv", "v,id\nb,2\n")
    landing.write("people_1.csv", "id,v\n1,a\n")
    landing.write(".people_3.csv", "broken")
    assert landing.rows(PEOPLE, folder="drop") == [{"id": "1", "v": "a"}, {"id": "2", "v": "b"}]


def test_a_file_with_other_columns_is_named(landing: Landing) -> None:
    landing.write("people_1.csv", "id,v\n1,a\n")
    landing.write("people_2.csv", "id,w\n2,b\n")
    with pytest.raises(
        SourceBroken, match=r"people_2\.csv lacks v and has besides w, compared with people_1\.csv"
    ):
        landing.load(PEOPLE, folder="drop")


def test_a_declared_column_that_is_missing_is_named(landing: Landing) -> None:
    landing.write("people.csv", "id,v\n1,a\n")
    table = FileTable(
        files="people.csv", primary_key=("id",), columns={"hired": Column(type="date")}
    )
    with pytest.raises(SourceBroken, match=r"people\.csv has no column hired; it has id, v"):
        landing.load(table, folder="drop")


@pytest.mark.parametrize("folder", ["drop", "elsewhere"])
def test_a_file_that_has_not_come_is_unavailable(landing: Landing, folder: str) -> None:
    landing.write("other.csv", "id\n1\n")
    with pytest.raises(SourceUnavailable, match=r"no file in|no folder"):
        landing.load(PEOPLE, folder=folder)


def test_data_as_of_is_the_day_of_the_newest_file(landing: Landing) -> None:
    for day, name in enumerate(("people_1.csv", "people_2.csv"), start=1):
        path = landing.write(name, "id\n1\n")
        moment = datetime(2026, 2, day, 23, 30, tzinfo=UTC).timestamp()
        os.utime(path, (moment, moment))
    table = FileTable(
        files="people*.csv", primary_key=("id",), data_as_of=DataAsOf(kind="file_modified")
    )
    assert landing.load(table, folder="drop").manifest.data_as_of == date(2026, 2, 2)


def test_a_day_in_the_future_does_not_make_data_look_fresh(landing: Landing) -> None:
    landing.write("people.csv", "id,day\n1,2099-01-01\n2,2026-01-01\n")
    table = FileTable(
        files="people.csv", primary_key=("id",), data_as_of=DataAsOf(kind="column", column="day")
    )
    assert landing.load(table, folder="drop").manifest.data_as_of == landing.now.date() - timedelta(
        days=1
    )


# Workbooks.


def workbook(
    landing: Landing, sheets: dict[str, list[list[Any]]], name: str = "people.xlsx"
) -> None:
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(row)
    (landing.root / "drop").mkdir(exist_ok=True)
    book.save(landing.root / "drop" / name)
    book.close()


SHEET = FileTable(files="people.xlsx", sheet="staff", primary_key=("id",))


def test_cells_of_undeclared_columns_become_their_plain_text(landing: Landing) -> None:
    """Read with pandas the text 01581 becomes the number 1581, and the number 1581 the text 1581.0."""
    cells = [
        1581,
        "01581",
        1.5,
        date(2026, 1, 2),
        datetime.fromisoformat("2026-01-02 03:04:05"),
        True,
        None,
    ]
    workbook(
        landing, {"other": [["x"]], "staff": [["id", *"abcdef", "g"], [7, *cells], [None] * 8]}
    )
    [row] = landing.rows(SHEET, folder="drop")
    assert list(row.values()) == [
        "7",
        "1581",
        "01581",
        "1.5",
        "2026-01-02",
        "2026-01-02 03:04:05",
        "true",
        None,
    ]


def test_cells_are_read_as_declared(landing: Landing) -> None:
    columns = {
        "id": Column(type="integer"),
        "pay": Column(type="decimal", decimal_comma=True),
        "hired": Column(type="date", format="%d.%m.%Y"),
        "seen": Column(type="timestamp"),
        "active": Column(type="boolean"),
        "rate": Column(type="double"),
    }
    table = FileTable(
        files="people.xlsx", sheet="staff", primary_key=("id",), header_row=2, columns=columns
    )
    rows: list[list[Any]] = [
        ["Staff list"],
        [*columns],
        [2, 0.1 + 0.2, date(2026, 1, 2), datetime.fromisoformat("2026-01-02 03:04:00"), True, 0.25],
        ["1", "1.234,5", "31.12.2025", date(2026, 1, 2), 0, "0.5"],
    ]
    workbook(landing, {"staff": rows})
    assert [tuple(row.values()) for row in landing.rows(table, folder="drop")] == [
        (
            1,
            Decimal("1234.5"),
            date(2025, 12, 31),
            datetime.fromisoformat("2026-01-02 00:00:00"),
            False,
            0.5,
        ),
        (
            2,
            Decimal("0.3"),
            date(2026, 1, 2),
            datetime.fromisoformat("2026-01-02 03:04:00"),
            True,
            0.25,
        ),
    ]


@pytest.mark.parametrize(
    ("kind", "cell", "problem"),
    [
        ("date", 45000, "row 3, column v: '45000' is not a date"),
        ("integer", 1.5, "row 3, column v: '1.5' is not an integer"),
        ("text", "#N/A", "cell B3, column v: the cell holds the error #N/A"),
        ("text", "=1/3", "cell B3, column v: the cell's formula has no stored result"),
    ],
)
def test_a_cell_that_does_not_fit_is_named(
    landing: Landing, kind: Any, cell: Any, problem: str
) -> None:
    """The Excel reader gives an error, or a formula that was never computed, as an empty cell."""
    table = FileTable(
        files="people.xlsx", sheet="staff", primary_key=("id",), columns={"v": Column(type=kind)}
    )
    workbook(landing, {"staff": [["id", "v"], [1, None], [2, cell]]})
    with pytest.raises(SourceBroken) as broken:
        landing.load(table, folder="drop")
    assert broken.value.problem.startswith(f"s.t: people.xlsx, sheet staff, {problem}")


def test_a_formula_that_gives_empty_text_is_empty(landing: Landing) -> None:
    workbook(landing, {"staff": [["id", "v"], [1, '=IF(A2>0,"",1)']]})
    path = landing.root / "drop" / "people.xlsx"
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    sheet = parts["xl/worksheets/sheet1.xml"]
    computed = sheet.replace(
        b'<c r="B2">', b'<c r="B2" t="str">'
    )  # as Excel stores it, once computed
    assert computed != sheet
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in {**parts, "xl/worksheets/sheet1.xml": computed}.items():
            archive.writestr(name, content)
    assert landing.rows(SHEET, folder="drop") == [{"id": "1", "v": None}]


def test_all_sheets_land_with_their_names(landing: Landing) -> None:
    workbook(landing, {"2025": [["id"], [1]], "2026": [["id"], [1], [2]]})
    table = FileTable(files="people.xlsx", sheet="*", primary_key=("id", "sheet_name"))
    assert [tuple(row.values()) for row in landing.rows(table, folder="drop")] == [
        ("1", "2025"),
        ("1", "2026"),
        ("2", "2026"),
    ]


@pytest.mark.parametrize("sheet", [None, "missing"])
def test_the_sheets_are_named_where_the_wanted_one_is_not(
    landing: Landing, sheet: str | None
) -> None:
    workbook(landing, {"a": [["id"]], "b": [["id"]]})
    with pytest.raises(SourceBroken, match="its sheets are a, b"):
        landing.load(
            FileTable(files="people.xlsx", sheet=sheet, primary_key=("id",)), folder="drop"
        )


def test_a_file_that_is_no_workbook_is_refused(landing: Landing) -> None:
    landing.write("people.xlsx", "id,v\n")
    with pytest.raises(SourceBroken, match="no workbook that can be read"):
        landing.load(SHEET, folder="drop")
