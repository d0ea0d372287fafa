from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from connectors.errors import SourceBroken
from scorecard.sources import Column, ColumnarTable
from tests.connectors.conftest import Landing

SHIPMENTS = ColumnarTable(files="*.parquet", primary_key=("id",))


@pytest.fixture
def parquet(landing: Landing) -> Any:
    def write(name: str, **columns: Any) -> Path:
        path = landing.root / "drop" / name
        path.parent.mkdir(exist_ok=True)
        pq.write_table(pa.Table.from_pydict(columns), path)
        return path

    return write


def test_parquet_lands_with_its_own_types(landing: Landing, parquet: Any) -> None:
    parquet(
        "a.parquet",
        id=pa.array([1], pa.int16()),
        shipDate=pa.array([date(2026, 1, 2)]),
        at=pa.array([datetime(2026, 1, 2, tzinfo=UTC)], pa.timestamp("ns", "Europe/Berlin")),
        freight=pa.array([Decimal("1.50")], pa.decimal128(10, 2)),
        ratio=pa.array([0.5], pa.float32()),
        kind=pa.array(["x"]).dictionary_encode(),
        to=pa.array([{"postalCode": "007", "geo": {"lat": 1.5}}]),
        tags=pa.array([["a", "b"]]),
        nothing=pa.array([None], pa.null()),
    )
    manifest = landing.load(SHIPMENTS, folder="drop").manifest
    assert manifest.columns == {
        "id": "BIGINT",
        "ship_date": "DATE",
        "at": "TIMESTAMP WITH TIME ZONE",
        "freight": "DECIMAL(10,2)",
        "ratio": "DOUBLE",
        "kind": "VARCHAR",
        "to__postal_code": "VARCHAR",
        "to__geo__lat": "DOUBLE",
        "tags": "VARCHAR",
        "nothing": "VARCHAR",
    }
    described = duckdb.sql(
        f"describe from '{landing.lake / manifest.folder / manifest.files[0]}'"
    ).fetchall()
    assert {name: kind for name, kind, *_ in described} == manifest.columns
    [row] = landing.landed(manifest)
    assert list(row.values())[3:] == [Decimal("1.50"), 0.5, "x", "007", 1.5, '["a","b"]', None]


def test_many_files_are_one_table(landing: Landing, parquet: Any) -> None:
    parquet("a.parquet", id=pa.array([3], pa.int32()), v=pa.array([None], pa.null()))
    parquet("b.parquet", v=pa.array(["x"]), id=pa.array([1], pa.int64()))
    assert landing.rows(SHIPMENTS, folder="drop") == [{"id": 1, "v": "x"}, {"id": 3, "v": None}]


def test_types_that_drift_between_files_are_refused(landing: Landing, parquet: Any) -> None:
    """Dlt gives the differing file a column of its own, `v__v_text`."""
    parquet("a.parquet", id=pa.array([1]), v=pa.array([1]))
    parquet("b.parquet", id=pa.array([2]), v=pa.array(["1"]))
    with pytest.raises(
        SourceBroken, match=r"in b\.parquet the column v is VARCHAR, in files before it BIGINT"
    ):
        landing.load(SHIPMENTS, folder="drop")


def test_a_file_with_other_columns_is_named(landing: Landing, parquet: Any) -> None:
    parquet("a.parquet", id=pa.array([1]), v=pa.array([1]))
    parquet("b.parquet", id=pa.array([2]))
    with pytest.raises(SourceBroken, match=r"b\.parquet lacks v, compared with a\.parquet"):
        landing.load(SHIPMENTS, folder="drop")


def test_a_truncated_file_is_refused(landing: Landing, parquet: Any) -> None:
    path = parquet("a.parquet", id=pa.array([1]))
    path.write_bytes(path.read_bytes()[:-10])
    with pytest.raises(SourceBroken, match=r"a\.parquet is no Parquet file"):
        landing.load(SHIPMENTS, folder="drop")


def test_a_moment_finer_than_a_microsecond_is_refused(landing: Landing, parquet: Any) -> None:
    parquet("a.parquet", id=pa.array([1]), at=pa.array([1], pa.timestamp("ns")))
    with pytest.raises(
        SourceBroken, match=r"a\.parquet: a value of column at does not fit TIMESTAMP"
    ):
        landing.load(SHIPMENTS, folder="drop")


def test_csv_is_typed_as_declared(landing: Landing) -> None:
    landing.write("stock_1.csv", "id,units,code\n2,5,01\n")
    landing.write("stock_2.csv", "id,units,code\n1,,02\n")
    table = ColumnarTable(
        files="stock_*.csv",
        primary_key=("id",),
        columns={"id": Column(type="integer"), "units": Column(type="integer")},
    )
    assert landing.rows(table, folder="drop") == [
        {"id": 1, "units": None, "code": "02"},
        {"id": 2, "units": 5, "code": "01"},
    ]
