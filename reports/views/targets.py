"""The scoring points of a KPI and the days from which they count.

Not here: how they make a score (transforms).
"""

from collections.abc import Sequence
from dataclasses import dataclass

from reports import rows
from reports.card import Standing
from reports.edition import Edition


@dataclass(frozen=True)
class TargetRow:
    """Scoring points and the day from which they count."""

    unit: str
    per: str
    valid_from: str
    worst: str
    red: str
    target: str
    best: str
    counts: bool
    """They are the points of the headline month."""


def target_rows(edition: Edition, item: Standing) -> tuple[TargetRow, ...]:
    """Return the points given for a unit and the units above it, newest first."""
    path = {unit.unit_id for unit in edition.strategy.path(item.unit_id)}
    given = [
        row for row in edition.strategy.targets.get(item.kpi.kpi_id, []) if row.unit_id in path
    ]
    period = edition.strategy.headlines["month"]
    valid = [row for row in given if row.valid_from_date <= period.last_date]
    own = [row for row in valid if row.unit_id == item.unit_id]
    current = {
        max(group, key=lambda row: row.valid_from_date) for group in _by_length(own or valid)
    }
    scale = item.scale
    return tuple(
        TargetRow(
            unit=edition.strategy.units[row.unit_id].unit_name,
            per=row.per,
            valid_from=edition.language.day(row.valid_from_date),
            worst=scale.bare(row.worst) if row.worst is not None else "mirrored",
            red=scale.bare(row.red),
            target=scale.bare(row.target),
            best=scale.bare(row.best) if row.best is not None else "mirrored",
            counts=row in current,
        )
        for row in sorted(
            given, key=lambda row: (row.unit_id, row.per, row.valid_from_date), reverse=True
        )
    )


def _by_length(targets: Sequence[rows.Target]) -> list[list[rows.Target]]:
    found: dict[tuple[str, str], list[rows.Target]] = {}
    for row in targets:
        found.setdefault((row.unit_id, row.per), []).append(row)
    return list(found.values())


def targets_note(edition: Edition, item: Standing) -> str:
    """Say that units have targets of their own."""
    others = {row.unit_id for row in edition.strategy.targets.get(item.kpi.kpi_id, [])}
    others -= {unit.unit_id for unit in edition.strategy.path(item.unit_id)}
    if others and item.unit_id == edition.organisation_id:
        return f"{len(others)} units have targets of their own; their pages show them."
    return ""


SHOWN_AROUND = 2


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
