"""The headline month by the dimensions of the measure: shown, never scored.

Not here: the reading of the parts (drill).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from reports.edition import Edition
from reports.standing import Standing
from reports.warehouse.drill import Drill
from reports.words.language import NONE
from reports.words.parts import whole_parts
from reports.words.text import Part, say, say_count, say_parts

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
    """Its number on the page: a dimension may be called anything."""
    heading: tuple[Part, ...]
    is_ratio: bool
    adds_up: bool
    rows: tuple[DrillRow, ...]
    note: str


def component(edition: Edition, value: Decimal | None) -> str:
    """Write a component: whole where it is whole, else with two decimals."""
    if value is None:
        return NONE
    return edition.language.once(
        (value, "component"),
        lambda: edition.language.written(value, 0 if value == value.to_integral_value() else 2),
    )


def drill_tables(edition: Edition, item: Standing) -> tuple[tuple[DrillTable, ...], str]:
    """Return the headline month by dimension; nothing where it cannot be trusted, or few observations could reveal a person."""
    if item.kpi.min_observations_count and _drills(edition, item):
        return (), say("Parts are not shown: they could hold too few observations.")
    drills = enumerate(shown_drills(edition, item), 1)
    found = (_drill_table(edition, item, drill, str(number)) for number, drill in drills)
    return tuple(table for table in found if table is not None), ""


def shown_drills(edition: Edition, item: Standing) -> tuple[Drill, ...]:
    """Return the dimensions by which the headline month of a KPI may be shown."""
    if item.kpi.min_observations_count:
        return ()
    if item.grain != "month" or item.status.key in {"unverified", "suppressed"}:
        return ()
    if item.kpi.change_against is not None or item.kpi.index_base_date is not None:
        return ()
    return _drills(edition, item)


def _drills(edition: Edition, item: Standing) -> tuple[Drill, ...]:
    return edition.published.evidence.drills.get(item.kpi.measure_id or "", ())


def _drill_table(edition: Edition, item: Standing, drill: Drill, number: str) -> DrillTable | None:
    parts = drill.parts.get(item.unit_id, [])
    if not parts:
        return None
    ratio = item.kpi.aggregation in {"ratio", "score"}
    sizes = [abs(numerator) for _, numerator, _ in parts]
    most = max(sizes) or 1
    found = []
    for (value, numerator, denominator), share in zip(
        parts[:SHOWN_PARTS], _shares(edition, drill, sizes), strict=False
    ):
        actual = (
            (float(numerator / denominator) if denominator else None) if ratio else float(numerator)
        )
        found.append(
            DrillRow(
                name=value if value is not None else say("not given"),
                actual=item.scale.bare(actual),
                numerator=component(edition, numerator) if ratio else "",
                denominator=component(edition, denominator) if ratio else "",
                share=share,
                width=f"{float(abs(numerator) / most) * 100:.2f}",
            )
        )
    name = Part(drill.dimension.replace("_", " "), style="outside")
    return DrillTable(
        id=number,
        heading=say_parts(
            "{month} by {dimension}", month=edition.language.month(edition.month), dimension=name
        ),
        is_ratio=ratio,
        adds_up=drill.adds_up,
        rows=tuple(found),
        note=" ".join(_notes(drill, len(parts) - len(found))),
    )


def _shares(edition: Edition, drill: Drill, sizes: Sequence[Decimal]) -> list[str]:
    """Write each part's share of all parts in per cent; they add up to 100 where things are counted in one part alone."""
    total = sum(sizes, Decimal(0))
    if not total or not drill.adds_up:
        return [NONE] * len(sizes)
    shown = whole_parts([size / total * 100 for size in sizes], 0, total=Decimal(100))
    return [edition.language.number(share) for share in shown]


def _notes(drill: Drill, hidden: int) -> Iterator[str]:
    if hidden:
        yield say_count(
            "{count} smaller part is not shown; the measure’s table holds it.",
            "{count} smaller parts are not shown; the measure’s table holds them.",
            hidden,
        )
    if not drill.adds_up:
        yield say("Each is counted once in every part, so parts may add up to more than the whole.")
