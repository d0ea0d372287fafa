"""Sheets of Excel workbooks, through python-calamine: typed as declared, text where they are not.

A number in an undeclared column becomes its plain text (1581, not 1581.0), a date ISO text. A cell that holds an error
(#N/A), or a formula that was never computed, is refused: calamine gives both as empty.

Not here: which files (drop_folder) and what the types mean (values).
"""

import re
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import pyarrow as pa
from openpyxl import load_workbook
from openpyxl.utils import get_column_letter
from python_calamine import CalamineError, CalamineWorkbook

from connectors.delimited import bad_value, declared_type, header_names, nameless
from connectors.errors import SourceBroken
from connectors.personal import Personal
from connectors.values import BadValue, cell_value
from scorecard.sheets import SheetsRefused, assert_harmless
from scorecard.sources import Column

SUFFIXES = frozenset({".xlsx", ".xlsm", ".xlsb", ".xls", ".ods"})
SHEET_NAME = "sheet_name"
_TEXT = Column(type="text")
_DOUBTFUL = re.compile(rb't="e"|<f[ >]')


@dataclass(frozen=True)
class Workbook:
    """One workbook, and the sheet that is wanted of it; `*` is all, None the only one."""

    path: Path
    name: str
    sheet: str | None
    header_row: int
    columns: Mapping[str, Column]
    place: str

    def sheets(self) -> "list[Sheet]":
        """Open the wanted sheets."""
        try:
            assert_harmless(self.path.read_bytes())
            workbook = CalamineWorkbook.from_path(self.path)
        except SheetsRefused as refused:
            raise SourceBroken(
                f"{self.place}: the workbook {self.name} {refused}.",
                "have the values alone saved as a new file; ask who wrote it.",
            ) from None
        except (CalamineError, zipfile.BadZipFile) as error:
            raise self.unreadable(error) from None
        return [Sheet(self, name, workbook) for name in self._wanted(workbook.sheet_names)]

    def unreadable(self, error: Exception) -> SourceBroken:
        """Say that the file is none, or is broken."""
        return SourceBroken(
            f"{self.place}: {self.name} is no workbook that can be read ({type(error).__name__}).",
            "have the file saved again as .xlsx, without a password.",
        )

    def _wanted(self, names: list[str]) -> list[str]:
        if self.sheet == "*":
            return names
        if self.sheet is None and len(names) == 1:
            return names
        if self.sheet in names:
            return [str(self.sheet)]
        asked = f"has no sheet {self.sheet}" if self.sheet else "has several sheets"
        raise SourceBroken(
            f"{self.place}: {self.name} {asked}; its sheets are {', '.join(names)}.",
            "name one in `sheet` in sources.yaml, or `*` for all.",
        )


@dataclass(frozen=True)
class Sheet:
    """One sheet of a workbook."""

    workbook: Workbook
    name: str
    opened: CalamineWorkbook

    @property
    def where(self) -> str:
        """Name the sheet in messages."""
        return f"{self.workbook.place}: {self.workbook.name}, sheet {self.name}"

    @cached_property
    def _rows(self) -> list[list[Any]]:
        try:
            return self.opened.get_sheet_by_name(self.name).to_python(skip_empty_area=False)
        except CalamineError as error:
            raise self.workbook.unreadable(error) from None

    def names(self) -> list[str]:
        """Read the header: normalised names, empty where a column has none."""
        rows = self._rows
        if len(rows) < self.workbook.header_row:
            raise SourceBroken(
                f"{self.where} has no header in row {self.workbook.header_row}.",
                "correct `header_row` in sources.yaml, or name the right sheet.",
            )
        return header_names([str(cell) for cell in rows[self.workbook.header_row - 1]], self.where)

    def table(self, personal: Personal) -> pa.Table:
        """Read the rows; those without any value are passed over."""
        self._require_values(personal)
        names = self.names()
        numbered = [
            (number, row)
            for number, row in enumerate(self._rows, start=1)
            if number > self.workbook.header_row and any(cell != "" for cell in row)
        ]
        arrays = {}
        for index, name in enumerate(names):
            cells = [(number, row[index]) for number, row in numbered]
            if name and personal.treatment(name) != "drop":
                arrays[name] = self._array(name, cells, personal)
            elif not name and any(cell != "" for _, cell in cells):
                raise nameless(self.where, index + 1)
        if self.workbook.sheet == "*":
            arrays[SHEET_NAME] = pa.array([self.name] * len(numbered), pa.string())
        return personal.apply(pa.Table.from_pydict(arrays))

    def _array(self, name: str, cells: list[tuple[int, Any]], personal: Personal) -> pa.Array:
        column = (
            _TEXT if personal.treatment(name) == "hash" else self.workbook.columns.get(name, _TEXT)
        )
        values = []
        for number, cell in cells:
            try:
                values.append(cell_value(cell, column))
            except BadValue as bad:
                raise bad_value(f"{self.where}, row {number}", name, bad) from None
        return pa.array(values, declared_type({name: column}, name))

    def types(self, personal: Personal) -> dict[str, pa.DataType]:
        """Give the types as declared."""
        names = [name for name in self.names() if name]
        sheet_name = [SHEET_NAME] if self.workbook.sheet == "*" else []
        return personal.types(
            {name: declared_type(self.workbook.columns, name) for name in (*names, *sheet_name)}
        )

    def _require_values(self, personal: Personal) -> None:
        """Refuse cells that look empty to calamine and are not: errors, and formulas without a result."""
        if not _is_doubtful(self.workbook.path):
            return
        names = dict(enumerate(self.names(), start=1))
        for row, column, found in _valueless_cells(self.workbook.path, self.name):
            name = names.get(column, "")
            if row > self.workbook.header_row and name and personal.treatment(name) != "drop":
                raise SourceBroken(
                    f"{self.where}, cell {get_column_letter(column)}{row}, column {name}: {found}.",
                    "correct the cell, or open the workbook in Excel, let it compute, and save it.",
                )


def _is_doubtful(path: Path) -> bool:
    """Tell whether a workbook has any formula or error at all; most have none, and openpyxl is slow."""
    if not zipfile.is_zipfile(path):
        return False
    with zipfile.ZipFile(path) as archive:
        sheets = (name for name in archive.namelist() if name.startswith("xl/worksheets/sheet"))
        return any(_DOUBTFUL.search(archive.read(name)) for name in sheets)


def _valueless_cells(path: Path, sheet: str) -> Iterator[tuple[int, int, str]]:
    """Find cells that hold an error, and formulas without a stored result; a stored empty text is one."""
    values = load_workbook(path, read_only=True, data_only=True)[sheet]
    formulas = load_workbook(path, read_only=True)[sheet]
    for value_row, formula_row in zip(values.iter_rows(), formulas.iter_rows(), strict=True):
        for value, formula in zip(value_row, formula_row, strict=True):
            if value.data_type == "e":
                yield value.row, value.column, f"the cell holds the error {value.value}"
            elif value.value is None and value.data_type != "str" and formula.data_type == "f":
                yield formula.row, formula.column, "the cell's formula has no stored result"
