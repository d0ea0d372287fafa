"""Drop folders of CSV files and Excel workbooks: the rows of all files that match, put together.

Not here: how one file is read (delimited, workbooks), and Parquet (columnar).
"""

from collections.abc import Iterator, Sequence
from itertools import chain
from pathlib import Path

import pyarrow as pa

from connectors.delimited import CsvFile, Form, require_declared
from connectors.dlt_pipeline import column_name
from connectors.drop_folder import Dropped, dropped_files
from connectors.errors import SourceError
from connectors.reading import Reading, Request
from connectors.workbooks import SHEET_NAME, SUFFIXES, Sheet, Workbook
from scorecard.sources import Column, FilesSource, FileTable


def read(request: Request, source: FilesSource, table: FileTable) -> Reading:
    """Read a table's files, sorted by name; all must have the same columns."""
    dropped = dropped_files(request, source.folder, table.files)
    types: dict[str, pa.DataType] = {}
    return Reading(
        rows=_tables(request, table, dropped, types),
        types=lambda: types,
        newest_file=dropped.newest,
    )


def explain(error: BaseException, request: Request) -> SourceError | None:
    """Have nothing to add: files explain themselves where they are read."""
    del error, request
    return None


def _tables(
    request: Request, table: FileTable, dropped: Dropped, types: dict[str, pa.DataType]
) -> Iterator[pa.Table]:
    """Read file by file, and note the types, which are those of the first one."""
    columns = {column_name(name): column for name, column in table.columns.items()}
    first: list[str] = []
    for path in dropped.each():
        for piece in _pieces(request, table, path, name=dropped.name(path), columns=columns):
            names = [name for name in _names(piece) if name]
            if not first:
                first = names
                _require(request, columns, first, where=f"{request.place}: {dropped.name(path)}")
                types |= piece.types(request.personal)
            dropped.require_same(path, names, first=first)
            yield from _rows(piece, request)


def _pieces(
    request: Request, table: FileTable, path: Path, *, name: str, columns: dict[str, Column]
) -> Sequence[CsvFile | Sheet]:
    if path.suffix.lower() in SUFFIXES:
        return Workbook(
            path,
            name,
            sheet=table.sheet,
            header_row=table.header_row,
            columns=columns,
            place=request.place,
        ).sheets()
    form = Form(table.encoding, table.delimiter, table.header_row, columns)
    return [CsvFile(path, name, form, request.place)]


def _names(piece: CsvFile | Sheet) -> list[str]:
    return piece.columns() if isinstance(piece, CsvFile) else piece.names()


def _rows(piece: CsvFile | Sheet, request: Request) -> Iterator[pa.Table]:
    if isinstance(piece, CsvFile):
        yield from piece.tables(request.personal)
    else:
        yield piece.table(request.personal)


def _require(request: Request, columns: dict[str, Column], names: list[str], *, where: str) -> None:
    require_declared(columns, names, where=where)
    request.personal.require(chain(names, [SHEET_NAME]))
