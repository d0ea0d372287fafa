"""Folders of Parquet and CSV files, one or many per table.

Parquet brings its types, widened to those that land: integers of any width are BIGINT, so that files may differ in width.
Structs are flattened with two underscores, lists and maps land as JSON text. Any other difference between files is refused:
dlt would give the differing file a column of its own.

Not here: how a CSV file is read (delimited).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from connectors.delimited import CsvFile, Form, require_declared
from connectors.dlt_pipeline import column_name, field_name
from connectors.drop_folder import Dropped, dropped_files
from connectors.errors import SourceBroken, SourceError
from connectors.reading import Reading, Request
from connectors.values import ZONED, duckdb_type, plain_text
from scorecard.sources import ColumnarSource, ColumnarTable

_ROWS_PER_BATCH = 122_880
_MAX_PRECISION = 38


def read(request: Request, source: ColumnarSource, table: ColumnarTable) -> Reading:
    """Read a table's files, after all their columns and types have been compared."""
    dropped = dropped_files(request, source.folder, table.files)
    files = [_file(request, table, path, name=dropped.name(path)) for path in dropped.files]
    types = _agreed_types(files, dropped)
    request.personal.require(types)
    return Reading(
        rows=_tables(request, files, dropped, types),
        types=partial(request.personal.types, types),
        newest_file=dropped.newest,
    )


def explain(error: BaseException, request: Request) -> SourceError | None:
    """Have nothing to add: files explain themselves where they are read."""
    del error, request
    return None


def _file(
    request: Request, table: ColumnarTable, path: Path, *, name: str
) -> "CsvFile | ParquetFile":
    if path.suffix.lower() in (".parquet", ".pq"):
        return ParquetFile(path, name, request.place)
    columns = {column_name(column): declared for column, declared in table.columns.items()}
    file = CsvFile(path, name, Form("utf-8", ",", 1, columns), request.place)
    require_declared(columns, file.columns(), where=f"{request.place}: {name}")
    return file


def _own_types(file: "CsvFile | ParquetFile") -> dict[str, pa.DataType]:
    """Give a file's types before personal columns are treated; null where the file does not say."""
    return file.declared_types() if isinstance(file, CsvFile) else file.types()


def _agreed_types(files: "list[CsvFile | ParquetFile]", dropped: Dropped) -> dict[str, pa.DataType]:
    """Find the types that all files agree on; a column that is null throughout a file agrees with any."""
    agreed = _own_types(files[0])
    for file in files[1:]:
        types = _own_types(file)
        dropped.require_same(file.path, types, first=agreed)
        for name, kind in types.items():
            if pa.types.is_null(agreed[name]):
                agreed[name] = kind
            elif kind != agreed[name] and not pa.types.is_null(kind):
                raise SourceBroken(
                    f"{file.place}: in {file.name} the column {name} is {duckdb_type(kind)}, in files before it "
                    f"{duckdb_type(agreed[name])}.",
                    "have the file written with the same type, or declare it as a table of its own.",
                )
    return {name: pa.string() if pa.types.is_null(kind) else kind for name, kind in agreed.items()}


def _tables(
    request: Request,
    files: "list[CsvFile | ParquetFile]",
    dropped: Dropped,
    types: Mapping[str, pa.DataType],
) -> Iterator[pa.Table]:
    for file, _ in zip(files, dropped.each(), strict=True):
        if isinstance(file, CsvFile):
            yield from file.tables(request.personal)
        else:
            for table in file.tables(types):
                yield request.personal.apply(table)


@dataclass(frozen=True)
class ParquetFile:
    """One Parquet file; `name` is what messages call it."""

    path: Path
    name: str
    place: str

    def _open(self) -> pq.ParquetFile:
        try:
            return pq.ParquetFile(self.path)
        except pa.ArrowInvalid as error:
            raise SourceBroken(
                f"{self.place}: {self.name} is no Parquet file that can be read ({error}).",
                "have the file written again.",
            ) from None

    def types(self) -> dict[str, pa.DataType]:
        """Give the landed types of the file's columns."""
        with self._open() as file:
            empty = pa.Table.from_batches([], file.schema_arrow)
        return {
            name: landed_type(column.type, f"{self.place}: {self.name}, column {name}")
            for name, column in self._columns(empty)
        }

    def tables(self, types: Mapping[str, pa.DataType]) -> Iterator[pa.Table]:
        """Read the rows as the types say."""
        with self._open() as file:
            for batch in file.iter_batches(_ROWS_PER_BATCH):
                columns = self._columns(pa.Table.from_batches([batch]))
                yield pa.Table.from_pydict(
                    {name: self._cast(name, column, types[name]) for name, column in columns}
                )

    def _columns(self, table: pa.Table) -> list[tuple[str, pa.ChunkedArray]]:
        found = [
            (name, column)
            for field, values in zip(table.schema, table.columns, strict=True)
            for name, column in _flattened((field.name,), values)
        ]
        if len(dict(found)) < len(found):
            raise SourceBroken(
                f"{self.place}: {self.name} has columns of the same name, once in lower case with underscores.",
                "name each column once.",
            )
        return found

    def _cast(self, name: str, column: pa.ChunkedArray, kind: pa.DataType) -> pa.ChunkedArray:
        try:
            if pa.types.is_string(kind) and not _is_text(column.type):
                texts = [
                    None if value is None else plain_text(value) for value in column.to_pylist()
                ]
                return pa.chunked_array([pa.array(texts, kind)])
            return column.cast(kind)
        except pa.ArrowInvalid:
            raise SourceBroken(
                f"{self.place}: {self.name}: a value of column {name} does not fit {duckdb_type(kind)} exactly.",
                "have the file written with a type that holds the value, and moments in microseconds.",
            ) from None


def _flattened(
    keys: tuple[str, ...], values: pa.ChunkedArray
) -> Iterator[tuple[str, pa.ChunkedArray]]:
    if not pa.types.is_struct(values.type):
        yield (column_name(keys[0]) if len(keys) == 1 else field_name(keys)), values
        return
    fields = [values.type.field(index).name for index in range(values.type.num_fields)]
    for field, inner in zip(fields, values.flatten(), strict=True):
        yield from _flattened((*keys, field), inner)


def _is_text(kind: pa.DataType) -> bool:
    inner = kind.value_type if pa.types.is_dictionary(kind) else kind
    return bool(
        pa.types.is_string(inner)
        or pa.types.is_large_string(inner)
        or pa.types.is_string_view(inner)
        or pa.types.is_null(inner)
    )


def landed_type(kind: pa.DataType, where: str) -> pa.DataType:
    """Give the landed type of a Parquet column; null where it holds nothing but nulls."""
    if pa.types.is_dictionary(kind):
        return landed_type(kind.value_type, where)
    if pa.types.is_timestamp(kind):
        return ZONED if kind.tz else pa.timestamp("us")
    if pa.types.is_decimal(kind):
        return _decimal(kind, where)
    for is_kind, landed in _LANDED:
        if is_kind(kind):
            return landed
    return pa.string()


_LANDED = (
    (pa.types.is_null, pa.null()),
    (pa.types.is_uint64, pa.decimal128(20, 0)),
    (pa.types.is_integer, pa.int64()),
    (pa.types.is_floating, pa.float64()),
    (pa.types.is_boolean, pa.bool_()),
    (pa.types.is_date, pa.date32()),
    (pa.types.is_time, pa.time64("us")),
    (pa.types.is_binary, pa.binary()),
    (pa.types.is_large_binary, pa.binary()),
    (pa.types.is_fixed_size_binary, pa.binary()),
)


def _decimal(kind: pa.DataType, where: str) -> pa.DataType:
    if kind.precision > _MAX_PRECISION:
        raise SourceBroken(
            f"{where}: DECIMAL({kind.precision},{kind.scale}) has more than {_MAX_PRECISION} digits.",
            "have the file written with fewer digits.",
        )
    return pa.decimal128(kind.precision, kind.scale)
