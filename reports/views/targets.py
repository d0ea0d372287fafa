"""The scoring points of a KPI and the days from which they count, in the columns of its rule.

Not here: how they make a score (transforms), what good looks like in words (points).
"""

from collections.abc import Sequence
from dataclasses import dataclass

from reports import rows
from reports.card import Standing
from reports.edition import Edition
from reports.language import NONE, Scale
from reports.points import STEPPED, Point, scores_at

MIRRORED = "mirrored"
SHOWN_AROUND = 2
COLUMNS: dict[str, tuple[tuple[str, str], ...]] = {
    "linear": (("Red flag", "red"), ("Target", "target"), ("Worst", "worst"), ("Best", "best")),
    "min_max": (("Min", "min"), ("Max", "max")),
    "progress": (("Baseline", "baseline"), ("Target", "target")),
    "ratio": (("Target", "target"), ("Basis", "basis")),
    "range": (
        ("Low", "low"),
        ("High", "high"),
        ("Tolerance below", "tolerance_below"),
        ("Tolerance above", "tolerance_above"),
    ),
    "binary": (("Target", "target"),),
}
"""The heads of a rule's points, and the columns of `scorecard.target`."""
OPTIONAL = {"worst": MIRRORED, "best": MIRRORED, "basis": "0"}
"""What counts where such a point is left out."""


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

    unit: str
    per: str
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
    """Return the points given for a unit and the units above it, newest first."""
    found = _rows(edition, item)
    near, others = split(found)
    number = item.kpi.rule not in STEPPED
    names = [head for head, _ in COLUMNS.get(item.kpi.rule, ())] if number else ["Score at value"]
    return Targets(
        heading="Targets, and since when" if found else "No target is set",
        heads=tuple((name, "num" if number else "") for name in names),
        rows=near,
        older=others,
        note=" ".join(note for note in (_phasing(item), _others(edition, item)) if note),
    )


def _rows(edition: Edition, item: Standing) -> tuple[TargetRow, ...]:
    path = {unit.unit_id for unit in edition.strategy.path(item.unit_id)}
    given = [
        row for row in edition.strategy.targets.get(item.kpi.kpi_id, []) if row.unit_id in path
    ]
    period = edition.strategy.headlines["month"]
    valid = [row for row in given if row.valid_from_date <= period.last_date]
    own = [row for row in valid if row.unit_id == item.unit_id]
    newest = [max(group, key=lambda row: row.valid_from_date) for group in _by_length(own or valid)]
    return tuple(
        TargetRow(
            unit=edition.strategy.units[row.unit_id].unit_name,
            per=row.per,
            valid_from=edition.language.day(row.valid_from_date),
            cells=_cells(item.kpi, row, item.scale),
            counts=row in newest,
        )
        for row in sorted(
            given, key=lambda row: (row.unit_id, row.per, row.valid_from_date), reverse=True
        )
    )


def _cells(kpi: rows.Kpi, row: rows.Target, scale: Scale) -> tuple[Cell, ...]:
    if kpi.rule in STEPPED:
        pairs = [
            scores_at(Point("point", pair["value"], pair["score"]), scale)
            for pair in row.points or ()
        ]
        return (Cell("Score at value", ", ".join(pairs) or NONE, is_number=False),)
    found = []
    for head, column in COLUMNS.get(kpi.rule, ()):
        value = getattr(row, column)
        instead = OPTIONAL.get(column, NONE)
        text = scale.bare(value) if value is not None else instead
        found.append(Cell(head, text, is_quiet=value is None and instead != NONE))
    return tuple(found)


def _by_length(given: Sequence[rows.Target]) -> list[list[rows.Target]]:
    found: dict[tuple[str, str], list[rows.Target]] = {}
    for row in given:
        found.setdefault((row.unit_id, row.per), []).append(row)
    return list(found.values())


def _phasing(item: Standing) -> str:
    if item.kpi.phasing == "seasonal":
        return "Targets of longer periods are divided into months by last year’s shape."
    return ""


def _others(edition: Edition, item: Standing) -> str:
    """Say that units have targets of their own."""
    others = {row.unit_id for row in edition.strategy.targets.get(item.kpi.kpi_id, [])}
    others -= {unit.unit_id for unit in edition.strategy.path(item.unit_id)}
    if others and item.unit_id == edition.organisation_id:
        count = len(others)
        verb = "unit has" if count == 1 else "units have"
        return f"{count} {verb} targets of their own; their pages show them."
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
