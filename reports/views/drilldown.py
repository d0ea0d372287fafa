"""The headline month by the dimensions of the measure: shown, never scored.

Not here: the reading of the parts (drill).
"""

from dataclasses import dataclass
from decimal import Decimal

from reports.card import Standing
from reports.drill import Drill
from reports.edition import Edition
from reports.language import NONE

SHOWN_PARTS = 10


@dataclass(frozen=True)
class DrillRow:
    """A part of the headline month by a dimension."""

    name: str
    actual: str
    numerator: str
    denominator: str
    share: str
    width: str


@dataclass(frozen=True)
class DrillTable:
    """The headline month by a dimension: shown, never scored."""

    id: str
    heading: str
    is_ratio: bool
    adds_up: bool
    rows: tuple[DrillRow, ...]
    note: str


def component(edition: Edition, value: Decimal | None) -> str:
    """Write a component: whole where it is whole, else with two decimals."""
    if value is None:
        return NONE
    return edition.language.number(value, 0 if value == value.to_integral_value() else 2)


def drill_tables(edition: Edition, item: Standing) -> tuple[tuple[DrillTable, ...], str]:
    """Return the headline month by dimension; nothing where it cannot be trusted, or few observations could reveal a person."""
    drills = edition.published.evidence.drills.get(item.kpi.measure_id or "", ())
    if item.kpi.min_observations_count and drills:
        return (), "Parts are not shown: they could hold too few observations."
    if item.grain != "month" or item.status.key == "unverified":
        return (), ""
    if item.kpi.change_against is not None or item.kpi.index_base_date is not None:
        return (), ""
    found = (_drill_table(edition, item, drill) for drill in drills)
    return tuple(table for table in found if table is not None), ""


def _drill_table(edition: Edition, item: Standing, drill: Drill) -> DrillTable | None:
    parts = drill.parts.get(item.unit_id, [])
    if not parts:
        return None
    ratio = item.kpi.aggregation in {"ratio", "score"}
    total = sum(abs(numerator) for _, numerator, _ in parts)
    most = max(abs(numerator) for _, numerator, _ in parts) or 1
    found = []
    for value, numerator, denominator in parts[:SHOWN_PARTS]:
        actual = (
            (float(numerator / denominator) if denominator else None) if ratio else float(numerator)
        )
        share = float(abs(numerator) / total) if total and drill.adds_up else None
        found.append(
            DrillRow(
                name=value if value is not None else "not given",
                actual=item.scale.bare(actual),
                numerator=component(edition, numerator),
                denominator=component(edition, denominator),
                share=edition.language.number(share * 100) if share is not None else NONE,
                width=f"{float(abs(numerator) / most) * 100:.2f}",
            )
        )
    hidden = len(parts) - len(found)
    name = drill.dimension.replace("_", " ")
    notes = []
    if hidden:
        notes.append(f"{hidden} smaller parts are in the table measure.{item.kpi.measure_id}.")
    if not drill.adds_up:
        notes.append(
            "Each is counted once in every part, so parts may add up to more than the whole."
        )
    return DrillTable(
        id=drill.dimension,
        heading=f"{edition.language.month(edition.month)} by {name}",
        is_ratio=ratio,
        adds_up=drill.adds_up,
        rows=tuple(found),
        note=" ".join(notes),
    )
