"""The scoring points of a KPI and the days from which they count, in the columns of its rule.

Not here: how they make a score (transforms), what good looks like in words (points).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from reports.edition import Edition
from reports.standing import Standing
from reports.warehouse import rows
from reports.words.language import NONE, Scale
from reports.words.lists import in_a_row
from reports.words.points import STEPPED, Point, scores_at
from reports.words.text import Part, later, say, say_count, say_parts
from scorecard.expression import divides
from scorecard.terms import INTENSIVE

SHOWN_AROUND = 2
COLUMNS = {
    "linear": ("red", "target", "worst", "best"),
    "min_max": ("min", "max"),
    "progress": ("baseline", "target"),
    "ratio": ("target", "basis"),
    "range": ("low", "high", "tolerance_below", "tolerance_above"),
    "binary": ("target",),
}
"""The columns of `scorecard.target` that hold a rule's points."""
HEADS = {
    "red": later("Red flag"),
    "target": later("Target"),
    "worst": later("Worst"),
    "best": later("Best"),
    "min": later("Min"),
    "max": later("Max"),
    "baseline": later("Baseline"),
    "basis": later("Basis"),
    "low": later("Low"),
    "high": later("High"),
    "tolerance_below": later("Tolerance below"),
    "tolerance_above": later("Tolerance above"),
    "points": later("Score at value"),
}
OPTIONAL = {"worst": later("mirrored"), "best": later("mirrored"), "basis": later("0")}
"""What counts where such a point is left out."""
GIVEN_FOR = {
    "month": later("{unit}, per month"),
    "quarter": later("{unit}, per quarter"),
    "half": later("{unit}, per half-year"),
    "year": later("{unit}, per year"),
}
"""Whom a target is given for, by the length of period."""


@dataclass(frozen=True)
class Cell:
    """A point of a row."""

    head: str
    text: str
    is_number: bool = True
    is_quiet: bool = False
    """It was left out: what counts instead."""


@dataclass(frozen=True)
class TargetRow:
    """Scoring points and the day from which they count."""

    given_for: tuple[Part, ...]
    """The unit and the length of period."""
    valid_from: str
    cells: tuple[Cell, ...]
    counts: bool
    """They are the points of the headline period."""


@dataclass(frozen=True)
class Targets:
    """All points that bear on a unit."""

    heading: str
    heads: tuple[tuple[str, str], ...]
    """Head and class of the rule's columns."""
    rows: tuple[TargetRow, ...]
    older: tuple[TargetRow, ...]
    note: str


def targets(edition: Edition, item: Standing) -> Targets:
    """Return the points given for a unit, then those of the units above it, newest first."""
    found = _rows(edition, item)
    near, others = split(found)
    number = item.kpi.rule not in STEPPED
    columns = COLUMNS.get(item.kpi.rule, ()) if number else ("points",)
    return Targets(
        heading=say("Targets, and since when") if found else say("No target is set"),
        heads=tuple((say(HEADS[column]), "num" if number else "") for column in columns),
        rows=near,
        older=others,
        note=" ".join(_notes(edition, item, found)),
    )


def _rows(edition: Edition, item: Standing) -> tuple[TargetRow, ...]:
    path = [unit.unit_id for unit in reversed(edition.strategy.path(item.unit_id))]
    given = [
        row for row in edition.strategy.targets.get(item.kpi.kpi_id, []) if row.unit_id in path
    ]
    period = edition.strategy.headlines["month"]
    valid = [row for row in given if row.valid_from_date <= period.last_date]
    giver = next((unit for unit in path if any(row.unit_id == unit for row in valid)), None)
    counting = [
        row
        for row in valid
        if row.unit_id == giver and (giver == item.unit_id or _is_handed_down(item.kpi))
    ]
    newest = [max(group, key=lambda row: row.valid_from_date) for group in _by_length(counting)]
    ordered = sorted(
        given,
        key=lambda row: (path.index(row.unit_id), row.per, -row.valid_from_date.toordinal()),
    )
    return tuple(
        replace(edition.once(_row, row), counts=True) if row in newest else edition.once(_row, row)
        for row in ordered
    )


def _row(edition: Edition, row: rows.Target) -> TargetRow:
    """Return points as they stand on the page of every unit below the one for which they are given."""
    kpi = edition.strategy.kpis[row.kpi_id]
    return TargetRow(
        given_for=say_parts(
            GIVEN_FOR[row.per],
            unit=Part(edition.strategy.units[row.unit_id].unit_name, style="outside"),
        ),
        valid_from=edition.language.day(row.valid_from_date),
        cells=_cells(kpi, row, edition.scale_of(kpi)),
        counts=False,
    )


def _is_handed_down(kpi: rows.Kpi) -> bool:
    """Whether a unit without points of its own takes those of the nearest unit above: rates, indices and relative changes do."""
    if kpi.change_form == "relative" or kpi.index_base_date is not None:
        return True
    if kpi.expression is not None:
        return divides(kpi.expression)
    return kpi.aggregation in INTENSIVE


def _cells(kpi: rows.Kpi, row: rows.Target, scale: Scale) -> tuple[Cell, ...]:
    if kpi.rule in STEPPED:
        pairs = [
            scores_at(Point("point", pair["value"], pair["score"]), scale)
            for pair in row.points or ()
        ]
        return (Cell(say(HEADS["points"]), in_a_row(pairs) or NONE, is_number=False),)
    return tuple(_cell(column, getattr(row, column), scale) for column in COLUMNS.get(kpi.rule, ()))


def _cell(column: str, value: float | None, scale: Scale) -> Cell:
    head = say(HEADS[column])
    if value is None and column in OPTIONAL:
        return Cell(head, say(OPTIONAL[column]), is_quiet=True)
    return Cell(head, scale.bare(value))


def _by_length(given: Sequence[rows.Target]) -> list[list[rows.Target]]:
    found: dict[tuple[str, str], list[rows.Target]] = {}
    for row in given:
        found.setdefault((row.unit_id, row.per), []).append(row)
    return list(found.values())


def _notes(edition: Edition, item: Standing, found: Sequence[TargetRow]) -> Iterator[str]:
    """Say what the rows leave open."""
    if item.kpi.rule == "linear" and any(cell.is_quiet for row in found for cell in row.cells):
        yield say(
            "Mirrored: as far beyond the red flag, or beyond the target, as these two lie apart."
        )
    if item.kpi.phasing == "seasonal" and found:
        yield say("Targets of longer periods are divided into months by last year’s shape.")
    others = _others(edition, item)
    if others:
        yield others


def _others(edition: Edition, item: Standing) -> str:
    """Say that units have targets of their own."""
    if item.unit_id != edition.organisation_id:
        return ""
    others = {row.unit_id for row in edition.strategy.targets.get(item.kpi.kpi_id, [])}
    others -= {edition.organisation_id}
    if others:
        return say_count(
            "{count} unit has targets of its own; its page shows them.",
            "{count} units have targets of their own; their pages show them.",
            len(others),
        )
    return ""


def split(found: Sequence[TargetRow]) -> tuple[tuple[TargetRow, ...], tuple[TargetRow, ...]]:
    """Return the points that count now with those next to them, and all others."""
    current = [index for index, row in enumerate(found) if row.counts] or [0]
    near = {index for at in current for index in range(at - SHOWN_AROUND, at + SHOWN_AROUND + 1)}
    if len(found) <= 2 * SHOWN_AROUND + 1:
        return tuple(found), ()
    return (
        tuple(row for index, row in enumerate(found) if index in near),
        tuple(row for index, row in enumerate(found) if index not in near),
    )
