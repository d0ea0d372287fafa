"""The rows of a KPI's parts that a reader takes away: what each unit has of the gap to target, and the month by dimension.

Not here: a KPI's periods, targets and reports (kpi_records).
"""

from collections.abc import Iterator
from decimal import Decimal

from reports.edition import Edition
from reports.exports.columns import Cell, Column, Record, cell_of, must
from reports.gap import Below, Piece, is_intensive, trees_below
from reports.standing import Standing, standing
from reports.views.drilldown import SHOWN_PARTS, shown_drills
from reports.warehouse import rows
from reports.warehouse.drill import Drill
from reports.words.text import later

GAPS = (
    must("parent_unit_id", "text", later("The unit whose value and gap are parted.")),
    Column("tree_id", "text", later("The tree of units that is looked at.")),
    must("part", "text", later("unit, or rest: what lies in none of the units.")),
    Column("unit_id", "text", later("The unit; empty for what lies in none of them.")),
    must("grain", "text", later("Length of the period.")),
    must("period_start_date", "day", later("First day of the period.")),
    must("numerator", "number", later("The part's upper component; of a sum its value.")),
    Column("denominator", "number", later("The part's lower component, of a ratio.")),
    Column(
        "target",
        "number",
        later("The part's own target, of a sum; of the rest what the whole's has beyond these."),
    ),
    Column("share", "number", later("The part's share of a sum, as a fraction of 1.")),
    Column("gap", "number", later("The part's share of the difference between actual and target.")),
    Column(
        "points_lost",
        "number",
        later("Of the points that the score lacks to 100, what is laid to the part."),
    ),
)
DIMENSIONS = (
    must("unit_id", "text", later("The unit of the organisation, with all units below it.")),
    must("period_start_date", "day", later("First day of the month.")),
    must("dimension", "text", later("By what the month is parted.")),
    Column("value", "text", later("The dimension's value; empty where none is given.")),
    must("numerator", "number", later("The part's upper component; of a sum its value.")),
    Column("denominator", "number", later("The part's lower component, of a ratio.")),
    must("adds_up", "flag", later("The parts make the whole: nothing is counted in two of them.")),
)


def gap_records(edition: Edition, kpi: rows.Kpi) -> list[Record]:
    """Return what each unit has of the gap of the unit above it, unit by unit, as the pages order them."""
    found: list[Record] = []
    for item in _standings(edition, kpi):
        for below in trees_below(edition, item):
            found += [_gap(item, below, piece) for piece in below.pieces]
    return found


def _standings(edition: Edition, kpi: rows.Kpi) -> Iterator[Standing]:
    for unit_id in edition.strategy.units:
        if kpi.kpi_id in edition.strategy.kpis_of_unit.get(unit_id, frozenset()):
            yield standing(edition, kpi, unit_id)


def _gap(item: Standing, below: Below, piece: Piece) -> Record:
    return {
        "parent_unit_id": item.unit_id,
        "tree_id": below.tree_id or None,
        "part": "rest" if piece.item is None else "unit",
        "unit_id": None if piece.item is None else piece.item.unit_id,
        "grain": item.grain,
        "period_start_date": item.start.isoformat(),
        "numerator": cell_of(piece.numerator),
        "denominator": _denominator(item, piece.denominator),
        "target": cell_of(piece.target),
        "share": cell_of(piece.share),
        "gap": cell_of(piece.gap),
        "points_lost": cell_of(piece.points),
    }


def _denominator(item: Standing, found: Decimal) -> Cell:
    return cell_of(found) if is_intensive(item) else None


def dimension_records(edition: Edition, kpi: rows.Kpi) -> list[Record]:
    """Return the headline month of every unit by the dimensions of the measure, as many parts as a page shows."""
    if not edition.published.evidence.drills.get(kpi.measure_id or ""):
        return []
    return [
        row
        for item in _standings(edition, kpi)
        for drill in shown_drills(edition, item)
        for row in _parts(item, drill)
    ]


def _parts(item: Standing, drill: Drill) -> Iterator[Record]:
    for value, numerator, denominator in drill.parts.get(item.unit_id, [])[:SHOWN_PARTS]:
        yield {
            "unit_id": item.unit_id,
            "period_start_date": item.start.isoformat(),
            "dimension": drill.dimension,
            "value": value,
            "numerator": cell_of(numerator),
            "denominator": _denominator(item, denominator),
            "adds_up": drill.adds_up,
        }
