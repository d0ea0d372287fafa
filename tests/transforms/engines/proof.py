"""What the two engines are compared on: a table of awkward values, and how answers are compared.

Not here: the cases (transforms/engines/allowed.yaml).
"""

import hashlib
import importlib.util
import math
import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from scorecard.load import LoadManifest
from scorecard.sources import ColumnarTable
from transforms.engine import quoted
from transforms.engines.scope import Columns
from transforms.engines.spark import Spark, SparkMaker, started
from transforms.engines.terms import Column
from transforms.engines.transpile import transpile
from transforms.publishing import MeasureFailed
from transforms.raw import RawTable, create_raw_faces
from transforms.sql_guard import guard

AS_OF = date(2024, 3, 31)
ROWS = 240
CLUSTER = "local-cluster[2,1,1024]"
"""A real master and two workers, each a process of its own."""
TABLES = ("staging.proof", "staging.small", "staging.letter")

HAS_JAVA = shutil.which("java") is not None or "JAVA_HOME" in os.environ
HAS_PYSPARK = importlib.util.find_spec("pyspark") is not None
needs_spark = pytest.mark.skipif(
    not (HAS_JAVA and HAS_PYSPARK),
    reason="no Java on this machine, or pyspark is not installed: Spark is not compared with DuckDB",
)

is_long = pytest.mark.skipif(
    os.environ.get("STEELYARD_SPARK") != "long",
    reason="the long form of the Spark tests: make spark",
)

# Lists of coprime lengths, so that values meet in ever new pairs.
_PROOF = f"""
select
    k::bigint as id,
    [0, 1, -1, 2, 7, null, 100, -42, 3, 12, 13][k % 11 + 1]::integer as i,
    [1, null, 0, -7, 4000000000, 3, 12345678901, 2, -1, 60, 61, 59, 8][k % 13 + 1]::bigint as j,
    [5, 0, -3, null, 1000000000000000000000, 7, 9][k % 7 + 1]::decimal(38, 0) as h38,
    [1, 2, null, 4294967296, 0][k % 5 + 1]::ubigint as u,
    [0, 1.5, -1.5, 2.5, null, 0.01, 1234567.89, -0.05, 19.99, 100, 0.10, -3.33, 2.50, 2.49, 1, 12345678901234.56, 7.77][k % 17 + 1]::decimal(18, 2) as d,
    [1.2345, null, 0.0001, -0.00005, 0.00005, 2.5, 1.25, -1.35, 1.0050, 99999.9999, 0, 1440, 3][k % 13 + 1]::decimal(18, 4) as e,
    [0.000000001, 1, -1.123456789, null, 12345678901234567890.123456789, 2.5, 0][k % 7 + 1]::decimal(38, 9) as g,
    ['0', '-0.0', '1.5', '-2.5', 'nan', null, '0.1', '1e-7', '2.675', '1000000.005', '0.00625'][k % 11 + 1]::double as x,
    [1.005, 2.5, 0.1, null, -3.3, 1e3, 12.345, 0.3, 2.00005][k % 9 + 1]::double as y,
    [true, false, null][k % 3 + 1] as b,
    [false, true, true, null, false][k % 5 + 1] as c,
    ['a', 'b', null, 'c', 'a', 'd'][k % 6 + 1] as s,
    ['abc', 'äöÜé', '', ' a ', null, 'a', 'İstanbul', 'ΟΔΟΣ', 'ß', 'Zebra', 'zebra', '日本', 'a_b', 'a%b', 'e\u0301', 'É', 'x''y', 'b\\\\c', 'ab'][k % 19 + 1] as v,
    ['1,5', '2.50', '10,00', null, '7'][k % 5 + 1] as n,
    ['1.5', '-2.50', null, '10.005', '7'][k % 5 + 1] as n2,
    date '2023-12-25' + (k * 37 % 460)::integer as day,
    [date '2024-02-29', date '2024-01-31', date '2023-02-28', null, date '1969-12-31', date '2024-12-31', date '2024-01-01', date '2000-02-29'][k % 8 + 1] as till,
    timestamp '2023-11-30 22:15:59.123456' + to_minutes(k * 7919) + to_microseconds(k * 333333) as moment,
    [timestamp '2024-02-29 23:59:59.999999', timestamp '2024-03-31 00:00:00', null, timestamp '1969-12-31 23:59:59.5', timestamp '2024-01-31 12:30:00'][k % 5 + 1] as until,
    (timestamp '2024-03-30 23:30:00' + to_hours(k))::timestamptz as zoned,
    time '10:11:12' as clock
from range({ROWS}) as numbers(k)
"""
_SMALL = """
select
    k::bigint as id,
    ['a', 'b', null, 'e', 'a'][k + 1] as s,
    [2, null, 7, 0, 3][k + 1]::integer as i,
    [1.5, 2.5, null, 3, 4][k + 1]::decimal(18, 2) as d,
    [date '2024-02-29', date '2024-01-31', date '2024-03-01', null, date '2023-12-31'][k + 1] as day,
    timestamp '2024-02-29 10:00:00' + to_days((k * 31)::integer) as moment
from range(5) as numbers(k)
"""

_LETTERS = """
select k::bigint as id, chr(k::integer) as letter from range(1, 131072) as numbers(k) where k not between 55296 and 57343
"""


def _columns(sql: str) -> tuple[Column, ...]:
    with duckdb.connect() as connection:
        connection.execute("load icu; set TimeZone='UTC'")
        rows = connection.execute(f"describe {sql}").fetchall()
    return tuple(Column(row[0], row[1]) for row in rows)


PROOF: Mapping[str, Columns] = {
    "staging.proof": (*_columns(_PROOF), Column("h", "HUGEINT")),
    "staging.small": _columns(_SMALL),
    "staging.letter": _columns(_LETTERS),
}
"""The tables' columns, for what needs no Spark."""


@dataclass(frozen=True)
class Answer:
    """What one engine answers: types and rows, or the error."""

    columns: tuple[tuple[str, str], ...]
    rows: tuple[tuple[Any, ...], ...]
    error: str | None = None


@dataclass(frozen=True)
class World:
    """Both engines over the same lake."""

    connection: duckdb.DuckDBPyConnection
    spark: SparkMaker

    def duckdb(self, sql: str) -> Answer:
        """Ask DuckDB."""
        parameters = {"as_of": AS_OF} if "$as_of" in sql else {}
        try:
            described = self.connection.execute(f"describe {sql}", parameters).fetchall()
            rows = self.connection.execute(sql, parameters).fetchall()
        except duckdb.Error as error:
            return Answer((), (), str(error))
        return Answer(tuple((row[0], row[1]) for row in described), tuple(rows))

    def on_spark(self, sql: str) -> Answer:
        """Ask Spark, by the way that measures take."""
        select = guard(sql, name="measure.case", tables=TABLES)
        try:
            self.spark.make(self.connection, select, target='measure."case"', as_of=AS_OF)
        except MeasureFailed as error:
            return Answer((), (), str(error))
        answer = self.duckdb('select * from measure."case"')
        self.connection.execute('drop table measure."case"')
        self.spark.faces.session.catalog.clearCache()
        return answer

    def inexact(self, sql: str) -> set[str]:
        """Name the columns that are equal to 1e-9 alone."""
        written = transpile(
            guard(sql, name="measure.case", tables=TABLES), self.spark.tables, as_of=AS_OF
        )
        return {column.name for column in written.columns or () if column.is_inexact}


@contextmanager
def open_world(folder: Path) -> Iterator[World]:
    """Land the tables in a lake and open both engines on it."""
    raw = [
        _land(folder / "lake", name, sql)
        for name, sql in (("proof", _PROOF), ("small", _SMALL), ("letter", _LETTERS))
    ]
    options = {"spark.sql.shuffle.partitions": "2", "spark.driver.memory": "1g"}
    with (
        duckdb.connect() as connection,
        started(CLUSTER, options, log=folder / "spark.log") as session,
    ):
        connection.execute(
            "load icu; set TimeZone='UTC'; create schema staging; create schema measure; create schema away"
        )
        create_raw_faces(connection, raw, lake=folder / "lake")
        engine = Spark(CLUSTER, session=session)
        with engine.open(
            connection, raw, lake=folder / "lake", work=folder, home=["measure.case"]
        ) as spark:
            for table in raw:
                also = ", h38::hugeint as h" if table.table_id == "proof" else ""
                sql = f"select *{also} from raw.{table.name}"
                name = f"staging.{table.table_id}"
                connection.execute(f"create table {quoted(name)} as {sql}")
                spark.make(
                    connection,
                    guard(sql, name=name, tables=[f"raw.{table.name}"]),
                    target=quoted(f"away.{table.table_id}"),
                    as_of=AS_OF,
                )
            yield World(connection, spark)


def _land(lake: Path, name: str, sql: str) -> RawTable:
    load_id = "20240301T000000000000Z"
    folder = lake / "lab" / name / load_id
    folder.mkdir(parents=True)
    path = folder / "part-0000.parquet"
    with duckdb.connect() as connection:
        connection.execute("load icu; set TimeZone='UTC'")
        connection.execute(f"copy ({sql}) to '{path}' (format parquet)")
        described = connection.execute(f"describe from '{path}'").fetchall()
    manifest = LoadManifest(
        source="lab", table=name, load_id=load_id, row_count=ROWS, byte_count=path.stat().st_size,
        columns={row[0]: row[1] for row in described}, primary_key=("id",), is_snapshot=True,
        extracted_at=datetime(2024, 3, 1, tzinfo=UTC), data_as_of=date(2024, 3, 1),
        content_hash=hashlib.sha256(path.read_bytes()).hexdigest(), files=(path.name,),
    )  # fmt: skip
    return RawTable(
        "lab",
        name,
        ColumnarTable(primary_key=("id",), files="x.parquet"),
        (manifest,),
        newest=manifest,
    )


def in_order(rows: Sequence[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    """Put rows in an order of their own; floating numbers last, since they may differ in their last digits."""
    return sorted(rows, key=lambda row: ([repr(each) for each in row if not isinstance(each, float)], [_rounded(each) for each in row if isinstance(each, float)]))  # fmt: skip


def _rounded(value: float) -> str:
    return f"{value:.6e}" if math.isfinite(value) else repr(value)


def differing(one: Answer, other: Answer, *, inexact: set[str]) -> list[str]:
    """Say where two answers differ: nothing may but the last digits of floating sums."""
    if one.error or other.error:
        return [f"errors: {one.error} / {other.error}"]
    if one.columns != other.columns:
        return [f"columns: {one.columns} / {other.columns}"]
    if len(one.rows) != len(other.rows):
        return [f"{len(one.rows)} rows / {len(other.rows)} rows"]
    names = [name for name, _ in one.columns]
    found = []
    for left, right in zip(in_order(one.rows), in_order(other.rows), strict=True):
        for name, mine, theirs in zip(names, left, right, strict=True):
            if not _equal(mine, theirs, is_inexact=name in inexact):
                found.append(f"{name}: {mine!r} / {theirs!r} in {left}")
    return found[:3]


def _equal(one: Any, other: Any, *, is_inexact: bool) -> bool:
    if not isinstance(one, float) or not isinstance(other, float):
        return bool(one == other)
    if math.isnan(one) or math.isnan(other):
        return math.isnan(one) and math.isnan(other)
    return math.isclose(one, other, rel_tol=1e-9, abs_tol=1e-9) if is_inexact else one == other
