"""Raw faces on Spark: the lake's Parquet, read by the rules of `transforms.raw`.

Names and types are those of the faces in DuckDB, which are asked for them. A column of a type that Spark is not proven to hold is
there by name and cannot be used.

Not here: which rows count (raw, contracts), and reading Parquet itself.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC
from functools import cache
from typing import TYPE_CHECKING

import duckdb
import pyarrow as pa

from scorecard.load import LoadManifest
from transforms.engine import literal
from transforms.engines.casts import Unproven, cast
from transforms.engines.kinds import kind, spark_type, value_of
from transforms.engines.scope import spark_name
from transforms.engines.terms import Column
from transforms.publishing import MeasureFailed
from transforms.raw import LOAD_COLUMNS, RawTable, column_name, current_loads

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

LOADS = "__loads"
_FALSE = ("false", "f", "0", "no", "n", "off")


@dataclass(frozen=True)
class Faces:
    """Makes the faces of raw tables in a Spark session."""

    session: "SparkSession"
    tables: Mapping[str, RawTable]
    """By the name of the face, as `raw.<source>__<table>`."""
    lake: str
    """Where Spark finds the lake."""

    def columns(self, face: str, connection: duckdb.DuckDBPyConnection) -> tuple[Column, ...]:
        """Give a face's columns, as DuckDB has them."""
        schema, name = face.split(".", 1)
        rows = connection.execute(f"describe from {schema}.{column_name(name)}").fetchall()
        return tuple(Column(row[0], row[1]) for row in rows)

    def create(self, face: str, columns: Sequence[Column]) -> "DataFrame":
        """Give the rows of one face."""
        table = self.tables[face.removesuffix(LOADS)]
        if not table.loads:
            return self._empty(columns)
        if face.endswith(LOADS):
            rows = self._kept(table, table.loads, _versioned(columns))
            listed = [f"{_source(each.name)} as {spark_name(each.name)}" for each in columns[:-2]]
            return rows.selectExpr(
                *listed, "landed_load as load_id", "landed_extracted_at as extracted_at"
            )
        rows = self._current(table, columns)
        return rows.selectExpr(*(spark_name(each.name) for each in columns))

    def _empty(self, columns: Sequence[Column]) -> "DataFrame":
        listed = ", ".join(
            f"cast(null as {_held(each)}) as {spark_name(each.name)}" for each in columns
        )
        return self.session.sql(f"select {listed} where false")

    def _current(self, table: RawTable, columns: Sequence[Column]) -> "DataFrame":
        loads = current_loads(table.loads)
        rows = self._kept(table, loads, columns)
        newest = table.loads[-1]
        if len(loads) > 1 or not loads[0].is_snapshot:
            cursor = table.table.cursor
            by = (
                f"{spark_name(cursor)} desc nulls last, "
                if cursor in newest.columns and cursor
                else ""
            )
            keys = ", ".join(spark_name(key) for key in table.table.primary_key)
            rows = rows.selectExpr(
                "*",
                f"row_number() over (partition by {keys} order by landed_load_number desc, {by}"
                "landed_name desc, landed_row desc) as landed_version",
            ).where("landed_version = 1")
        return rows.where(_is_present(table, newest))

    def _kept(
        self, table: RawTable, loads: Sequence[LoadManifest], columns: Sequence[Column]
    ) -> "DataFrame":
        """Give the rows of loads that are not held back, each with its load."""
        rows = self._landed(loads, columns).join(self._loads(table, loads), "landed_load")
        if not table.held.num_rows:
            return rows
        held = self.session.createDataFrame(
            pa.table(
                {
                    "landed_load": table.held.column("load_id"),
                    "landed_name": table.held.column("file"),
                    "landed_row": table.held.column("file_row_number"),
                }
            )
        )
        return rows.join(held.distinct(), ["landed_load", "landed_name", "landed_row"], "left_anti")

    def _loads(self, table: RawTable, loads: Sequence[LoadManifest]) -> "DataFrame":
        numbers = {load.load_id: number for number, load in enumerate(table.loads, 1)}
        moments = [load.extracted_at for load in loads]
        plain = [
            (moment.astimezone(UTC) if moment.tzinfo else moment).replace(tzinfo=None)
            for moment in moments
        ]
        return self.session.createDataFrame(
            pa.table(
                {
                    "landed_load": [load.load_id for load in loads],
                    "landed_load_number": pa.array(
                        [numbers[each.load_id] for each in loads], pa.int64()
                    ),
                    "landed_extracted_at": pa.array(plain, pa.timestamp("us")),
                }
            )
        )

    def _landed(self, loads: Sequence[LoadManifest], columns: Sequence[Column]) -> "DataFrame":
        """Read the files of loads, those of equal columns together."""
        parts: dict[tuple[tuple[str, str], ...], list[LoadManifest]] = {}
        for load in loads:
            parts.setdefault(tuple(load.columns.items()), []).append(load)
        frames = [self._part(dict(types), part, columns) for types, part in parts.items()]
        whole = frames[0]
        for frame in frames[1:]:
            whole = whole.unionAll(frame)
        return whole

    def _part(
        self, types: Mapping[str, str], loads: Sequence[LoadManifest], columns: Sequence[Column]
    ) -> "DataFrame":
        held = {name: found for name, given in types.items() if (found := spark_type(given))}
        schema = ", ".join(f"{spark_name(name)} {found}" for name, found in held.items())
        paths = [f"{self.lake}/{load.folder}/{file}" for load in loads for file in load.files]
        reader = self.session.read.schema(schema) if schema else self.session.read
        by_name = {name.lower(): (name, given) for name, given in types.items()}
        selected = [
            f"{_read(each, by_name.get(each.name.lower()))} as {spark_name(each.name)}"
            for each in columns
        ]
        path = "split(_metadata.file_path, '/')"
        return reader.parquet(*paths).selectExpr(
            *selected,
            f"element_at({path}, -2) as landed_load",
            f"element_at({path}, -1) as landed_name",
            "_metadata.row_index as landed_row",
        )


def _versioned(columns: Sequence[Column]) -> list[Column]:
    """Give the table's own columns of its `__loads` face, under their own names."""
    return [Column(_own(each.name), each.type) for each in columns[: -len(LOAD_COLUMNS)]]


def _own(name: str) -> str:
    plain = name.removeprefix("source_")
    return plain if plain != name and plain.lower() in LOAD_COLUMNS else name


def _source(name: str) -> str:
    return spark_name(_own(name))


def _held(column: Column) -> str:
    return spark_type(column.type) or "string"


def _read(column: Column, landed: tuple[str, str] | None) -> str:
    """Write how a column of a face is read from a file; null where the file has none, or Spark cannot hold it."""
    if landed is None or column.is_unheld:
        return f"cast(null as {_held(column)})"
    name, given = landed
    if given == column.type:
        return spark_name(name)
    try:
        return cast(spark_name(name), given=given, wanted=column.type)
    except Unproven as error:
        raise MeasureFailed(
            f"The column {column.name} came as {given} and as {column.type}, and the {error} is not proven to give the same on "
            "Spark. Mend: give the column one type in sources.yaml."
        ) from None


def _is_present(table: RawTable, newest: LoadManifest) -> str:
    """Give the condition under which a row is not marked as deleted, as transforms.raw has it."""
    if table.table.deletes is None or table.table.deletes.column not in newest.columns:
        return "true"
    name = spark_name(table.table.deletes.column)
    given = kind(newest.columns[table.table.deletes.column].upper())
    if given == "boolean":
        return f"{name} is not true"
    if given in {"integer", "decimal", "double"}:
        return f"coalesce({name}, 0) = 0"
    if given == "varchar":
        return f"coalesce(trim({name}), '') = '' or lower(trim({name})) in ({', '.join(_words_for_false())})"
    return f"{name} is null"


@cache
def _words_for_false() -> tuple[str, ...]:
    """Ask DuckDB which words are false."""
    return tuple(_false(_FALSE))


def _false(words: Iterable[str]) -> Iterable[str]:
    for word in words:
        if value_of(f"try_cast({literal(word)} as boolean)") == "false":
            yield literal(word)
