"""What each unit directly below has of a KPI's whole, of its gap to target, and of the points that its score lost; exact.

Where one unit is suppressed no part is given at all: it could be had by subtraction. Not here: how parts are rounded and
written (views, exports), the moves of a month (moved).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Literal

from reports.edition import Edition
from reports.standing import Standing, standing
from reports.warehouse import rows

SCORED_BY_DISTANCE = frozenset({"linear", "ratio", "progress"})
"""Rules that turn the way to a target into points bit by bit; others earn or lose them at once, or on both sides."""
FULL = Decimal(100)
NOTHING = Decimal(0)
Reason = Literal["", "suppressed", "unverified", "apart", "unknown"]
"""Why there are no parts: apart means that the units of such a KPI do not make the whole."""


@dataclass(frozen=True)
class Piece:
    """What a unit has of the whole; of a KPI that is measured in percent or points, parts of the gap are fractions of 1."""

    item: Standing | None
    """None for what lies in none of the units."""
    numerator: Decimal
    denominator: Decimal
    target: Decimal | None = None
    """Its own target, or what the whole's has beyond those of the units; of sums alone."""
    share: Decimal | None = None
    """Of the whole; of sums alone."""
    gap: Decimal | None = None
    """Its part of the gap between the whole and its target."""
    points: Decimal | None = None
    """What it cost of the points that the KPI's score lacks to 100."""


@dataclass(frozen=True)
class Below:
    """The units directly below, of one tree."""

    tree_id: str
    tree_name: str
    units: tuple[Standing, ...]
    """The worst first."""
    pieces: tuple[Piece, ...]
    """In the same order; what lies in none of them stands last of a sum, of a ratio where its part puts it."""
    reason: Reason = ""

    @property
    def has_gap(self) -> bool:
        """Whether each has its part of a gap."""
        return bool(self.pieces) and self.pieces[0].gap is not None

    @property
    def has_points(self) -> bool:
        """Whether lost points are split over them."""
        return bool(self.pieces) and self.pieces[0].points is not None


def trees_below(edition: Edition, item: Standing) -> tuple[Below, ...]:
    """Return the units directly below to which a KPI applies, tree by tree."""
    trees: dict[str, list[rows.Unit]] = {}
    for child in edition.strategy.children(item.unit_id):
        if item.kpi.kpi_id in edition.strategy.kpis_of_unit.get(child.unit_id, frozenset()):
            trees.setdefault(child.tree_id or "", []).append(child)
    return tuple(_below(edition, item, tree, units) for tree, units in trees.items())


def is_intensive(item: Standing) -> bool:
    """Whether a KPI has a denominator that units share: its target is handed down to them."""
    return item.kpi.aggregation in {"ratio", "score"}


def adds_up(kpi: rows.Kpi) -> bool:
    """Whether the components of the units make those of the whole: not of changes, indices, expressions and distinct things."""
    made = kpi.change_against is not None or kpi.index_base_date is not None
    return not made and kpi.aggregation not in {"distinct", "derived"}


def is_bad(kpi: rows.Kpi, gap: Decimal | None) -> bool:
    """Whether a part of a gap lies on the wrong side of the target."""
    if gap is None or kpi.direction is None:
        return False
    return gap < 0 if kpi.direction == "higher_is_better" else gap > 0


def _below(edition: Edition, item: Standing, tree: str, units: Sequence[rows.Unit]) -> Below:
    below = sorted((standing(edition, item.kpi, unit.unit_id) for unit in units), key=_by_score)
    reason = _reason(item, below)
    pieces = () if reason else _pieces(item, below)
    in_order = [piece.item for piece in pieces if piece.item is not None]
    rest = [child for child in below if not _measured(child)] if pieces else below
    return Below(
        tree_id=tree,
        tree_name=units[0].tree_name or "",
        units=(*in_order, *rest),
        pieces=pieces,
        reason=reason,
    )


def _by_score(child: Standing) -> tuple[bool, float]:
    """Put the worst score first, and what has none last."""
    return child.points is None, child.points or 0.0


def _reason(item: Standing, below: Sequence[Standing]) -> Reason:
    states = {child.status.key for child in (item, *below)}
    if "suppressed" in states:
        return "suppressed"
    if not adds_up(item.kpi):
        return "apart"
    if "unverified" in states:
        return "unverified"
    known = item.value is not None and item.value.numerator is not None
    return "" if known and item.moved.kind != "unknown" else "unknown"


def _measured(child: Standing) -> bool:
    return child.value is not None and child.value.numerator is not None


def _pieces(item: Standing, below: Sequence[Standing]) -> tuple[Piece, ...]:
    whole = _piece(item)
    found = [_piece(child) for child in below if _measured(child)]
    if not found:
        return ()
    if is_intensive(item):
        return _with_points(item, _of_ratio(item, whole, found))
    if _has_own_targets(item, whole, below):
        found = _of_targets(item, whole, found)
    else:
        found = _of_sum(whole, found)
    return _with_points(item, found)


def _piece(child: Standing) -> Piece:
    value = child.value
    up = value.numerator if value is not None else None
    down = value.denominator if value is not None else None
    return Piece(child, up or NOTHING, down or NOTHING, target=_target(child))


def _target(child: Standing) -> Decimal | None:
    """Return the target that the last period is held against; none where the score is of an earlier one."""
    score = child.score
    if score is None or score.target is None or child.value_start != child.start:
        return None
    return Decimal(repr(score.target))


def _rest(whole: Piece, found: Sequence[Piece]) -> Piece:
    up = whole.numerator - sum((piece.numerator for piece in found), NOTHING)
    down = whole.denominator - sum((piece.denominator for piece in found), NOTHING)
    return Piece(None, up, down)


def _of_ratio(item: Standing, whole: Piece, found: Sequence[Piece]) -> list[Piece]:
    """Hold each unit's components against the target of the whole; nothing where the whole has none."""
    target = item.score.target if item.score is not None else None
    if target is None or not whole.denominator:
        return []
    aim = Decimal(repr(target))
    rest = _rest(whole, found)
    parts = [*found, rest] if rest.numerator or rest.denominator else found
    told = [
        replace(
            piece,
            target=None,
            gap=(piece.numerator - aim * piece.denominator) / whole.denominator,
        )
        for piece in parts
    ]
    return sorted(told, key=lambda piece: _badness(item, piece))


def _of_targets(item: Standing, whole: Piece, found: Sequence[Piece]) -> list[Piece]:
    """Hold the units of a sum against their own targets; what the whole has beyond them stands last."""
    targets = (piece.target or NOTHING for piece in found)
    beyond = (whole.target or NOTHING) - sum(targets, NOTHING)
    rest = _held(replace(_rest(whole, found), target=beyond))
    told = sorted((_held(piece) for piece in found), key=lambda piece: _badness(item, piece))
    if rest.numerator or item.scale.shown(beyond):
        told.append(rest)
    return [_shared(piece, whole) for piece in told]


def _of_sum(whole: Piece, found: Sequence[Piece]) -> list[Piece]:
    """Give each unit's share of a sum."""
    if not whole.numerator:
        return []
    rest = _rest(whole, found)
    told = [*found, rest] if rest.numerator else found
    return [_shared(replace(piece, target=None), whole) for piece in told]


def _has_own_targets(item: Standing, whole: Piece, below: Sequence[Standing]) -> bool:
    """Whether a sum and all units that make it have a number to reach; a sum held inside a range has none."""
    if item.kpi.direction is None or whole.target is None:
        return False
    return all(
        (_target(child) is not None) == _measured(child) and _is_plain(child)
        for child in (item, *below)
    )


def _is_plain(child: Standing) -> bool:
    """Whether the upper component is the value itself: targets are set for values."""
    value = child.value
    if value is None or value.numerator is None or value.actual is None:
        return True
    return float(value.numerator) == value.actual


def _held(piece: Piece) -> Piece:
    return replace(piece, gap=piece.numerator - (piece.target or NOTHING))


def _shared(piece: Piece, whole: Piece) -> Piece:
    return replace(piece, share=piece.numerator / whole.numerator if whole.numerator else None)


def _badness(item: Standing, piece: Piece) -> Decimal:
    gap = piece.gap or NOTHING
    if item.kpi.direction is None:
        return -abs(gap)
    return gap if item.kpi.direction == "higher_is_better" else -gap


def _with_points(item: Standing, found: Sequence[Piece]) -> tuple[Piece, ...]:
    """Split the points that a missed target's score lacks to 100, in proportion to the parts that lie on its wrong side."""
    bad = [
        abs(piece.gap) if piece.gap is not None and is_bad(item.kpi, piece.gap) else NOTHING
        for piece in found
    ]
    whole = sum((piece.gap for piece in found if piece.gap is not None), NOTHING)
    lost = lost_points(item)
    if not lost or not sum(bad) or not is_bad(item.kpi, whole):
        return tuple(found)
    weight = sum(bad, NOTHING)
    return tuple(
        replace(piece, points=lost * part / weight) for piece, part in zip(found, bad, strict=True)
    )


def lost_points(item: Standing) -> Decimal:
    """Return what a score lacks to 100 where its rule gives points by the distance to the target; else nothing."""
    if item.kpi.rule not in SCORED_BY_DISTANCE or item.points is None:
        return NOTHING
    if item.value_start != item.start:
        return NOTHING
    return max(NOTHING, FULL - Decimal(repr(item.points)))
