"""CSV files: read as text, strictly, then typed as declared; whatever does not fit is named by file, line and column.

Undeclared columns stay text, so leading zeros survive. An empty unquoted field is null; `""` is empty text.

Not here: which files (drop_folder) and what the types mean (values).
"""

import codecs
import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

import pyarrow as pa
import pyarrow.csv as pc_csv

from connectors.dlt_pipeline import column_name
from connectors.errors import SourceBroken
from connectors.personal import Personal
from connectors.values import TYPES, BadValue, from_text
from scorecard.sources import Column

_BLOCK = 8 << 20
_QUOTE = b'"'


@dataclass(frozen=True)
class Form:
    """How a CSV file is written, and its columns typed, by normalised name."""

    encoding: str
    delimiter: str
    header_row: int
    columns: Mapping[str, Column]


@dataclass(frozen=True)
class CsvFile:
    """One CSV file; `name` is what messages call it."""

    path: Path
    name: str
    form: Form
    place: str

    def columns(self) -> list[str]:
        """Read the header: normalised names, empty where a column has none."""
        return header_names(self._header()[0], f"{self.place}: {self.name}")

    def tables(self, personal: Personal) -> Iterator[pa.Table]:
        """Read the rows, personal columns treated before anything else is done with them."""
        header, lines = self._header()
        names = header_names(header, f"{self.place}: {self.name}")
        self._require_closed_quotes()
        record = 0
        try:
            for batch in self._batches(len(names), skip=lines):
                table = _named(batch, names, f"{self.place}: {self.name}")
                yield self._typed(personal.apply(table), personal, record)
                record += len(table)
        except (pa.ArrowInvalid, UnicodeError):
            raise self._malformed(len(names)) from None

    def declared_types(self) -> dict[str, pa.DataType]:
        """Give the types as declared."""
        return {name: declared_type(self.form.columns, name) for name in self.columns() if name}

    def types(self, personal: Personal) -> dict[str, pa.DataType]:
        """Give the types as declared, after personal columns have been treated."""
        return personal.types(self.declared_types())

    def _header(self) -> tuple[list[str], int]:
        """Read the header row, and how many lines it and what stands before it take."""
        with self._open() as file:
            try:
                for _ in range(self.form.header_row - 1):
                    next(file)
                reader = csv.reader(file, delimiter=self.form.delimiter)
                header = next(reader)
            except StopIteration:
                raise SourceBroken(
                    f"{self.place}: the file {self.name} has no header in row {self.form.header_row}.",
                    "correct `header_row` in sources.yaml, or have the file written again.",
                ) from None
            except UnicodeError:
                raise self._undecodable() from None
        return header, self.form.header_row - 1 + reader.line_num

    def _open(self) -> TextIO:
        encoding = "utf-8-sig" if _is_utf8(self.form.encoding, self.place) else self.form.encoding
        return self.path.open(encoding=encoding, newline="")

    def _batches(self, width: int, *, skip: int) -> pc_csv.CSVStreamingReader:
        names = [str(index) for index in range(width)]
        return pc_csv.open_csv(
            self.path,
            read_options=pc_csv.ReadOptions(
                column_names=names, skip_rows=skip, encoding=self.form.encoding, block_size=_BLOCK
            ),
            parse_options=pc_csv.ParseOptions(
                delimiter=self.form.delimiter, newlines_in_values=True
            ),
            convert_options=pc_csv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()),
                strings_can_be_null=True,
                quoted_strings_can_be_null=False,
                null_values=[""],
            ),
        )

    def _typed(self, table: pa.Table, personal: Personal, record: int) -> pa.Table:
        arrays = {}
        for name in table.column_names:
            values = table.column(name).combine_chunks()
            column = self.form.columns.get(name)
            if column is None or personal.treatment(name) == "hash":
                arrays[name] = values
                continue
            try:
                arrays[name] = from_text(values, column)
            except BadValue as bad:
                line = self._line_of(record + bad.row)
                raise bad_value(f"{self.place}: {self.name}, line {line}", name, bad) from None
        return pa.Table.from_pydict(arrays)

    def _line_of(self, record: int) -> int:
        """Find the line of the file on which a record begins."""
        for number, (line, _) in enumerate(self._records()):
            if number == record:
                return line
        return 0

    def _records(self, *, strict: bool = False) -> Iterator[tuple[int, list[str]]]:
        _, lines = self._header()
        with self._open() as file:
            for _ in range(lines):
                next(file)
            reader = csv.reader(file, delimiter=self.form.delimiter, strict=strict)
            line = 0
            for fields in reader:
                if fields:
                    yield lines + line + 1, fields
                line = reader.line_num

    def _require_closed_quotes(self) -> None:
        """Refuse a file that ends within quotes: the reader would take the rest of the file for one field."""
        with self.path.open("rb") as file:
            quotes = sum(block.count(_QUOTE) for block in iter(lambda: file.read(_BLOCK), b""))
        if quotes % 2 == 0:
            return
        _, line = self._header()
        try:
            for begins, _ in self._records(strict=True):
                line = begins
        except csv.Error:
            raise SourceBroken(
                f"{self.place}: {self.name}: a quotation mark after line {line} is never closed, or stands alone within quotes.",
                "have the file written again in full; within quotes, a quotation mark is doubled.",
            ) from None
        except UnicodeError:
            raise self._undecodable() from None

    def _malformed(self, width: int) -> SourceBroken:
        """Say what is wrong with a file that the reader gave up on, without repeating its text."""
        try:
            for line, fields in self._records():
                if len(fields) != width:
                    return SourceBroken(
                        f"{self.place}: {self.name}, line {line}: {len(fields)} fields, where the header has {width}.",
                        "quote fields that hold the delimiter, or correct `delimiter` and `header_row` in sources.yaml.",
                    )
        except (UnicodeError, csv.Error):
            pass
        return self._undecodable()

    def _undecodable(self) -> SourceBroken:
        return SourceBroken(
            f"{self.place}: the file {self.name} is not written in {self.form.encoding}.",
            "declare the right `encoding` in sources.yaml; exports from Windows are often cp1252.",
        )


def _is_utf8(encoding: str, place: str) -> bool:
    try:
        return codecs.lookup(encoding).name == "utf-8"
    except LookupError:
        raise SourceBroken(
            f"{place}: there is no encoding {encoding}.",
            "use utf-8, cp1252, iso-8859-1 or another that Python knows.",
        ) from None


def _named(batch: pa.RecordBatch, names: Sequence[str], where: str) -> pa.Table:
    """Give the columns their names; nameless ones are left out if they are empty."""
    table = pa.Table.from_batches([batch])
    for index, name in enumerate(names):
        if not name and table.column(index).null_count < len(table):
            raise nameless(where, index + 1)
    kept = [index for index, name in enumerate(names) if name]
    return table.select(kept).rename_columns([names[index] for index in kept])


def nameless(where: str, number: int) -> SourceBroken:
    """Say that a column with values has no name."""
    return SourceBroken(
        f"{where}: column {number} has values but no name in the header.",
        "name the column, or correct `header_row` and `delimiter` in sources.yaml.",
    )


def header_names(header: Sequence[str], where: str) -> list[str]:
    """Normalise the names in a header; two columns of one name are refused."""
    names = [column_name(text) if text.strip() else "" for text in header]
    twice = sorted({name for name in names if name and names.count(name) > 1})
    if twice:
        raise SourceBroken(
            f"{where}: the header has columns of the same name (in lower case with underscores): {', '.join(twice)}.",
            "name each column once.",
        )
    return names


def declared_type(columns: Mapping[str, Column], name: str) -> pa.DataType:
    """Give a column's type as declared; text where it is not."""
    return TYPES[columns[name].type] if name in columns else pa.string()


def require_declared(columns: Mapping[str, Column], names: Sequence[str], *, where: str) -> None:
    """Refuse a header that lacks a declared column."""
    missing = sorted(set(columns) - set(names))
    if missing:
        raise SourceBroken(
            f"{where} has no column {', '.join(missing)}; it has {', '.join(name for name in names if name)}.",
            "correct `columns`, `delimiter` or `header_row` in sources.yaml, or have the file written again.",
        )


def bad_value(where: str, column: str, bad: BadValue) -> SourceBroken:
    """Name a value that is not as declared."""
    return SourceBroken(
        f"{where}, column {column}: {bad.value!r} is not {bad.expected}.",
        "correct the value, or declare the column as it is written (type, format, decimal_comma) in sources.yaml.",
    )
