"""The workbook: scorecard, history, components, targets and definitions with formats and native charts.

Text is always written as text, so that nothing in it runs; numbers stay numbers, and keep what is behind the shown decimals.
The history is the organisation's; that of every unit is in the data. Not here: which rows there are (kpi_records, scorecard_records).
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from io import BytesIO
from pathlib import Path
from typing import Any

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from reports.downloads import WORKBOOK
from reports.edition import Edition
from reports.exports import kpi_records, scorecard_records
from reports.exports.columns import Cell, Column, Record
from reports.warehouse import rows
from reports.words.characters import writable
from reports.words.language import Scale
from reports.words.text import later, say

SAFE = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}
LONGEST_NAME = 31
"""Of a sheet."""
HEAD_ROW = 3
"""Below the sheet's title and period."""
SCORE = "0.0"
DAY = "yyyy-mm-dd"
WIDTHS = {"text": 22, "number": 13, "integer": 13, "flag": 11, "day": 13}
WIDE = {"description": 60, "comment_text": 60, "kpi_name": 40, "name": 40}
VALUES = frozenset(
    {
        "actual", "target", "red", "usual_low", "usual_high", "usual_mean", "value", "interval_low", "interval_high", "worst",
        "best", "min", "max", "baseline", "basis", "low", "high", "tolerance_below", "tolerance_above",
    }
)  # fmt: skip
"""Columns in a KPI's own unit of measure."""
FORMATS = {"weight_share": "0%", "coverage": "0%", "observations_count": "#,##0", "decimals": "0"}
COMPONENT = "#,##0.00"
HEADS = {
    "level": later("Level"),
    "id": later("Identifier"),
    "kpi_id": later("KPI identifier"),
    "kpi_name": later("KPI"),
    "name": later("Name"),
    "parent_id": later("Counts towards"),
    "owner_name": later("Owner"),
    "measured_in": later("Measured in"),
    "unit_id": later("Unit identifier"),
    "unit_name": later("Unit"),
    "grain": later("Length of period"),
    "period_start_date": later("First day"),
    "value_period_start_date": later("Value is of"),
    "valid_from_date": later("Valid from"),
    "per": later("Given for"),
    "actual": later("Actual"),
    "target": later("Target"),
    "red": later("Red flag"),
    "worst": later("Worst"),
    "best": later("Best"),
    "min": later("Lowest"),
    "max": later("Highest"),
    "baseline": later("Baseline"),
    "basis": later("Basis"),
    "low": later("Low end"),
    "high": later("High end"),
    "tolerance_below": later("Tolerance below"),
    "tolerance_above": later("Tolerance above"),
    "score": later("Score"),
    "score_before": later("Score before"),
    "band": later("Band"),
    "data_state": later("Data state"),
    "signal": later("Signal"),
    "weight_share": later("Weight share"),
    "points_lost": later("Points lost"),
    "points_lost_above": later("Points lost above"),
    "coverage": later("Coverage"),
    "weakest_id": later("Weakest part"),
    "change": later("Change"),
    "change_since_date": later("Change since"),
    "comment_text": later("Comment"),
    "numerator": later("Numerator"),
    "denominator": later("Denominator"),
    "observations_count": later("Observations"),
    "usual_low": later("Usual range from"),
    "usual_high": later("Usual range to"),
    "usual_mean": later("Usual middle"),
    "value": later("Value"),
    "interval_low": later("Interval from"),
    "interval_high": later("Interval to"),
    "is_provisional": later("Provisional"),
    "data_as_of_date": later("Data to"),
    "description": later("Description"),
    "perspective_id": later("Perspective"),
    "objective_id": later("Objective"),
    "measure_id": later("Measure"),
    "aggregation": later("Aggregation"),
    "expression": later("Formula"),
    "frequency": later("Measured every"),
    "direction": later("Direction"),
    "decimals": later("Decimals"),
    "rule": later("Scoring rule"),
    "on_track_edge": later("On track from"),
    "at_risk_edge": later("At risk from"),
    "is_leading": later("Leading"),
    "definition_id": later("Definition"),
}
"""How the columns of the data are headed for a reader."""
NAMED = (
    Column("kpi_id", "text", ""),
    Column("kpi_name", "text", ""),
)
COMPONENTS = frozenset({"numerator", "denominator", "observations_count"})
PLACED = frozenset({"unit_id", "unit_name", "grain", "period_start_date"})
Line = tuple[Record, rows.Kpi | None]
"""A row, and the KPI in whose unit its values are written."""


@dataclass(frozen=True)
class _Book:
    """The workbook that is being written, with its formats by their number format."""

    edition: Edition
    book: Workbook
    formats: dict[tuple[str, bool], Format] = field(default_factory=dict)

    def format(self, number: str = "", *, bold: bool = False) -> Format:
        key = (number, bold)
        if key not in self.formats:
            given: dict[str, Any] = {"num_format": number} if number else {}
            if bold:
                given |= {"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"}
            self.formats[key] = self.book.add_format(given)
        return self.formats[key]


def write_workbook(edition: Edition, out: Path) -> int:
    """Write the workbook; return that it is one file."""
    (out / WORKBOOK).write_bytes(workbook(edition))
    return 1


def workbook(edition: Edition) -> bytes:
    """Return the workbook; its only date is the release's."""
    out = BytesIO()
    with Workbook(out, SAFE) as book:
        made = datetime.combine(edition.strategy.release.as_of_date, time())
        book.set_properties({"title": edition.strategy.scorecard.scorecard_name, "created": made})
        _fill(_Book(edition, book))
    return out.getvalue()


def _fill(book: _Book) -> None:
    edition = book.edition
    kpis = edition.strategy.kpis
    whole = [
        (row, kpis.get(str(row["id"]))) for row in scorecard_records.scorecard_records(edition)
    ]
    scores = _sheet(book, say("Scorecard"), scorecard_records.SCORECARD, whole)
    _perspective_chart(book, scores, [row for row, _ in whole])
    history = [
        (_named(kpi) | row, kpi)
        for kpi in kpis.values()
        for row in kpi_records.history_records(edition, kpi, unit_id=edition.organisation_id)
    ]
    past = _columns(kpi_records.KPI, without=COMPONENTS)
    _sheet(book, say("KPI history"), past, history)
    components = _columns(kpi_records.KPI, only=COMPONENTS | PLACED)
    measured = [(row, kpi) for row, kpi in history if row["numerator"] is not None]
    _sheet(book, say("Components"), components, measured)
    targets = [
        (_named(kpi) | row, kpi)
        for kpi in kpis.values()
        for row in kpi_records.target_records(edition, kpi)
    ]
    _sheet(book, say("Targets"), (*NAMED, *kpi_records.TARGETS), targets)
    points = [
        (_named(kpi) | row, kpi)
        for kpi in kpis.values()
        for row in kpi_records.target_point_records(edition, kpi)
    ]
    _sheet(book, say("Target points"), (*NAMED, *kpi_records.TARGET_POINTS), points)
    definitions = [(kpi_records.definition_record(kpi), None) for kpi in kpis.values()]
    _sheet(book, say("Definitions"), kpi_records.DEFINITION, definitions)
    _charts(book, past, [row for row, _ in history])


def _named(kpi: rows.Kpi) -> Record:
    return {"kpi_id": kpi.kpi_id, "kpi_name": kpi.kpi_name}


def _columns(
    columns: Iterable[Column],
    *,
    without: frozenset[str] = frozenset(),
    only: frozenset[str] = frozenset(),
) -> tuple[Column, ...]:
    kept = [row for row in columns if row.name not in without and (not only or row.name in only)]
    return (*NAMED, *kept)


def sheet_name(text: str) -> str:
    """Return what a sheet may be called: a translation may be longer, or hold a mark that no name may."""
    return re.sub(r"[\[\]:*?/\\]", " ", text).strip("' ")[:LONGEST_NAME]


def _sheet(book: _Book, name: str, columns: Sequence[Column], lines: Sequence[Line]) -> Worksheet:
    sheet = book.book.add_worksheet(sheet_name(name))
    edition = book.edition
    title = say(
        "{organisation}: {scorecard}",
        organisation=edition.strategy.organisation.unit_name,
        scorecard=edition.strategy.scorecard.scorecard_name,
    )
    sheet.write_string(0, 0, writable(title), book.format(bold=True))
    period = say(
        "{month}, as of {day}, release {release}",
        month=edition.language.month(edition.month),
        day=edition.language.day(edition.strategy.release.as_of_date),
        release=edition.strategy.release.release_id,
    )
    sheet.write_string(1, 0, period)
    for at, column in enumerate(columns):
        sheet.set_column(at, at, WIDE.get(column.name, WIDTHS[column.kind]))
        sheet.write_string(HEAD_ROW, at, say(HEADS[column.name]), book.format(bold=True))
    for row, (cells, kpi) in enumerate(lines, HEAD_ROW + 1):
        scale = edition.scale_of(kpi) if kpi is not None else None
        for at, column in enumerate(columns):
            _write(book, sheet, (row, at), column, cells[column.name], scale)
    sheet.freeze_panes(HEAD_ROW + 1, 0)
    sheet.autofilter(HEAD_ROW, 0, HEAD_ROW + max(len(lines), 1), len(columns) - 1)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(HEAD_ROW)
    return sheet


def _write(
    book: _Book,
    sheet: Worksheet,
    place: tuple[int, int],
    column: Column,
    cell: Cell,
    scale: Scale | None,
) -> None:
    if cell is None:
        return
    if isinstance(cell, bool):
        sheet.write_boolean(*place, cell)
    elif column.kind == "day":
        sheet.write_datetime(*place, date.fromisoformat(str(cell)), book.format(DAY))
    elif isinstance(cell, int | float):
        number, shown = _number(column, cell, scale)
        sheet.write_number(*place, number, book.format(shown))
    else:
        sheet.write_string(*place, writable(cell))


def _number(column: Column, cell: float, scale: Scale | None) -> tuple[float, str]:
    """Return a number and its format; percentages stay fractions, which a spreadsheet shows as per cent."""
    if column.name not in VALUES or scale is None:
        own = COMPONENT if column.name in {"numerator", "denominator"} else SCORE
        return cell, FORMATS.get(column.name, own)
    decimals = f".{'0' * scale.decimals}" if scale.decimals else ""
    if scale.measured_in == "percent":
        return cell, f"0{decimals}%"
    factor = scale.factor
    return cell * factor, f"#,##0{decimals}{_unit(scale)}"


def _unit(scale: Scale) -> str:
    """Return the currency as part of a number format; other units stand in the column beside."""
    if scale.measured_in != "currency":
        return ""
    return f' "{scale.language.currency_symbol.replace(chr(34), "")}"'


def _perspective_chart(book: _Book, sheet: Worksheet, lines: Sequence[Record]) -> None:
    at = [row for row, line in enumerate(lines, HEAD_ROW + 1) if line["level"] == "perspective"]
    if not at:
        return
    names = [column.name for column in scorecard_records.SCORECARD]
    chart = book.book.add_chart({"type": "bar"})
    chart.add_series(
        {
            "name": say("Score"),
            "categories": [sheet.name, at[0], names.index("name"), at[-1], names.index("name")],
            "values": [sheet.name, at[0], names.index("score"), at[-1], names.index("score")],
            "fill": {"color": "#2f2c28"},
            "data_labels": {"value": True, "num_format": "0"},
        }
    )
    chart.set_title({"name": say("Scores of the perspectives, of 100"), "name_font": {"size": 11}})
    chart.set_legend({"none": True})
    chart.set_x_axis({"min": 0, "max": 100})
    chart.set_y_axis({"reverse": True})
    sheet.insert_chart(
        HEAD_ROW + 1,
        len(names) + 1,
        chart,
        {"description": say("The score of every perspective, of 100.")},
    )


CHART_ROWS, CHART_COLUMNS, BESIDE = 16, 8, 2


def _charts(book: _Book, columns: Sequence[Column], lines: Sequence[Record]) -> None:
    """Draw each KPI's actual and target over its own periods, two charts beside each other."""
    sheet = book.book.add_worksheet(sheet_name(say("Charts")))
    ranges = _ranges(book.edition, lines)
    for at, (kpi_id, (first, last)) in enumerate(sorted(ranges.items(), key=lambda item: item[1])):
        chart = _history_chart(book, columns, (first, last))
        row, column = divmod(at, BESIDE)
        description = say(
            "Actual and target of {kpi}.", kpi=book.edition.strategy.kpis[kpi_id].kpi_name
        )
        sheet.insert_chart(
            row * CHART_ROWS, column * CHART_COLUMNS, chart, {"description": writable(description)}
        )


def _ranges(edition: Edition, lines: Sequence[Record]) -> dict[str, tuple[int, int]]:
    """Return the first and last row of each KPI's own length of period in the history."""
    found: dict[str, tuple[int, int]] = {}
    for row, line in enumerate(lines, HEAD_ROW + 1):
        kpi = str(line["kpi_id"])
        if line["grain"] == edition.strategy.kpis[kpi].frequency:
            found[kpi] = (found.get(kpi, (row, row))[0], row)
    return found


def _history_chart(book: _Book, columns: Sequence[Column], span: tuple[int, int]) -> Any:
    names = [column.name for column in columns]
    history = sheet_name(say("KPI history"))

    def place(name: str) -> list[str | int]:
        return [history, span[0], names.index(name), span[1], names.index(name)]

    chart = book.book.add_chart({"type": "line"})
    lines = (
        (say("Actual"), "actual", {"color": "#2f2c28", "width": 2}),
        (say("Target"), "target", {"color": "#79746a", "dash_type": "dash", "width": 1}),
    )
    for name, column, line in lines:
        chart.add_series(
            {
                "name": name,
                "categories": place("period_start_date"),
                "values": place(column),
                "line": line,
            }
        )
    # By its cell: a name that begins with = would be read as a formula.
    chart.set_title(
        {"name": [history, span[0], names.index("kpi_name")], "name_font": {"size": 11}}
    )
    chart.set_legend({"position": "bottom"})
    chart.set_x_axis({"num_format": "mmm yy", "text_axis": True})
    chart.show_blanks_as("gap")
    return chart
