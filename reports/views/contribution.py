"""What the units below contribute: to the gap of a ratio, or to the whole of a sum; parts add up exactly.

Not here: the units' own scorecards (front).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from reports.edition import Edition
from reports.figures.small import pct
from reports.periods import add_months
from reports.standing import Standing, standing
from reports.views.drilldown import component
from reports.warehouse import rows
from reports.words import points
from reports.words.language import NONE
from reports.words.parts import whole_parts
from reports.words.status import Status
from reports.words.text import Part, say, say_parts


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
    weight: str
    actual: str
    target: str
    last_year: str
    status: Status | None
    part: str
    bar: Bar | None


@dataclass(frozen=True)
class Contribution:
    """The units directly below, of one tree."""

    id: str
    heading: tuple[Part, ...]
    weight_head: str
    part_head: str
    rows: tuple[UnitRow, ...]
    total: UnitRow | None
    note: str


@dataclass(frozen=True)
class _Piece:
    """A unit's components and its part, exact."""

    item: Standing | None
    name: str
    numerator: Decimal
    denominator: Decimal
    part: Decimal


def contributions(edition: Edition, item: Standing) -> tuple[Contribution, ...]:
    """Return one table per tree of the units directly below."""
    trees: dict[str, list[rows.Unit]] = {}
    for child in edition.strategy.children(item.unit_id):
        if item.kpi.kpi_id in edition.strategy.kpis_of_unit.get(child.unit_id, frozenset()):
            trees.setdefault(child.tree_id or "", []).append(child)
    return tuple(_contribution(edition, item, tree, units) for tree, units in trees.items())


def _contribution(
    edition: Edition, item: Standing, tree: str, units: Sequence[rows.Unit]
) -> Contribution:
    below = [standing(edition, item.kpi, unit.unit_id) for unit in units]
    name = _tree_name(units[0])
    pieces = _pieces(edition, item, below)
    if pieces is None:
        return _plain(edition, item, below, tree=tree, name=name)
    digits = item.scale.decimals + 1 if _is_intensive(item) else 0
    shown = whole_parts([piece.part for piece in pieces], digits)
    drawn = bars(
        [piece.part for piece in pieces],
        [
            say("{unit}: {part}", unit=piece.name, part=_write_part(edition, item, part, digits))
            for piece, part in zip(pieces, shown, strict=True)
        ],
        is_bad=[_is_bad(item, piece.part) for piece in pieces],
    )
    found = [
        _row(edition, item, piece, part, bar, digits)
        for piece, part, bar in zip(pieces, shown, drawn, strict=True)
    ]
    order = sorted(range(len(found)), key=lambda index: _badness(item, pieces[index].part))
    ordered = tuple(found[index] for index in order)
    return Contribution(
        id=tree,
        heading=_heading(
            edition,
            item,
            [pieces[index] for index in order],
            [shown[index] for index in order],
            digits,
            name,
        ),
        weight_head=say("Denominator") if _is_intensive(item) else "",
        part_head=say("Part of the gap") if _is_intensive(item) else say("Share, %"),
        rows=ordered,
        total=_total(edition, item, sum(shown, Decimal(0)), digits),
        note=_note(item),
    )


def _tree_name(unit: rows.Unit) -> Part:
    return Part(unit.tree_name, style="outside") if unit.tree_name else Part(say("Units"))


def adds_up(kpi: rows.Kpi) -> bool:
    """Whether the components of the units make those of the whole: not of changes, indices, expressions and distinct things."""
    made = kpi.change_against is not None or kpi.index_base_date is not None
    return not made and kpi.aggregation not in {"distinct", "derived"}


def _is_intensive(item: Standing) -> bool:
    return item.kpi.aggregation in {"ratio", "score"}


def _pieces(edition: Edition, item: Standing, below: Sequence[Standing]) -> list[_Piece] | None:
    """Return the parts of the units, and of what lies in none of them; None where parts make no whole.

    Where one unit is suppressed no part is given at all: it could be had by subtraction. A whole that cannot be trusted has none.
    """
    whole = None if item.status.key == "unverified" else item.value
    held = any(child.status.key == "suppressed" for child in [item, *below])
    if whole is None or whole.numerator is None or held or not adds_up(item.kpi):
        return None
    if item.moved.kind == "unknown":
        return None
    target = item.score.target if item.score is not None else None
    if _is_intensive(item) and (target is None or not whole.denominator):
        return None
    if not _is_intensive(item) and not whole.numerator:
        return None
    found = [
        _piece(item, child, edition.strategy.units[child.unit_id].unit_name)
        for child in below
        if child.value is not None and child.value.numerator is not None
    ]
    rest_up = whole.numerator - sum((piece.numerator for piece in found), Decimal(0))
    rest_down = (whole.denominator or Decimal(0)) - sum(
        (piece.denominator for piece in found), Decimal(0)
    )
    leftover = rest_up or (rest_down and _is_intensive(item))
    if leftover:
        rest = _Piece(
            None, say("In none of them"), rest_up, rest_down, _part(item, rest_up, rest_down)
        )
        found.append(rest)
    return found or None


def _piece(item: Standing, child: Standing, name: str) -> _Piece:
    value = child.value
    up = value.numerator if value is not None and value.numerator is not None else Decimal(0)
    down = value.denominator if value is not None and value.denominator is not None else Decimal(0)
    return _Piece(child, name, up, down, _part(item, up, down))


def _part(item: Standing, numerator: Decimal, denominator: Decimal) -> Decimal:
    """Return a unit's part of the gap to target in shown units, or of the whole in per cent."""
    whole = item.value
    if whole is None or whole.numerator is None or whole.denominator is None:
        return Decimal(0)
    if _is_intensive(item):
        target = (
            Decimal(repr(item.score.target))
            if item.score is not None and item.score.target is not None
            else Decimal(0)
        )
        return (numerator - target * denominator) / whole.denominator * item.scale.factor
    return numerator / whole.numerator * 100


def _badness(item: Standing, part: Decimal) -> Decimal:
    if not _is_intensive(item):
        return -part
    if item.kpi.direction is None:
        return -abs(part)
    return part if item.kpi.direction == "higher_is_better" else -part


def _is_bad(item: Standing, part: Decimal) -> bool:
    return _is_intensive(item) and item.kpi.direction is not None and _badness(item, part) < 0


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


def _write_part(edition: Edition, item: Standing, part: Decimal, digits: int) -> str:
    """Write a part of the gap with its sign, a share of the whole without."""
    if _is_intensive(item):
        return edition.language.signed(part, digits)
    return edition.language.number(part)


def _row(
    edition: Edition, item: Standing, piece: _Piece, part: Decimal, bar: Bar, digits: int
) -> UnitRow:
    child = piece.item
    intensive = _is_intensive(item)
    written = _write_part(edition, item, part, digits)
    if child is None:
        return UnitRow(
            name=piece.name,
            href=None,
            weight=component(edition, piece.denominator) if intensive else "",
            actual=NONE if intensive else item.scale.bare(piece.numerator),
            target=NONE,
            last_year=NONE,
            status=None,
            part=written,
            bar=bar,
        )
    row = _plain_row(edition, child)
    weight = component(edition, piece.denominator) if intensive else ""
    return UnitRow(
        name=row.name,
        href=row.href,
        weight=weight,
        actual=row.actual,
        target=row.target,
        last_year=row.last_year,
        status=row.status,
        part=written,
        bar=bar,
    )


def _plain_row(edition: Edition, child: Standing) -> UnitRow:
    year = child.trusted(add_months(child.start, -12))
    goal = points.goal(child.kpi, child.score, child.scale)
    return UnitRow(
        name=edition.strategy.units[child.unit_id].unit_name,
        href=edition.kpi_href(child.kpi.kpi_id, child.unit_id),
        weight="",
        actual=child.scale.bare(child.actual),
        target=goal.short if goal is not None else NONE,
        last_year=child.scale.bare(year.actual if year is not None else None),
        status=child.status,
        part="",
        bar=None,
    )


def _plain(
    edition: Edition, item: Standing, below: Sequence[Standing], *, tree: str, name: Part
) -> Contribution:
    """Return the units without parts."""
    held = any(child.status.key == "suppressed" for child in [item, *below])
    note = ""
    if held:
        note = say("Parts are not given: a suppressed unit could be had by subtraction.")
    elif not adds_up(item.kpi):
        note = say("Units of such a KPI do not add up to the whole.")
    return Contribution(
        id=tree,
        heading=(name,),
        weight_head="",
        part_head="",
        rows=tuple(_plain_row(edition, child) for child in below),
        total=None,
        note=note,
    )


def _heading(
    edition: Edition,
    item: Standing,
    pieces: Sequence[_Piece],
    shown: Sequence[Decimal],
    digits: int,
    name: Part,
) -> tuple[Part, ...]:
    """Say which unit explains most."""
    part, total = shown[0], sum(shown, Decimal(0))
    worst = Part(pieces[0].name, style="outside" if pieces[0].item is not None else "")
    if _is_intensive(item) and _is_bad(item, total) and abs(part) > abs(total) / 2:
        return _costs(edition, item, worst, abs(part), abs(total), digits)
    if not _is_intensive(item) and len(pieces) > 1:
        return say_parts(
            "{tree}: {unit} has {share} of the whole",
            tree=name,
            unit=worst,
            share=edition.language.with_percent(edition.language.number(part)),
        )
    return (name,)


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


def _total(edition: Edition, item: Standing, total: Decimal, digits: int) -> UnitRow:
    row = _plain_row(edition, item)
    intensive = _is_intensive(item)
    weight = item.value.denominator if item.value is not None else None
    return UnitRow(
        name=say("All"),
        href=None,
        weight=component(edition, weight) if intensive else "",
        actual=row.actual,
        target=row.target,
        last_year=row.last_year,
        status=item.status,
        part=_write_part(edition, item, total, digits),
        bar=None,
    )


def _note(item: Standing) -> str:
    if _is_intensive(item):
        return say(
            "Each part is held against the target of the whole, not the unit’s own: its numerator less that target times its denominator, over the whole’s denominator. The parts add up to the gap."
        )
    return ""
