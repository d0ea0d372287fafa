"""Personal columns must be in no byte that is written: neither in the lake nor in dlt's temporary files."""

import hashlib
import hmac
import shutil
import sqlite3
from itertools import count
from pathlib import Path
from typing import Any

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from connectors.errors import SourceBroken
from scorecard.sources import Column, ColumnarTable, FileTable, RestTable, SqlTable
from tests.connectors.conftest import FakeCrm, Landing

KEY = "a long random text of our own"
SURNAME, MAIL = "Zweifelhofer", "zweifelhofer@roastery.example"
HASHED = hmac.new(KEY.encode(), MAIL.encode(), hashlib.sha256).hexdigest()
PERSONAL: dict[str, Any] = {"surname": "drop", "mail": "hash"}


@pytest.fixture
def kept(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Keep a copy of every folder, by dlt or by us, as it is just before it is cleared away."""
    copies = tmp_path / "kept"
    numbers = count()
    remove = shutil.rmtree

    def keep_and_remove(folder: Any, *args: Any, **options: Any) -> None:
        shutil.copytree(folder, copies / str(next(numbers)))
        remove(folder, *args, **options)

    monkeypatch.setattr(shutil, "rmtree", keep_and_remove)
    return copies


def written_below(*folders: Path) -> bytes:
    """Give all bytes in all files; Parquet columns read out too, since they are compressed."""
    found = b""
    for path in (path for folder in folders for path in folder.rglob("*") if path.is_file()):
        found += path.read_bytes()
        if path.suffix == ".parquet":
            found += repr(pq.ParquetFile(path).read().to_pydict()).encode()
    return found


def sql(landing: Landing, _: FakeCrm) -> tuple[Any, dict[str, Any]]:
    with sqlite3.connect(landing.root / "crm.sqlite") as connection:
        connection.execute("create table person (id integer, surname text, mail text)")
        connection.execute("insert into person values (1, ?, ?)", (SURNAME, MAIL))
    connection.close()
    return SqlTable(table="person", primary_key=("id",), personal=PERSONAL), {
        "url": "sqlite:///crm.sqlite"
    }


def csv_file(landing: Landing, _: FakeCrm) -> tuple[Any, dict[str, Any]]:
    landing.write("p.csv", f"id,Surname,Mail\n1,{SURNAME},{MAIL}\n")
    return FileTable(files="p.csv", primary_key=("id",), personal=PERSONAL), {"folder": "drop"}


def workbook(landing: Landing, _: FakeCrm) -> tuple[Any, dict[str, Any]]:
    book = openpyxl.Workbook()
    for row in (["id", "surname", "mail"], [1, SURNAME, MAIL]):
        book.worksheets[0].append(row)
    (landing.root / "drop").mkdir()
    book.save(landing.root / "drop" / "p.xlsx")
    return FileTable(files="p.xlsx", primary_key=("id",), personal=PERSONAL), {"folder": "drop"}


def parquet(landing: Landing, _: FakeCrm) -> tuple[Any, dict[str, Any]]:
    (landing.root / "drop").mkdir()
    rows = pa.Table.from_pydict({"id": [1], "surname": [SURNAME], "mail": [MAIL]})
    pq.write_table(rows, landing.root / "drop" / "p.parquet")
    return ColumnarTable(files="p.parquet", primary_key=("id",), personal=PERSONAL), {
        "folder": "drop"
    }


def rest(_: Landing, crm: FakeCrm) -> tuple[Any, dict[str, Any]]:
    crm.serve([{"id": 1, "contact": {"surname": SURNAME, "mail": MAIL}}])
    personal: dict[str, Any] = {
        f"contact__{name}": treatment for name, treatment in PERSONAL.items()
    }
    table = RestTable(path="/p", primary_key=("id",), personal=personal)
    return table, {"base_url": crm.url, "token": crm.token}


@pytest.mark.parametrize("source", [sql, csv_file, workbook, parquet, rest])
def test_personal_columns_are_in_no_byte_that_is_written(
    landing: Landing, crm: FakeCrm, kept: Path, source: Any
) -> None:
    landing.environment = {"STEELYARD_HASH_KEY": KEY}
    table, settings = source(landing, crm)
    manifest = landing.load(table, **settings).manifest
    written = written_below(landing.lake, kept)
    assert list(kept.rglob("*.parquet")), "dlt's files have been looked at"
    assert HASHED.encode() in written
    assert SURNAME.encode() not in written
    assert MAIL.encode() not in written
    [row] = landing.landed(manifest)
    assert HASHED in row.values()
    assert len(row) == 2


PEOPLE = (
    "employee_id,first_name,Birth Date,work__email,role\n1,Ann,1990-01-01,a@b.example,Roaster\n"
)


def test_well_known_columns_of_hr_are_dropped_by_default(landing: Landing) -> None:
    landing.write("p.csv", PEOPLE)
    table = FileTable(files="p.csv", primary_key=("employee_id",))
    assert landing.rows(table, folder="drop", area="hr") == [
        {"employee_id": "1", "role": "Roaster"}
    ]


def test_what_a_table_declares_goes_before_the_default(landing: Landing) -> None:
    landing.environment = {"STEELYARD_HASH_KEY": KEY}
    landing.write("p.csv", PEOPLE)
    personal: dict[str, Any] = {"first_name": "keep", "birth_date": "hash", "role": "drop"}
    table = FileTable(
        files="p.csv",
        primary_key=("employee_id",),
        personal=personal,
        columns={"birth_date": Column(type="date")},
    )
    [row] = landing.rows(table, folder="drop", area="hr")
    assert list(row) == ["employee_id", "first_name", "birth_date"]
    assert row["first_name"] == "Ann"
    assert len(row["birth_date"]) == 64


def test_equal_values_have_equal_hashes_and_null_stays_null(landing: Landing) -> None:
    landing.environment = {"STEELYARD_HASH_KEY": KEY}
    landing.write("p.csv", "id,mail\n1,x\n2,x\n3,\n4,y\n")
    table = FileTable(files="p.csv", primary_key=("id",), personal={"mail": "hash"})
    first, second, third, fourth = (row["mail"] for row in landing.rows(table, folder="drop"))
    assert first == second != fourth
    assert third is None


@pytest.mark.parametrize("environment", [{}, {"STEELYARD_HASH_KEY": "short"}])
def test_hashing_needs_a_key(landing: Landing, environment: dict[str, str]) -> None:
    landing.environment = environment
    landing.write("p.csv", "id,mail\n1,x\n")
    with pytest.raises(SourceBroken, match="STEELYARD_HASH_KEY is not set"):
        landing.load(
            FileTable(files="p.csv", primary_key=("id",), personal={"mail": "hash"}), folder="drop"
        )


def test_a_declared_personal_column_that_is_missing_is_refused(landing: Landing) -> None:
    """Renamed in the source, it would slip into the lake under its new name."""
    landing.write("p.csv", "id,e_mail\n1,x\n")
    with pytest.raises(SourceBroken, match="declared personal, but not in the source: mail"):
        landing.load(
            FileTable(files="p.csv", primary_key=("id",), personal={"mail": "drop"}), folder="drop"
        )


def test_a_declared_personal_field_that_is_missing_is_refused(
    landing: Landing, crm: FakeCrm
) -> None:
    table = RestTable(path="/p", primary_key=("id",), personal={"contact__mail": "drop"})
    crm.serve([{"id": 1, "contact": None}])
    assert landing.load(table, base_url=crm.url, token=crm.token).outcome == "loaded"
    crm.serve([{"id": 1, "contact": {"eMail": MAIL}}])
    with pytest.raises(SourceBroken, match="not in the source: contact__mail"):
        landing.load(table, base_url=crm.url, token=crm.token)


def test_a_personal_column_that_the_table_needs_must_be_declared(landing: Landing) -> None:
    landing.write("p.csv", "email,role\nx,y\n")
    with pytest.raises(
        SourceBroken, match="column email is personal in tables of area hr, and the table needs it"
    ):
        landing.load(FileTable(files="p.csv", primary_key=("email",)), folder="drop", area="hr")


def test_a_hashed_key_is_a_key(landing: Landing) -> None:
    landing.environment = {"STEELYARD_HASH_KEY": KEY}
    landing.write("p.csv", f"email,role\n{MAIL},y\n")
    table = FileTable(files="p.csv", primary_key=("email",), personal={"email": "hash"})
    assert landing.rows(table, folder="drop", area="hr") == [{"email": HASHED, "role": "y"}]
