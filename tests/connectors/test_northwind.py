"""Northwind's four source forms, read whole: every table, with the rows that its README counts."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from scorecard.sources import Column, ColumnarTable, FileTable, Paging, RestTable, SqlTable
from tests.connectors.conftest import FakeCrm, Landing

NORTHWIND = Path(__file__).parents[3] / "shared" / "data" / "northwind"
pytestmark = pytest.mark.skipif(not NORTHWIND.exists(), reason="Northwind's data are not there")


@pytest.mark.parametrize(
    ("table", "key", "rows", "columns"),
    [
        ("orders", ("order_id",), 830, 9),
        ("order_details", ("order_id", "product_id"), 2155, 5),
        ("products", ("product_id",), 77, 6),
        ("categories", ("category_id",), 8, 3),
    ],
)
def test_finance(
    landing: Landing, table: str, key: tuple[str, ...], rows: int, columns: int
) -> None:
    url = f"sqlite:///{NORTHWIND}/finance/finance.sqlite"
    manifest = landing.load(SqlTable(table=table, primary_key=key), url=url).manifest
    assert (manifest.row_count, len(manifest.columns)) == (rows, columns)


def test_revenue_is_exact_to_the_last_digit(landing: Landing) -> None:
    """SQLite keeps prices as integers or binary floats, row by row."""
    table = SqlTable(table="order_details", primary_key=("order_id", "product_id"))
    manifest = landing.load(table, url=f"sqlite:///{NORTHWIND}/finance/finance.sqlite").manifest
    [[revenue]] = duckdb.sql(
        "select sum(unit_price * quantity * (1 - discount)) "
        f"from read_parquet('{landing.lake / manifest.folder / manifest.files[0]}')"
    ).fetchall()
    assert revenue == Decimal("1265793.0395")


@pytest.mark.parametrize(("table", "rows", "pages"), [("customers", 91, 2), ("orders", 830, 17)])
def test_crm(landing: Landing, crm: FakeCrm, table: str, rows: int, pages: int) -> None:
    crm.pages = [
        json.loads(path.read_text("utf-8"))
        for path in sorted((NORTHWIND / "crm" / table).iterdir())
    ]
    landed = landing.rows(
        RestTable(path=f"/{table}", primary_key=("id",)),
        base_url=crm.url,
        token=crm.token,
        paging=Paging(next="paging.next.after", param="after"),
    )
    assert (len(landed), len(crm.requests)) == (rows, pages)
    if table == "customers":
        assert sum(row["address__region"] is None for row in landed) == 60
    else:
        assert sum(len(json.loads(row["line_items"])) for row in landed) == 2155


@pytest.mark.parametrize(
    ("files", "sheet", "key", "rows"),
    [
        ("employees.csv", None, "employee_id", 9),
        ("employees.xlsx", "employees", "employee_id", 9),
        ("employees.xlsx", "territories", "territory_id", 53),
    ],
)
def test_hr(landing: Landing, files: str, sheet: str | None, key: str, rows: int) -> None:
    columns = {} if sheet == "territories" else {"hire_date": Column(type="date")}
    table = FileTable(files=files, sheet=sheet, primary_key=(key,), columns=columns)
    landed = landing.rows(table, folder=str(NORTHWIND / "hr"), area="hr")
    assert len(landed) == rows
    assert not {"last_name", "first_name", "birth_date", "address", "notes"} & set(landed[0])
    if sheet == "territories":
        assert sum(row[key].startswith("0") for row in landed) == 12


@pytest.mark.parametrize(
    ("files", "key", "rows"),
    [
        ("shipments.parquet", "order_id", 830),
        ("products_stock.csv", "product_id", 77),
        ("suppliers.csv", "supplier_id", 29),
        ("shippers.csv", "shipper_id", 3),
    ],
)
def test_operations(landing: Landing, files: str, key: str, rows: int) -> None:
    table: Any = ColumnarTable(files=files, primary_key=(key,))
    assert landing.load(table, folder=str(NORTHWIND / "operations")).manifest.row_count == rows
