"""The units below a unit side by side: one small line per unit, all on one scale, each a link to that unit's page of the KPI.

Not here: what each contributes (contribution), the units' scorecards (front).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from reports.edition import Edition
from reports.figures.chart_axis import Axis, axis_of
from reports.figures.chart_parts import Month
from reports.figures.small import path, pct, px
from reports.standing import Standing, series, standing
from reports.views.contribution import Contribution
from reports.warehouse import rows
from reports.words import points
from reports.words.language import NONE, Scale
from reports.words.status import Status
from reports.words.text import Part, say, say_count, say_parts

HEIGHT = 52.0
SHOWN = 12
"""So many units show at once, the worst; the rest are opened, unless they are few."""
FEW = 4


@dataclass(frozen=True)
class Small:
    """The line of one unit."""

    name: str
    href: str
    value: str
    status: Status
    path: str
    dot: tuple[str, str] | None
    """The last known period: per cent across, px down."""
    is_off_track: bool
    target: str | None
    """Height of the last period's target."""


@dataclass(frozen=True)
class DataRow:
    """A unit in the table behind the lines."""

    name: str
    values: tuple[str, ...]


@dataclass(frozen=True)
class Multiples:
    """The units of one tree."""

    id: str
    heading: tuple[Part, ...]
    sentence: tuple[Part, ...]
    """What they show."""
    first: tuple[Small, ...]
    rest: tuple[Small, ...]
    more: str
    note: str
    order: str
    summary: str
    caption: str
    periods: tuple[str, ...]
    rows: tuple[DataRow, ...]


def multiples(
    edition: Edition, item: Standing, contributions: Sequence[Contribution]
) -> tuple[Multiples, ...]:
    """Return the units directly below, a set per tree, in the order in which their contributions stand."""
    children = {
        edition.kpi_href(item.kpi.kpi_id, child.unit_id): child
        for child in edition.strategy.children(item.unit_id)
    }
    found = []
    for part in contributions:
        units = [children[row.href] for row in part.rows if row.href is not None]
        below = [standing(edition, item.kpi, unit.unit_id) for unit in units]
        order = (
            say("In the order of their parts of the gap.")
            if part.part_head
            else say("The lowest score stands first.")
        )
        found.append(_multiples(edition, item, below, unit=units[0], order=order))
    return tuple(found)


def _multiples(
    edition: Edition, item: Standing, below: Sequence[Standing], *, unit: rows.Unit, order: str
) -> Multiples:
    lines = [series(child) for child in below]
    targets = [points.guides(child.kpi, child.score).target for child in below]
    axis = _axis(lines, targets, item.scale.factor)
    drawn = [
        _small(edition, child, line, target, axis)
        for child, line, target in zip(below, lines, targets, strict=True)
    ]
    cut = len(drawn) if len(drawn) <= SHOWN + FEW else SHOWN
    return Multiples(
        id=unit.tree_id or "units",
        heading=_heading(unit, item),
        sentence=_sentence(edition, item, below),
        first=tuple(drawn[:cut]),
        rest=tuple(drawn[cut:]),
        more=say_count("{count} more unit", "{count} more units", len(drawn) - cut),
        note=_note(axis, item.scale, has_target=any(target is not None for target in targets)),
        order=order,
        summary=say_count(
            "The {count} unit as a table", "The {count} units as a table", len(below)
        ),
        caption=say("Actual by unit and period"),
        periods=tuple(
            edition.calendar.short(item.grain, at, near=item.start) for at in item.periods
        ),
        rows=tuple(
            DataRow(
                edition.strategy.units[child.unit_id].unit_name,
                tuple(NONE if value is None else child.scale.bare(value) for value in line),
            )
            for child, line in zip(below, lines, strict=True)
        ),
    )


def _axis(
    lines: Sequence[Sequence[float | None]], targets: Sequence[float | None], factor: int
) -> Axis | None:
    found = [value * factor for line in lines for value in line if value is not None]
    if not found:
        return None
    aims = [target * factor for target in targets if target is not None]
    return axis_of([Month(date.min, value) for value in (min(found), max(found), *aims)])


def _small(
    edition: Edition,
    child: Standing,
    line: Sequence[float | None],
    target: float | None,
    axis: Axis | None,
) -> Small:
    def down(value: float) -> float:
        share = 0.0 if axis is None else axis.share(value * child.scale.factor)
        return HEIGHT * (1 - share)

    points_of = [
        None if value is None else (100 * (index + 0.5) / len(line), down(value))
        for index, value in enumerate(line)
    ]
    last = next((point for point in reversed(points_of) if point is not None), None)
    return Small(
        name=edition.strategy.units[child.unit_id].unit_name,
        href=edition.kpi_href(child.kpi.kpi_id, child.unit_id),
        value=child.scale.prose(child.actual),
        status=child.status,
        path=path(points_of, places=2),
        dot=None if last is None else (pct(last[0]), px(last[1])),
        is_off_track=child.status.key == "off_track",
        target=None if target is None or axis is None else px(down(target)),
    )


def _heading(unit: rows.Unit, item: Standing) -> tuple[Part, ...]:
    if unit.tree_name:
        return say_parts(
            "{tree} side by side, {span}",
            tree=Part(unit.tree_name, style="outside"),
            span=item.span,
        )
    return say_parts("Units side by side, {span}", span=item.span)


def _sentence(edition: Edition, item: Standing, below: Sequence[Standing]) -> tuple[Part, ...]:
    """Say how many units are off track, and which lie lowest and highest."""
    off = sum(1 for child in below if child.status.key == "off_track")
    judged = sum(1 for child in below if child.score is not None and child.score.band is not None)
    found = (Part(_off_track(off, judged)),) if judged else ()
    known = [child for child in below if child.actual is not None]
    values = {item.scale.shown(child.actual) for child in known}
    if len(values) < 2:  # noqa: PLR2004 - nothing to compare
        return found
    low, high = (pick(known, key=lambda child: child.actual or 0.0) for pick in (min, max))
    ends = say_parts(
        "Lowest is {low_unit} with {low}, highest {high_unit} with {high}.",
        low_unit=_name(edition, low),
        low=low.scale.prose(low.actual),
        high_unit=_name(edition, high),
        high=high.scale.prose(high.actual),
    )
    return (*found, *((Part(" "),) if found else ()), *ends)


def _off_track(off: int, judged: int) -> str:
    if not off:
        return say("No unit with a score is off track.")
    if judged == 1:
        return say("The one unit with a score is off track.")
    return say_count(
        "{count} of {all} units with a score is off track.",
        "{count} of {all} units with a score are off track.",
        off,
        all=judged,
    )


def _name(edition: Edition, child: Standing) -> Part:
    return Part(edition.strategy.units[child.unit_id].unit_name, style="outside")


def _note(axis: Axis | None, scale: Scale, *, has_target: bool) -> str:
    if axis is None:
        return say("No unit has a value to show.")
    low, high = (axis.write(end, scale.language) for end in (axis.low, axis.high))
    if has_target:
        return say(
            "All on one scale, from {low} to {high}; the short line at the right is the target.",
            low=low,
            high=high,
        )
    return say("All on one scale, from {low} to {high}.", low=low, high=high)
