"""Raw faces over real Parquet in a lake."""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest

from scorecard.load import LoadManifest
from scorecard.sources import ColumnarTable, Deletes, Table
from tests.transforms.landing import FIRST, INCREMENTAL, SNAPSHOT, land, land_many
from transforms.raw import HELD_SCHEMA, RawFaceError, RawTable, create_raw_faces


@pytest.fixture
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as opened:
        yield opened


def shop(*loads: LoadManifest, table: Table = SNAPSHOT, **more: Any) -> RawTable:
    return RawTable("shop", "orders", table, tuple(loads), **more)


def face(
    connection: duckdb.DuckDBPyConnection, columns: str = "*", of: str = "shop__orders"
) -> list[Any]:
    return connection.execute(f"select {columns} from raw.{of} order by all").fetchall()


def held(load: LoadManifest, *rows: int) -> pa.Table:
    return pa.table(
        {
            "load_id": [load.load_id] * len(rows),
            "file": ["part-0000.parquet"] * len(rows),
            "file_row_number": pa.array(rows, pa.int64()),
        },
        schema=HELD_SCHEMA,
    )


def test_a_snapshot_table_is_its_newest_good_snapshot(
    tmp_path: Path, connection: duckdb.DuckDBPyConnection
) -> None:
    loads = land_many(
        tmp_path,
        "select 1 as order_id union all select 2",
        "select 2 as order_id union all select 3",
    )
    create_raw_faces(connection, [shop(*loads)], lake=tmp_path)
    assert face(connection) == [(2,), (3,)]


def test_the_loads_face_has_every_version_with_its_load(
    tmp_path: Path, connection: duckdb.DuckDBPyConnection
) -> None:
    loads = land_many(tmp_path, "select 1 as order_id", "select 1 as order_id")
    create_raw_faces(connection, [shop(*loads)], lake=tmp_path)
    assert face(connection, of="shop__orders__loads") == [
        (1, load.load_id, (FIRST + timedelta(days=days)).replace(tzinfo=None))
        for days, load in enumerate(loads)
    ]


def test_increments_give_the_newest_version_of_each_row(
    tmp_path: Path, connection: duckdb.DuckDBPyConnection
) -> None:
    loads = land_many(
        tmp_path,
        "select * from (values (1, 'a', 1, false), (2, 'b', 1, false)) as t(order_id, kind, changed, is_deleted)",
        "select * from (values (2, 'c', 2, false), (3, 'd', 2, false)) as t(order_id, kind, changed, is_deleted)",
        "select * from (values (3, 'd', 3, true)) as t(order_id, kind, changed, is_deleted)",
        is_snapshot=False,
    )
    create_raw_faces(connection, [shop(*loads, table=INCREMENTAL)], lake=tmp_path)
    assert face(connection, "order_id, kind") == [(1, "a"), (2, "c")]
    assert len(face(connection, of="shop__orders__loads")) == 5


def test_within_one_load_the_greatest_cursor_is_the_newest_version(
    tmp_path: Path, connection: duckdb.DuckDBPyConnection
) -> None:
    """An API that changes under the reader gives a row twice, on two pages."""
    load = land(
        tmp_path,
        1,
        "select * from (values (1, 'new', 9), (1, 'old', 8)) as t(order_id, kind, changed)",
        is_snapshot=False,
    )
    create_raw_faces(connection, [shop(load, table=INCREMENTAL)], lake=tmp_path)
    assert face(connection, "kind") == [("new",)]


def test_a_snapshot_among_increments_ends_what_was_before_it(
    tmp_path: Path, connection: duckdb.DuckDBPyConnection
) -> None:
    row = "select {} as order_id, 1 as changed, false as is_deleted"
    loads = (
        land(tmp_path, 1, row.format(1), is_snapshot=False),
        land(tmp_path, 2, row.format(2), is_snapshot=True),
        land(tmp_path, 3, row.format(3), is_snapshot=False),
    )
    create_raw_faces(connection, [shop(*loads, table=INCREMENTAL)], lake=tmp_path)
    assert face(connection, "order_id") == [(2,), (3,)]


@pytest.mark.parametrize(
    ("flag", "present"),
    [
        ("true", False),
        ("false", True),
        ("null::boolean", True),
        ("1::bigint", False),
        ("0::bigint", True),
        ("null::bigint", True),
        ("'true'", False),
        ("'0'", True),
        ("''", True),
        ("'by the customer'", False),
        ("timestamp '2026-01-01'", False),
        ("null::timestamp", True),
    ],
)
def test_a_deleted_row_is_told_by_flags_of_any_type(
    tmp_path: Path, connection: duckdb.DuckDBPyConnection, flag: str, present: bool
) -> None:
    """SQLite has no booleans: its 0 is not null and must not delete the row."""
    table = ColumnarTable(files="x", primary_key=("order_id",), deletes=Deletes(column="gone"))
    load = land(tmp_path, 1, f"select 1 as order_id, {flag} as gone")
    create_raw_faces(connection, [shop(load, table=table)], lake=tmp_path)
    assert bool(face(connection)) is present


def test_quarantined_rows_are_in_neither_face(
    tmp_path: Path, connection: duckdb.DuckDBPyConnection
) -> None:
    load = land(tmp_path, 1, "select unnest([10, 20, 30]) as order_id")
    create_raw_faces(connection, [shop(load, held=held(load, 1))], lake=tmp_path)
    assert face(connection) == [(10,), (30,)]
    assert face(connection, "order_id", "shop__orders__loads") == [(10,), (30,)]


def test_a_quarantined_version_gives_way_to_the_one_before(
    tmp_path: Path, connection: duckdb.DuckDBPyConnection
) -> None:
    rows = "select 1 as order_id, {} as amount, {} as changed"
    loads = land_many(tmp_path, rows.format(5, 1), rows.format(-5, 2), is_snapshot=False)
    table = shop(*loads, table=INCREMENTAL, held=held(loads[1], 0))
    create_raw_faces(connection, [table], lake=tmp_path)
    assert face(connection, "amount") == [(5,)]


def test_columns_are_matched_by_name_and_are_those_of_the_newest_load(
    tmp_path: Path, connection: duckdb.DuckDBPyConnection
) -> None:
    loads = land_many(
        tmp_path,
        "select 1 as order_id, 'x' as old, 1 as changed",
        "select 2 as order_id, 2 as changed, 'y' as new",
        is_snapshot=False,
    )
    create_raw_faces(connection, [shop(*loads, table=INCREMENTAL)], lake=tmp_path)
    assert connection.table("raw.shop__orders").columns == ["order_id", "changed", "new"]
    assert face(connection) == [(1, 1, None), (2, 2, "y")]
    assert connection.table("raw.shop__orders__loads").columns == [
        "order_id", "changed", "new", "old", "load_id", "extracted_at"
    ]  # fmt: skip


@pytest.mark.parametrize("kinds", [("decimal(18,4)", "decimal(38,2)"), ("bigint", "decimal(18,4)")])
@pytest.mark.parametrize("is_turned", [False, True])
def test_decimals_that_change_their_scale_lose_no_digit(
    tmp_path: Path, connection: duckdb.DuckDBPyConnection, kinds: tuple[str, str], is_turned: bool
) -> None:
    """DuckDB by itself gives 1.23 for 1.2345 as soon as another file has two decimals."""
    rows = "select {0} as order_id, (case when '{1}' like '%,4)' then 1.2345 else 7 end)::{1} as amount, {0} as changed"
    pair = tuple(reversed(kinds)) if is_turned else kinds
    loads = land_many(
        tmp_path,
        *(rows.format(number, kind) for number, kind in enumerate(pair)),
        is_snapshot=False,
    )
    create_raw_faces(connection, [shop(*loads, table=INCREMENTAL)], lake=tmp_path)
    assert sorted(amount for (amount,) in face(connection, "amount")) == [Decimal("1.2345"), 7]


def test_other_types_that_differ_meet_in_a_common_one(
    tmp_path: Path, connection: duckdb.DuckDBPyConnection
) -> None:
    loads = land_many(
        tmp_path,
        "select 1 as order_id, 7::bigint as code, 1 as changed",
        "select 2 as order_id, 'x7' as code, 2 as changed",
        is_snapshot=False,
    )
    create_raw_faces(connection, [shop(*loads, table=INCREMENTAL)], lake=tmp_path)
    assert face(connection, "code") == [("7",), ("x7",)]


def test_without_a_good_load_the_faces_have_columns_and_no_rows(
    tmp_path: Path, connection: duckdb.DuckDBPyConnection
) -> None:
    rejected = land(tmp_path, 1, "select 1 as order_id, 2.5::decimal(9,2) as amount")
    create_raw_faces(connection, [shop(newest=rejected)], lake=tmp_path)
    assert connection.table("raw.shop__orders").columns == ["order_id", "amount"]
    assert face(connection) == face(connection, of="shop__orders__loads") == []


def test_without_any_load_the_error_names_the_source(
    tmp_path: Path, connection: duckdb.DuckDBPyConnection
) -> None:
    with pytest.raises(RawFaceError, match=r"shop\.orders: nothing was ever loaded.*source shop"):
        create_raw_faces(connection, [shop()], lake=tmp_path)


def test_columns_called_as_those_that_are_added_keep_their_values(
    tmp_path: Path, connection: duckdb.DuckDBPyConnection
) -> None:
    load = land(tmp_path, 1, "select 1 as order_id, 'lorry 5' as load_id")
    create_raw_faces(connection, [shop(load)], lake=tmp_path)
    assert face(connection, "load_id") == [("lorry 5",)]
    assert face(connection, "source_load_id, load_id", "shop__orders__loads") == [
        ("lorry 5", load.load_id)
    ]


def test_odd_column_names_are_quoted(tmp_path: Path, connection: duckdb.DuckDBPyConnection) -> None:
    load = land(tmp_path, 1, """select 1 as order_id, 2 as "Größe ""A"".b", 3 as "select" """)
    create_raw_faces(connection, [shop(load)], lake=tmp_path)
    assert face(connection) == [(1, 2, 3)]


def test_faces_can_be_made_anew(tmp_path: Path, connection: duckdb.DuckDBPyConnection) -> None:
    loads = land_many(tmp_path, "select 1 as order_id", "select 2 as order_id")
    create_raw_faces(connection, [shop(loads[0], held=held(loads[0], 0))], lake=tmp_path)
    create_raw_faces(connection, [shop(*loads)], lake=tmp_path)
    assert face(connection) == [(2,)]
    assert face(connection, "order_id", "shop__orders__loads") == [(1,), (2,)]


def test_a_load_may_have_several_files(
    tmp_path: Path, connection: duckdb.DuckDBPyConnection
) -> None:
    load = land(tmp_path, 1, "select 1 as order_id")
    folder = tmp_path / load.folder
    connection.execute(f"copy (select 2 as order_id) to '{folder / 'part-0001.parquet'}'")
    both = load.model_copy(update={"files": ("part-0000.parquet", "part-0001.parquet")})
    create_raw_faces(connection, [shop(both)], lake=tmp_path)
    assert face(connection) == [(1,), (2,)]
