"""A unit below as a row: how it stands, what it has of a whole or a gap, and its bar.

Not here: which parts there are (gap), how they are rounded and what they say together (contribution).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from reports.edition import Edition
from reports.figures.small import pct
from reports.gap import Piece, is_intensive
from reports.periods import add_months
from reports.standing import Standing
from reports.views.drilldown import component
from reports.words import points as scoring
from reports.words.language import NONE
from reports.words.status import Status
from reports.words.text import say


@dataclass(frozen=True)
class Bar:
    """A bar from a common zero line."""

    zero: str
    x: str
    width: str
    style: str
    title: str


@dataclass(frozen=True)
class UnitRow:
    """A unit below, or what lies in none of them."""

    name: str
    href: str | None
    actual: str
    target: str
    last_year: str
    status: Status | None
    weight: str = ""
    share: str = ""
    part: str = ""
    points: str = ""
    bar: Bar | None = None


@dataclass(frozen=True)
class Written:
    """The parts of one row in figures."""

    share: str
    part: str
    points: str


def unit_row(edition: Edition, child: Standing) -> UnitRow:
    """Return a unit without parts."""
    year = child.trusted(add_months(child.start, -12))
    goal = scoring.goal(child.kpi, child.score, child.scale)
    return UnitRow(
        name=edition.strategy.units[child.unit_id].unit_name,
        href=edition.kpi_href(child.kpi.kpi_id, child.unit_id),
        actual=child.scale.bare(child.actual),
        target=goal.short if goal is not None else NONE,
        last_year=child.scale.bare(year.actual if year is not None else None),
        status=child.status,
    )


def partless_row(edition: Edition, child: Standing) -> UnitRow:
    """Return a unit without a value among others that have parts."""
    return replace(unit_row(edition, child), share=NONE, part=NONE, points=NONE)


def part_row(
    edition: Edition, item: Standing, piece: Piece, *, written: Written, bar: Bar
) -> UnitRow:
    """Return a unit, or what lies in none of them, with its parts."""
    intensive = is_intensive(item)
    row = _rest(edition, item, piece) if piece.item is None else unit_row(edition, piece.item)
    return replace(
        row,
        weight=component(edition, piece.denominator) if intensive else "",
        share=written.share,
        part=written.part,
        points=written.points,
        bar=bar,
    )


def total_row(edition: Edition, item: Standing, written: Written) -> UnitRow:
    """Return the whole, with what its parts add up to."""
    weight = item.value.denominator if item.value is not None else None
    return replace(
        unit_row(edition, item),
        name=say("All"),
        href=None,
        weight=component(edition, weight) if is_intensive(item) else "",
        share=written.share,
        part=written.part,
        points=written.points,
    )


def piece_name(edition: Edition, piece: Piece) -> str:
    """Name a unit, or what lies in none of them: values, or a target that was given to no unit."""
    if piece.item is not None:
        return edition.strategy.units[piece.item.unit_id].unit_name
    is_target_alone = piece.target is not None and not piece.numerator
    return say("In the target of the whole alone") if is_target_alone else say("In none of them")


def _rest(edition: Edition, item: Standing, piece: Piece) -> UnitRow:
    return UnitRow(
        name=piece_name(edition, piece),
        href=None,
        actual=NONE if is_intensive(item) else item.scale.bare(piece.numerator),
        target=NONE if piece.target is None else item.scale.bare(piece.target),
        last_year=NONE,
        status=None,
    )


def bars(parts: Sequence[Decimal], titles: Sequence[str], *, is_bad: Sequence[bool]) -> list[Bar]:
    """Draw parts as bars from a common zero line."""
    left = max(0.0, *(float(-part) for part in parts))
    right = max(0.0, *(float(part) for part in parts))
    span = (left + right) or 1.0
    zero = 100 * left / span
    found = []
    for part, title, bad in zip(parts, titles, is_bad, strict=True):
        width = abs(float(part)) / span * 100
        found.append(
            Bar(
                zero=pct(zero),
                x=pct(zero - width if part < 0 else zero),
                width=pct(width),
                style="f-off" if bad else "f-actual",
                title=title,
            )
        )
    return found
