"""Checks of `manual/`: that every cell can be read, names a unit that exists, and that no row contradicts another.

Not here: the columns of a file (`manual`), and what its KPIs need of it (transforms).
"""

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal

from scorecard.findings import Finding
from scorecard.manual import ENDINGS, TYPES, ManualMeasure, Row
from scorecard.shape import did_you_mean
from scorecard.terms import MANUAL
from scorecard.workspace import Workspace

_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,2})?")
_WHOLE = re.compile(r"\d{1,18}")
_PERIOD = re.compile(r"(\d{4}-\d\d)(-\d\d)?( 00:00:00)?")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d([ T].*)?")
_WHOLE_DIGITS, _PLACES = 29, 9
_TOO_LARGE = Decimal(10) ** _WHOLE_DIGITS


def check_manual(workspace: Workspace) -> Iterator[Finding]:
    """Check each row of each file, and warn of files that are not read."""
    yield from _unread(workspace)
    # a catch-all unit takes rows of units that are in no tree
    takes_all = workspace.company.catch_all is not None
    units = [] if takes_all else sorted(unit.id for _, unit, _, _ in workspace.company.units())
    for measure in workspace.manual.values():
        if not measure.rows:
            yield Finding(
                measure.file, 1, "warning", "Nothing is entered yet.", "Enter a row for each period."
            )  # fmt: skip
        for row in measure.rows:
            for message, mend in _row(measure, row, units):
                yield Finding(measure.file, row.line, "error", message, mend)
            yield from _too_early(measure, row)
        yield from _twice(measure)


def _unread(workspace: Workspace) -> Iterator[Finding]:
    folder = workspace.root / MANUAL
    for path in sorted(folder.iterdir()) if workspace.manual and folder.is_dir() else []:
        if path.suffix not in ENDINGS and not path.name.startswith((".", "~$")):
            yield Finding(
                f"{MANUAL}/{path.name}",
                0,
                "warning",
                f"{path.name} is not read.",
                "Save it as .csv or .xlsx, if it holds a measure; else move it elsewhere.",
            )


def _row(measure: ManualMeasure, row: Row, units: list[str]) -> Iterator[tuple[str, str]]:
    if not row.cells:
        yield "The row is empty.", "Remove it."
        return
    if row.has_more:
        yield (
            "The row has cells beyond the named columns.",
            "Write numbers without thousands separators, and put text with a comma in quotes.",
        )
        return
    for column in measure.columns:
        text = row.cells.get(column)
        if text is None:
            yield f"The row has no {column}.", "Fill the cell."
        elif problem := _unreadable(column, text):
            yield f"'{_short(text)}' in the column {column} is not {problem[0]}.", problem[1]
    unit = row.cells.get("unit")
    if unit is not None and units and unit not in units:
        yield (
            f"'{_short(unit)}' in the column unit is no unit.",
            did_you_mean(unit, units) or "Name a unit of company.yaml, or add it there.",
        )


def _short(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:57]}…"  # noqa: PLR2004 - fits a line


def _unreadable(column: str, text: str) -> tuple[str, str] | None:
    """Say what a cell must be and the mend, where it is not; None where it is."""
    kind = "period" if column == "period" else TYPES.get(column, "text")
    if kind not in _FORMS:
        return None
    can_be_read, expected, mend = _FORMS[kind]
    return None if can_be_read(text) else (expected, mend)


def _is_number(text: str) -> bool:
    """Tell whether the text is a number that fits a component; decimals beyond the ninth are rounded."""
    return bool(_NUMBER.fullmatch(text)) and abs(Decimal(text)) < _TOO_LARGE


def _is_answer(text: str) -> bool:
    """Tell whether the text is a number with at most nine decimals, so that equal answers are the same text."""
    if not _is_number(text):
        return False
    exponent = Decimal(text).normalize().as_tuple().exponent
    return isinstance(exponent, int) and exponent >= -_PLACES


def _is_day(text: str) -> bool:
    return month_of(text) is not None


def _is_moment(text: str) -> bool:
    return _moment(text) is not None


_FORMS: Mapping[str, tuple[Callable[[str], bool], str, str]] = {
    "period": (_is_day, "a day or a month", "Write 2026-09-30, or 2026-09 for the month."),
    "timestamp": (_is_moment, "a day or a moment", "Write 2026-10-05, or 2026-10-05T14:30."),
    "integer": (
        lambda text: bool(_WHOLE.fullmatch(text)),
        "a whole number, 0 or more",
        "Write a whole number without thousands separators: 1250.",
    ),
    "double": (
        _is_number,
        f"a number of at most {_WHOLE_DIGITS} digits before the decimal point",
        "Write a plain number with a decimal point and no thousands separators: 1250000.5, and 0.05 for 5 %.",
    ),
    "decimal": (
        _is_answer,
        f"a number of at most {_WHOLE_DIGITS} digits before the decimal point and {_PLACES} after it",
        "Write a plain number with a decimal point and no thousands separators: 1250000.5, and 0.05 for 5 %.",
    ),
}
"""How a cell of a type is read, what it must be in words, and the mend."""


def month_of(text: str) -> date | None:
    """Give the first day of the month that a period lies in; None where it cannot be read."""
    found = _PERIOD.fullmatch(text)
    if not found:
        return None
    try:
        return date.fromisoformat(f"{found[1]}{found[2] or '-01'}").replace(day=1)
    except ValueError:
        return None


def _moment(text: str) -> datetime | None:
    if not _MOMENT.fullmatch(text):
        return None
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        return None


def _too_early(measure: ManualMeasure, row: Row) -> Iterator[Finding]:
    """Warn of a period that had not begun when it was entered: most often a mistyped year."""
    month, moment = month_of(row.cells.get("period", "")), _moment(row.cells.get("when", ""))
    if month and moment and month > moment.date():
        yield Finding(
            measure.file,
            row.line,
            "warning",
            f"The row is for {row.cells['period']} and was entered before that, on {moment.date()}.",
            "Correct the period, or the day in the column when.",
        )


def _twice(measure: ManualMeasure) -> Iterator[Finding]:
    """Refuse two rows for the same thing that were entered at the same moment: none of them is the later one."""
    seen: dict[tuple[object, ...], int] = {}
    for row in measure.rows:
        identity = _identity(measure, row)
        if identity is None:
            continue
        if identity in seen:
            yield Finding(
                measure.file,
                row.line,
                "error",
                f"The row has the same {', '.join(measure.key[:-1])} and when as line {seen[identity]}: "
                "which of them counts?",
                "Remove one, or give the one that counts a later moment: 2026-10-05T14:30.",
            )
        seen.setdefault(identity, row.line)


def _identity(measure: ManualMeasure, row: Row) -> tuple[object, ...] | None:
    """Give what must be said once; None where the row cannot be read, or none corrects another."""
    month, moment = month_of(row.cells.get("period", "")), _moment(row.cells.get("when", ""))
    if not (measure.key and month and moment):
        return None
    answer = row.cells.get("answer", "")
    return (
        row.cells.get("unit"),
        month,
        Decimal(answer) if _is_number(answer) else answer,
        moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC),
    )
