"""`manual/<measure>.csv` and `.xlsx`: values that no system holds, entered by hand, with who entered them and when.

A file is read cell by cell, and made into what every other measure has: a table of a source, a contract and a SELECT.

Not here: landing the rows (connectors), and whether each cell makes sense (`check_manual`).
"""

import csv
import io
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from scorecard.contracts import Contract, Expectation, RowRule
from scorecard.findings import Finding
from scorecard.shape import did_you_mean
from scorecard.sheets import SheetsRefused, assert_harmless
from scorecard.sources import Column, FilesSource, FileTable, ThroughPeriod
from scorecard.terms import MANUAL, Grain

ENDINGS = (".csv", ".xlsx")
ALWAYS = ("period", "unit", "who", "when")
"""Columns that every file has."""
FORMS = (
    ("value",), ("value", "observations"),
    ("numerator", "denominator"), ("numerator", "denominator", "observations"),
    ("answer",), ("answer", "observations"),
    ("key",),
)  # fmt: skip
"""What else a file may have: one of these sets of columns."""
COLUMNS = (*ALWAYS, *dict.fromkeys(name for form in FORMS for name in form))
TYPES: Mapping[str, str] = {
    "value": "double",
    "numerator": "double",
    "denominator": "double",
    "answer": "decimal",
    "observations": "integer",
    "when": "timestamp",
}
"""Types of the columns; the others are text."""
_MEND_COLUMNS = (
    "Beside period, unit, who and when a file has: value; or numerator and denominator; or answer; or key; "
    "all but key with observations, if you like."
)
_PERIOD = "cast(left(trim(period) || '-01', 10) as date)"
_PERIOD_FORM = r"^\d{4}-\d\d(-\d\d( 00:00:00)?)?$"


@dataclass(frozen=True)
class Row:
    """One row as text: its line (the row, in a workbook), and its cells by column; empty ones are left out."""

    line: int
    cells: Mapping[str, str]
    has_more: bool = False
    """It has cells beyond the header."""


@dataclass(frozen=True)
class ManualMeasure:
    """One file of `manual/`, as it is written."""

    name: str
    file: str
    """Below the workspace, with forward slashes."""
    sheet: str | None
    """The first sheet, for a workbook."""
    form: tuple[str, ...]
    """Which of FORMS."""
    rows: tuple[Row, ...]

    @property
    def key(self) -> tuple[str, ...]:
        """Columns of which no two rows may have the same: those that tell what is entered, and the moment.

        Single answers and keys are many to a unit and month, so that none corrects another.
        """
        identity = ("unit", "period", *(("answer",) if "answer" in self.form else ()))
        return (*identity, "when") if self.is_correctable else ()

    @property
    def is_correctable(self) -> bool:
        """Tell whether a later row takes the place of an earlier one."""
        return "key" not in self.form and self.form != ("answer",)

    def table(self, *, frequency: Grain, fiscal_year_start_month: int) -> FileTable:
        """Declare the file as a table of a drop folder; its data reach to the end of the newest period entered."""
        return FileTable(
            description=f"Entered by hand in {self.file}.",
            files=self.file.removeprefix(f"{MANUAL}/"),
            sheet=self.sheet,
            primary_key=self.key or ("unit", "period", "when", self.form[0]),
            columns={
                name: Column.model_validate({"type": TYPES[name]}) for name in TYPES if name in self.columns
            },
            data_as_of=ThroughPeriod(
                kind="column",
                column="period",
                frequency=frequency,
                fiscal_year_start_month=fiscal_year_start_month,
            ),
        )  # fmt: skip

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns, in a fixed order."""
        return (*ALWAYS, *self.form)

    def contract(self) -> Contract:
        """Give the contract that counts unless the workspace has one of its own."""
        expectations = [
            Expectation(type="expect_column_values_to_not_be_null", kwargs={"column": name})
            for name in self.columns
        ]
        if self.key:
            expectations.append(
                Expectation(
                    type="expect_compound_columns_to_be_unique",
                    kwargs={"column_list": list(self.key)},
                    reason="Of two rows entered at the same moment none is the later one.",
                )
            )
        if "observations" in self.form:
            expectations.append(
                Expectation(
                    type="expect_column_values_to_be_between",
                    kwargs={"column": "observations", "min_value": 0},
                )
            )
        readable = RowRule(
            name="period_is_a_day_or_month",
            condition=f"regexp_matches(trim(period), '{_PERIOD_FORM}') and try_{_PERIOD} is not null",
            reason="A period is written 2026-09 or 2026-09-30.",
        )
        return Contract(
            description=f"What is entered in {self.file} is complete and can be read.",
            expectations=tuple(expectations),
            row_rules=(readable,),
        )

    def select(self) -> str:
        """Give the measure's SELECT."""
        shown = [f"    {_SELECTED.get(name, name)}" for name in ("unit", "period", *self.form)]
        shown += ["    trim(who) as entered_by", '    "when" as entered_at']
        text = "\n".join(
            [
                f"-- Entered by hand in {self.file}{_CORRECTED if self.is_correctable else _SINGLE}",
                f"-- Grain: {self._grain}.",
                "-- entered_by: Who entered it.",
                "-- entered_at: When it was entered.",
                "select",
                ",\n".join(shown),
                f"from raw.{MANUAL}__{self.name}",
            ]
        )
        return f"{text}\n{self._newest}" if self.is_correctable else f"{text}\n"

    @property
    def _grain(self) -> str:
        if not self.is_correctable:
            return f"one row per {self.form[0]} entered"
        return f"one row per unit{', month and answer' if 'answer' in self.form else ' and month'}"

    @property
    def _newest(self) -> str:
        answer = ", answer" if "answer" in self.form else ""
        return (
            f"qualify row_number() over (\n    partition by trim(unit), date_trunc('month', {_PERIOD}){answer}\n"
            '    order by "when" desc, period desc\n) = 1\n'
        )


def _component(column: str) -> str:
    """Round a number to the nine decimals of components; by its shortest text, since 1e15 times 1e9 is no exact double."""
    return f"cast({column}::varchar as decimal(38, 9))"


_CORRECTED = "; of several rows for the same unit and month the one entered last counts."
_SINGLE = ", row by row."
_SELECTED = {
    "unit": "trim(unit) as unit",
    "period": f"date_trunc('month', {_PERIOD}) as period",
    "value": f"{_component('value')} as numerator",
    "numerator": f"{_component('numerator')} as numerator",
    "denominator": f"{_component('denominator')} as denominator",
    "key": "trim(key) as key",
}


def manual_source(tables: Mapping[str, FileTable], *, owner: str) -> FilesSource:
    """Give the source that stands for the folder."""
    return FilesSource(
        kind="files",
        name="Manual measures",
        owner=owner,
        description="Values that no system holds, entered by hand.",
        folder=MANUAL,
        retries=0,
        tables=dict(tables),
    )


def read_manual(name: str, file: str, content: bytes) -> tuple[ManualMeasure | None, list[Finding]]:
    """Read a file; None and the findings where its columns do not make a measure."""
    try:
        sheet, rows = (
            (None, list(_csv_rows(content))) if file.endswith(".csv") else _sheet_rows(content)
        )
    except _Unreadable as error:
        return None, [Finding(file, error.line, "error", error.message, error.mend)]
    if not rows:
        return None, [_header(file, 0, "The file is empty.", f"Its first line is: {_EXAMPLE}")]
    (line, header), *body = rows
    names = [cell.strip().lower() for cell in header]
    findings = [_header(file, line, *each) for each in _header_faults(names)]
    if findings:
        return None, findings
    form = next(form for form in FORMS if set(form) == set(names) - {*ALWAYS, ""})
    kept = tuple(_row(names, cells, line) for line, cells in body)
    return ManualMeasure(name, file, sheet, form, kept), []


_EXAMPLE = "period,unit,value,who,when"


class _Unreadable(Exception):
    """A file that is no table: where, what, and the mend."""

    def __init__(self, line: int, message: str, mend: str) -> None:
        self.line, self.message, self.mend = line, message, mend
        super().__init__(message)


def _header(file: str, line: int, message: str, mend: str) -> Finding:
    return Finding(file, line, "error", message, mend)


def _header_faults(names: Sequence[str]) -> Iterator[tuple[str, str]]:
    for separator, word in ((";", "semicolons"), ("\t", "tabs")):
        if len(names) == 1 and separator in names[0]:
            yield (
                f"The columns are separated by {word}.",
                "Save the file as CSV with commas, and numbers with a decimal point.",
            )
            return
    for name in sorted({name for name in names if name and names.count(name) > 1}):
        yield f"The column {name} is here twice.", "Keep one of the two."
    unknown = [name for name in names if name and name not in COLUMNS]
    missing = [name for name in ALWAYS if name not in names]
    for name in unknown:
        yield (
            f"There is no column {name} in a manual measure.",
            did_you_mean(name, COLUMNS) or _MEND_COLUMNS,
        )
    for name in missing:
        yield f"The column {name} is missing.", f"Add it to the first line: {_EXAMPLE}"
    given = {name for name in names if name in COLUMNS} - set(ALWAYS)
    if not unknown and given not in [set(form) for form in FORMS]:
        yield (
            f"The columns {', '.join(sorted(given)) or 'given'} do not say what is measured.",
            (_MEND_COLUMNS),
        )


def _row(names: Sequence[str], cells: Sequence[str], line: int) -> Row:
    filled = {
        name: cell.strip() for name, cell in zip(names, cells, strict=False) if name and cell.strip()
    }  # fmt: skip
    spare = [cell for cell in cells[len(names) :] if cell.strip()]
    nameless = [cell for name, cell in zip(names, cells, strict=False) if not name and cell.strip()]
    return Row(line, filled, has_more=bool(spare or nameless))


def _csv_rows(content: bytes) -> Iterator[tuple[int, list[str]]]:
    """Yield each row that is no empty line, with the line that it begins in."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise _Unreadable(
            line, "The file is not in UTF-8.", "Save it with the encoding UTF-8."
        ) from None
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    line = 1
    try:
        for row in reader:
            begins, line = line, reader.line_num + 1
            if row:
                yield begins, row
    except csv.Error as error:
        raise _Unreadable(
            line, f"CSV: {error}.", "Check the quotes; a quote within a cell is written twice."
        ) from None


def _sheet_rows(content: bytes) -> tuple[str, list[tuple[int, list[str]]]]:
    """Give the name of a workbook's first sheet and its rows; those without any value are passed over."""
    from python_calamine import CalamineError, CalamineWorkbook  # noqa: PLC0415 - few have one

    try:
        assert_harmless(content)
        workbook = CalamineWorkbook.from_filelike(io.BytesIO(content))
        name: str = workbook.sheet_names[0]
        rows: Iterable[Sequence[Any]] = workbook.get_sheet_by_name(name).to_python(
            skip_empty_area=False
        )
    except SheetsRefused as refused:
        raise _Unreadable(
            0, f"The workbook {refused}.", "Save the values alone, as .csv or a new .xlsx."
        ) from None
    except (CalamineError, zipfile.BadZipFile, IndexError) as error:
        raise _Unreadable(
            0,
            f"The file is no workbook that can be read ({type(error).__name__}).",
            "Save it again as .xlsx, without a password.",
        ) from None
    numbered = [(number, [_cell_text(cell) for cell in row]) for number, row in enumerate(rows, 1)]
    return name, [(number, cells) for number, cells in numbered if any(cells) or number == 1]


def _cell_text(cell: Any) -> str:
    """Write a cell as the table in the lake has it."""
    if isinstance(cell, bool):
        return str(cell).lower()
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() else repr(cell)
    if isinstance(cell, datetime):
        return cell.isoformat(sep=" ")
    return cell.isoformat() if isinstance(cell, date) else str(cell)
