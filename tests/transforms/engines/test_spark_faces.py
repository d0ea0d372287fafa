"""Raw faces on Spark are those of DuckDB: over loads of every sort, row by row."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import pyarrow as pa
import pytest

from scorecard.load import LoadManifest
from scorecard.sources import ColumnarTable, Deletes
from tests.transforms.engines.proof import CLUSTER, in_order, needs_spark
from tests.transforms.landing import INCREMENTAL, SNAPSHOT, land, land_many
from transforms.engines.spark import Spark, started
from transforms.publishing import MeasureFailed
from transforms.raw import HELD_SCHEMA, RawTable, create_raw_faces
from transforms.sql_guard import guard

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

pytestmark = needs_spark
AS_OF = date(2026, 1, 31)
FACES = ("raw.shop__orders", "raw.shop__orders__loads")


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Iterator["SparkSession"]:
    log = tmp_path_factory.mktemp("spark") / "spark.log"
    with started(CLUSTER, {"spark.sql.shuffle.partitions": "2"}, log=log) as opened:
        yield opened


def held(load: LoadManifest, *rows: int) -> pa.Table:
    return pa.table(
        {
            "load_id": [load.load_id] * len(rows),
            "file": ["part-0000.parquet"] * len(rows),
            "file_row_number": pa.array(rows, pa.int64()),
        },
        schema=HELD_SCHEMA,
    )


def both(
    session: "SparkSession", table: RawTable, face: str, *, lake: Path, columns: str = "*"
) -> tuple[list[Any], list[Any]]:
    """Give a face's rows by DuckDB and by Spark."""
    with duckdb.connect() as connection:
        connection.execute("load icu; set TimeZone='UTC'; create schema measure")
        create_raw_faces(connection, [table], lake=lake)
        sql = f"select {columns} from {face}"
        engine = Spark(CLUSTER, session=session)
        with engine.open(connection, [table], lake=lake, work=lake, home=["measure.face"]) as maker:
            select = guard(sql, name="measure.face", tables=FACES)
            maker.make(connection, select, target="measure.face", as_of=AS_OF)
        here = connection.execute(sql)
        described = here.description
        rows = here.fetchall()
        there = connection.execute("from measure.face")
        assert there.description == described
        return in_order(rows), in_order(there.fetchall())


ROW = "select {} as order_id, '{}' as kind, {}::bigint as changed, {} as is_deleted"


def increments(lake: Path) -> tuple[LoadManifest, ...]:
    return land_many(
        lake,
        f"{ROW.format(1, 'a', 1, 'false')} union all {ROW.format(2, 'b', 1, 'false')}",
        f"{ROW.format(2, 'c', 2, 'false')} union all {ROW.format(3, 'd', 'null', 'null')} "
        f"union all {ROW.format(3, 'e', 7, 'false')} union all {ROW.format(3, 'f', 7, 'false')}",
        f"{ROW.format(1, 'g', 3, 'true')} union all {ROW.format(4, 'h', 3, 'false')}",
        is_snapshot=False,
    )


@pytest.mark.parametrize("face", FACES)
def test_increments_give_the_newest_version(
    session: "SparkSession", tmp_path: Path, face: str
) -> None:
    table = RawTable("shop", "orders", INCREMENTAL, increments(tmp_path))
    here, there = both(session, table, face, lake=tmp_path)
    assert here == there
    assert len(here) == {FACES[0]: 3, FACES[1]: 8}[face]


@pytest.mark.parametrize("face", FACES)
def test_rows_that_are_held_back_are_left_out(
    session: "SparkSession", tmp_path: Path, face: str
) -> None:
    loads = increments(tmp_path)
    rows = pa.concat_tables([held(loads[0], 1), held(loads[2], 0)])
    table = RawTable("shop", "orders", INCREMENTAL, loads, held=rows)
    here, there = both(session, table, face, lake=tmp_path)
    assert here == there


@pytest.mark.parametrize("face", FACES)
def test_a_snapshot_ends_what_was_before_it(
    session: "SparkSession", tmp_path: Path, face: str
) -> None:
    """The second load has another column, another scale, and whole numbers where there were decimals."""
    loads = land_many(
        tmp_path,
        "select 1 as order_id, 1.25::decimal(9, 2) as amount, 7 as n",
        "select 1 as order_id, 2.125::decimal(12, 3) as amount, 'x' as also",
        "select 2 as order_id, 3::bigint as amount, 'y' as also",
    )
    here, there = both(session, RawTable("shop", "orders", SNAPSHOT, loads), face, lake=tmp_path)
    assert here == there


@pytest.mark.parametrize(
    "flag", ["true", "null::boolean", "1::bigint", "0", "'true'", "'0'", "' F '", "''", "'by the customer'", "timestamp '2026-01-01'", "null::date"]
)  # fmt: skip
def test_deleted_rows_are_told_alike(session: "SparkSession", tmp_path: Path, flag: str) -> None:
    table = ColumnarTable(files="x", primary_key=("order_id",), deletes=Deletes(column="gone"))
    load = land(tmp_path, 1, f"select 1 as order_id, {flag} as gone")
    here, there = both(session, RawTable("shop", "orders", table, (load,)), FACES[0], lake=tmp_path)
    assert here == there


def test_a_table_without_a_good_load_is_empty(session: "SparkSession", tmp_path: Path) -> None:
    load = land(tmp_path, 1, "select 1 as order_id, 2.5::decimal(9, 2) as amount")
    table = RawTable("shop", "orders", SNAPSHOT, (), newest=load)
    assert both(session, table, FACES[0], lake=tmp_path) == ([], [])


def test_a_column_that_spark_cannot_hold_is_only_refused_where_it_is_used(
    session: "SparkSession", tmp_path: Path
) -> None:
    load = land(tmp_path, 1, "select 1 as order_id, time '10:00:00' as at_time")
    table = RawTable("shop", "orders", SNAPSHOT, (load,))
    assert both(session, table, FACES[0], lake=tmp_path, columns="order_id") == ([(1,)], [(1,)])
    with pytest.raises(MeasureFailed, match="at_time of type TIME, which Spark is not proven"):
        both(session, table, FACES[0], lake=tmp_path)


def test_types_that_are_not_proven_to_meet_alike_are_refused(
    session: "SparkSession", tmp_path: Path
) -> None:
    loads = land_many(
        tmp_path, "select 1 as order_id, 'x' as n", "select 2 as order_id, 1.5::double as n"
    )
    table = RawTable("shop", "orders", SNAPSHOT, loads)
    with pytest.raises(MeasureFailed, match="came as DOUBLE and as VARCHAR"):
        both(session, table, FACES[1], lake=tmp_path)
