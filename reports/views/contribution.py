"""What the units below contribute: to the gap to target and to the points lost of it, or to the whole of a sum; parts add up exactly.

Not here: how a gap is parted (gap), how units and parts are written as rows (unit_rows), the units' own scorecards (front).
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from reports.edition import Edition
from reports.gap import Below, Piece, is_bad, is_intensive, trees_below
from reports.standing import Standing
from reports.views.unit_rows import (
    UnitRow,
    Written,
    bars,
    part_row,
    partless_row,
    piece_name,
    total_row,
    unit_row,
)
from reports.words.language import rounded
from reports.words.parts import whole_parts
from reports.words.text import Part, later, say, say_parts


@dataclass(frozen=True)
class Contribution:
    """The units directly below, of one tree."""

    id: str
    heading: tuple[Part, ...]
    weight_head: str
    share_head: str
    part_head: str
    points_head: str
    rows: tuple[UnitRow, ...]
    total: UnitRow | None
    note: str
    has_bars: bool


@dataclass(frozen=True)
class _Shown:
    """Parts as a reader sees them, in the order of the pieces; empty where there are none of a kind."""

    gaps: tuple[Decimal, ...]
    shares: tuple[Decimal, ...]
    points: tuple[Decimal, ...]
    digits: int
    """Decimals of the parts of the gap."""
    point_digits: int


def contributions(edition: Edition, item: Standing) -> tuple[Contribution, ...]:
    """Return one table per tree of the units directly below."""
    return tuple(_contribution(edition, item, below) for below in trees_below(edition, item))


def _contribution(edition: Edition, item: Standing, below: Below) -> Contribution:
    name = Part(below.tree_name, style="outside") if below.tree_name else Part(say("Units"))
    if not below.pieces:
        return _plain(edition, below, name)
    shown = _shown(edition, item, below)
    found = _rows(edition, item, below, shown)
    others = below.units[sum(piece.item is not None for piece in below.pieces) :]
    intensive = is_intensive(item)
    return Contribution(
        id=below.tree_id,
        heading=_heading(edition, item, below, shown, name),
        weight_head=say("Denominator") if intensive else "",
        share_head=say("Share, %") if shown.shares else "",
        part_head=say("Part of the gap") if shown.gaps else "",
        points_head=say("Points lost") if shown.points else "",
        rows=(*found, *(partless_row(edition, child) for child in others)),
        total=total_row(edition, item, _written(edition, _summed(shown), 0)),
        note=" ".join(_notes(edition, item, below)),
        has_bars=True,
    )


def _plain(edition: Edition, below: Below, name: Part) -> Contribution:
    """Return the units without parts."""
    match below.reason:
        case "suppressed":
            note = say("Parts are not given: a suppressed unit could be had by subtraction.")
        case "apart":
            note = say("Units of such a KPI do not add up to the whole.")
        case "unverified":
            note = say("Parts are not given: a value among them cannot be trusted.")
        case _:
            note = ""
    return Contribution(
        id=below.tree_id,
        heading=(name,),
        weight_head="",
        share_head="",
        part_head="",
        points_head="",
        rows=tuple(unit_row(edition, child) for child in below.units),
        total=None,
        note=note,
        has_bars=False,
    )


def _summed(shown: _Shown) -> _Shown:
    """Add up the parts of each kind."""

    def whole(parts: Sequence[Decimal]) -> tuple[Decimal, ...]:
        return (sum(parts, Decimal(0)),) if parts else ()

    return replace(
        shown, gaps=whole(shown.gaps), shares=whole(shown.shares), points=whole(shown.points)
    )


def _shown(edition: Edition, item: Standing, below: Below) -> _Shown:
    """Round the parts so that they add up."""
    gaps = [piece.gap * item.scale.factor for piece in below.pieces if piece.gap is not None]
    digits = _digits(item, gaps)
    shares = [piece.share * 100 for piece in below.pieces if piece.share is not None]
    points = [piece.points for piece in below.pieces if piece.points is not None]
    lost = 100 - (edition.edges_of(item.kpi).shown(item.points) or Decimal(0))
    point_digits = 0 if lost == lost.to_integral_value() else 2
    return _Shown(
        gaps=tuple(whole_parts(gaps, digits, total=_whole_gap(item, digits))) if gaps else (),
        shares=tuple(whole_parts(shares, 0)) if shares else (),
        points=tuple(whole_parts(points, point_digits, total=lost)) if points else (),
        digits=digits,
        point_digits=point_digits,
    )


def _digits(item: Standing, gaps: Sequence[Decimal]) -> int:
    """Return the decimals of parts of a gap: one more than the value's for a ratio, and where a missed target would read as met."""
    own = item.scale.decimals
    vanishes = any(is_bad(item.kpi, gap) and not rounded(gap, own) for gap in gaps)
    return own + 1 if is_intensive(item) or vanishes else own


def _whole_gap(item: Standing, digits: int) -> Decimal | None:
    """Return what a reader finds by subtracting, where parts have the value's own decimals; else nothing."""
    target = item.score.target if item.score is not None else None
    own = digits == item.scale.decimals
    return item.scale.difference(item.actual, target) if own else None


def _rows(edition: Edition, item: Standing, below: Below, shown: _Shown) -> list[UnitRow]:
    written = [_written(edition, shown, at) for at in range(len(below.pieces))]
    drawn = bars(
        shown.gaps or shown.shares,
        [
            say(
                "{unit}: {part}",
                unit=piece_name(edition, piece),
                part=each.part if shown.gaps else each.share,
            )
            for piece, each in zip(below.pieces, written, strict=True)
        ],
        is_bad=[is_bad(item.kpi, piece.gap) for piece in below.pieces],
    )
    return [
        part_row(edition, item, piece, written=each, bar=bar)
        for piece, each, bar in zip(below.pieces, written, drawn, strict=True)
    ]


def _written(edition: Edition, shown: _Shown, at: int) -> Written:
    """Write the parts of a piece by its place: of a gap with their sign, of a whole without."""
    language = edition.language
    return Written(
        share=language.number(shown.shares[at]) if shown.shares else "",
        part=language.signed(shown.gaps[at], shown.digits) if shown.gaps else "",
        points=language.number(shown.points[at], shown.point_digits) if shown.points else "",
    )


def _heading(
    edition: Edition, item: Standing, below: Below, shown: _Shown, name: Part
) -> tuple[Part, ...]:
    """Say which unit explains most: of a gap, else of the whole."""
    if not shown.gaps:
        return _most(edition, below, shown, name)
    if not is_intensive(item):
        return _behind(edition, item, below, shown)
    part, total = shown.gaps[0], sum(shown.gaps, Decimal(0))
    if is_bad(item.kpi, total) and abs(part) > abs(total) / 2:
        worst = _named(edition, below.pieces[0])
        return _costs(edition, item, worst, abs(part), abs(total), shown.digits)
    return (name,)


def _named(edition: Edition, piece: Piece) -> Part:
    return Part(piece_name(edition, piece), style="outside" if piece.item is not None else "")


def _most(edition: Edition, below: Below, shown: _Shown, name: Part) -> tuple[Part, ...]:
    """Say which has the greatest share of the whole."""
    if len(below.pieces) == 1:
        return (name,)
    share = max(shown.shares)
    piece = below.pieces[shown.shares.index(share)]
    return say_parts(
        "{tree}: {unit} has {share} of the whole",
        tree=name,
        unit=_named(edition, piece),
        share=edition.language.with_percent(edition.language.number(share)),
    )


def _behind(edition: Edition, item: Standing, below: Below, shown: _Shown) -> tuple[Part, ...]:
    """Say which unit is farthest behind its own target, and how the whole stands to its own."""
    total = sum(shown.gaps, Decimal(0))
    gap, part = (_distance(item, each, shown.digits) for each in (total, shown.gaps[0]))
    is_missed, is_low = is_bad(item.kpi, total), item.kpi.direction == "higher_is_better"
    if not is_bad(item.kpi, shown.gaps[0]):
        return _none_behind(gap, is_missed=is_missed, is_low=is_low)
    unit = _named(edition, below.pieces[0])
    match is_missed, is_low:
        case True, True:
            text = later("{unit} is {part} below its own target; the whole is {gap} below")
        case True, False:
            text = later("{unit} is {part} above its own target; the whole is {gap} above")
        case False, True:
            text = later("{unit} is {part} below its own target; the whole reaches its own")
        case _:
            text = later("{unit} is {part} above its own target; the whole reaches its own")
    return say_parts(text, unit=unit, part=part, gap=gap)


def _none_behind(gap: str, *, is_missed: bool, is_low: bool) -> tuple[Part, ...]:
    """Say that every unit reaches its own target, which may leave the whole behind."""
    if not is_missed:
        return say_parts("Every unit reaches its own target, and so does the whole")
    if is_low:
        return say_parts("Every unit reaches its own target; the whole is {gap} below", gap=gap)
    return say_parts("Every unit reaches its own target; the whole is {gap} above", gap=gap)


def _distance(item: Standing, part: Decimal, digits: int) -> str:
    """Write how far from a target: money with its sign, percentages in points, other units not again."""
    language = item.scale.language
    written = language.number(abs(part), digits)
    if item.scale.factor != 1:
        return say("{value} points", value=written)
    is_money = item.kpi.measured_in == "currency"
    return language.with_currency(written) if is_money else written


def _costs(
    edition: Edition, item: Standing, unit: Part, part: Decimal, gap: Decimal, digits: int
) -> tuple[Part, ...]:
    """Say what a unit costs of a gap; more than all of it where others make up for some."""
    number, is_percent = edition.language.number, item.kpi.measured_in == "percent"
    named: dict[str, Part | str] = {
        "unit": unit,
        "part": number(part, digits),
        "gap": number(gap, digits),
    }
    if part > gap:
        return (
            say_parts("{unit} costs {part} points, more than the gap to target of {gap}", **named)
            if is_percent
            else say_parts("{unit} costs {part}, more than the gap to target of {gap}", **named)
        )
    return (
        say_parts("{unit} costs {part} of the {gap} points to target", **named)
        if is_percent
        else say_parts("{unit} costs {part} of the {gap} to target", **named)
    )


def _notes(edition: Edition, item: Standing, below: Below) -> Iterator[str]:
    if is_intensive(item):
        yield say(
            "Each part is held against the target of the whole, not the unit’s own: its numerator less that target times its denominator, over the whole’s denominator. The parts add up to the gap."
        )
    elif below.has_gap:
        yield say(
            "Each part is the unit’s actual less its own target; the parts add up to the gap of the whole."
        )
        if below.pieces[-1].item is None:
            yield say(
                "The last row is what the whole’s actual and target have beyond those of the units."
            )
    if below.has_points:
        yield say(
            "The score is {score} of 100. The points that it lost are split over the parts on the wrong side of the target, in proportion to their size: a way of sharing them out, since the score is made from the whole alone.",
            score=edition.edges_of(item.kpi).write(item.points),
        )
