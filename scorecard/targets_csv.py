"""`targets.csv` read row by row, with the line of each.

Not here: whether the KPI and the unit exist (`check_plans`), and whether the points suit the rule (`points`).
"""

import csv
import io
import re
from collections.abc import Iterator
from decimal import Decimal, InvalidOperation
from typing import Any

from scorecard.findings import Finding
from scorecard.plans import Target
from scorecard.shape import did_you_mean, fit

FILE = "targets.csv"
COLUMNS = tuple(name for name in Target.model_fields if name != "line")
REQUIRED = tuple(name for name, field in Target.model_fields.items() if field.is_required())


def read_targets(text: str) -> tuple[tuple[Target, ...], list[Finding]]:
    """Read the rows; empty lines and lines that begin with # are left out."""
    try:
        rows = list(_rows(text))
    except csv.Error as error:
        return (), [
            _error(0, f"CSV: {error}.", "Check the quotes; a quote within a cell is written twice.")
        ]
    if not rows:
        return (), []
    (header_line, header), *body = rows
    names = [cell.strip().lower() for cell in header]
    findings = _header_findings(names, header_line)
    if findings:
        return (), findings
    targets: list[Target] = []
    for line, row in body:
        target, found = _target(names, row, line)
        targets.extend([target] if target else [])
        findings.extend(found)
    return tuple(targets), findings


def _rows(text: str) -> Iterator[tuple[int, list[str]]]:
    """Yield each row with the line that it begins in."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    line = 1
    for row in reader:
        begins, line = line, reader.line_num + 1
        if any(cell.strip() for cell in row) and not row[0].lstrip().startswith("#"):
            yield begins, row


def _error(line: int, message: str, mend: str) -> Finding:
    return Finding(FILE, line, "error", message, mend)


def _header_findings(names: list[str], line: int) -> list[Finding]:
    if len(names) == 1:
        for separator, word in ((";", "semicolons"), ("\t", "tabs")):
            if separator in names[0]:
                return [
                    _error(
                        line,
                        f"The columns are separated by {word}.",
                        "Save the file as CSV with commas, and numbers with a decimal point.",
                    )
                ]
    findings = [
        _error(
            line,
            f"There is no column {name or 'without a name'} in targets.",
            did_you_mean(name, COLUMNS) or f"Columns are: {', '.join(COLUMNS)}.",
        )
        for name in names
        if name not in COLUMNS
    ]
    findings += [
        _error(line, f"The column {name} is here twice.", "Keep one of the two.")
        for name in sorted({name for name in names if names.count(name) > 1})
    ]
    missing = [name for name in REQUIRED if name not in names]
    if missing:
        findings.append(
            _error(
                line,
                f"The column {missing[0]} is missing."
                if len(missing) == 1
                else f"The columns {', '.join(missing)} are missing.",
                f"The first line is: {','.join(COLUMNS)}",
            )
        )
    return findings


def _target(names: list[str], row: list[str], line: int) -> tuple[Target | None, list[Finding]]:
    if len(row) > len(names) and any(cell.strip() for cell in row[len(names) :]):
        return None, [
            _error(
                line,
                f"The row has {len(row)} cells, the header {len(names)}.",
                "Write numbers without thousands separators, and put text with a comma in quotes.",
            )
        ]
    cells = dict(zip(names, (cell.strip() for cell in row), strict=False))
    value: dict[str, Any] = {name: cell for name, cell in cells.items() if cell != ""}
    empty = [name for name in REQUIRED if name not in value]
    if empty:
        return None, [_error(line, f"The row has no {', no '.join(empty)}.", "Fill the cell.")]
    wrong = []
    if "points" in value:
        value["points"] = _pairs(value["points"])
        wrong = [pair for pair in value["points"] if not all(map(_is_number, pair))]
    if wrong:
        return None, [_no_pair(line, pair) for pair in wrong]
    return fit(Target, value | {"line": line}, file=FILE, lines={(): line})


def _pairs(cell: str) -> list[tuple[str, str]]:
    """Part a cell such as `0:0 10:80; 20:100` into pairs of value and score."""
    parts = re.split(r"[;\s]+", re.sub(r"\s*:\s*", ":", cell).strip("; "))
    return [(value, score) for value, _, score in (part.partition(":") for part in parts)]


def _is_number(text: str) -> bool:
    try:
        return Decimal(text).is_finite()
    except InvalidOperation:
        return False


def _no_pair(line: int, pair: tuple[str, str]) -> Finding:
    value, score = pair
    return _error(
        line,
        f"'{value}:{score}' in points is no value with a score."
        if score
        else f"'{value}' in points has no score.",
        "Write pairs as value:score, with spaces or semicolons between them: 0:0 10:80 20:100.",
    )
