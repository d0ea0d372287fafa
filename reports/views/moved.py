"""What moved a number since the period before: the children of a score, the units of a value; parts add up to the change shown.

Not here: the computing of contributions (transforms), the parts of a whole or of a gap (contribution).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from reports.edition import Edition
from reports.hierarchy import name_of, node_of
from reports.periods import add_months
from reports.standing import Standing
from reports.views.unit_rows import Bar, bars
from reports.warehouse import rows
from reports.words.language import rounded
from reports.words.parts import whole_parts
from reports.words.text import Part, later, say, say_parts
from scorecard.terms import MONTHS

SCORE_DIGITS = 1


@dataclass(frozen=True)
class MovedRow:
    """A child or unit, or what lies in none."""

    name: str
    href: str | None
    before: str
    now: str
    part: str
    bar: Bar | None


@dataclass(frozen=True)
class Moved:
    """What moved one number."""

    id: str
    heading: tuple[Part, ...]
    first: str
    """Head of the first column."""
    before: str
    now: str
    rows: tuple[MovedRow, ...]
    total: MovedRow
    note: str


@dataclass(frozen=True)
class _Piece:
    """A part, exact, in shown units."""

    name: str
    href: str | None
    before: Decimal | None
    now: Decimal | None
    part: Decimal


SCORE_NOTE = later(
    "A part is what a child’s score, at its weight, did to the whole, measured from the whole’s score before; "
    "the parts add up to the change."
)
OTHER_NOTE = later("The parts add up to the change.")
UNIT_NOTE = later(
    "A unit’s part is by how much its own amount grew or fell; the parts add up to the change."
)
QUOTIENT_NOTE = later(
    "A unit’s part is what it did to the whole, by its own rate and by its size, measured from the whole’s value before; "
    "the parts add up to the change."
)
NOISE = later("It stayed within its usual range, so much of this may be noise.")


def score_moves(edition: Edition, level: str, node_id: str, unit_id: str) -> Moved | None:
    """Return what moved a score since the month before; None where there is nothing to compare."""
    found = edition.results.contributions.get((level, node_id, unit_id), [])
    starts = (add_months(edition.month, -1), edition.month)
    nodes = [node_of(edition, level, node_id, unit_id, at) for at in starts]
    before, now = (_exact(node.score if node is not None else None) for node in nodes)
    pieces = [
        _child(edition, row, unit_id, row.contribution)
        for row in found
        if row.contribution is not None
    ]
    if before is None or now is None or not pieces:
        return None
    then, month = (edition.language.month(at) for at in starts)
    heads = Heads(
        lambda change: say_parts(
            "What moved the score since {period}: {change}", period=then, change=change
        ),
        say("Part"),
        then,
        month,
    )
    mean = _roll_up(edition, level, node_id) == "weighted_mean"
    return _moved(
        edition,
        pieces,
        id_="score",
        heads=heads,
        ends=(before, now),
        digits=SCORE_DIGITS,
        bad=-1,
        note=say(SCORE_NOTE if mean else OTHER_NOTE),
    )


def _roll_up(edition: Edition, level: str, node_id: str) -> str:
    strategy = edition.strategy
    if level == "objective":
        return strategy.objectives[node_id].roll_up
    if level == "perspective":
        return strategy.perspectives[node_id].roll_up
    return "weighted_mean"


def _child(
    edition: Edition, row: rows.ScoreContribution, unit_id: str, contribution: float
) -> _Piece:
    name, href = name_of(edition, row.child_level, row.child_id, unit_id)
    part = Decimal(repr(contribution))
    return _Piece(name, href, _exact(row.score_before), _exact(row.score), part)


def unit_moves(edition: Edition, item: Standing) -> tuple[Moved, ...]:
    """Return what moved a KPI's value since the period before, one table per tree of the units below."""
    found = edition.results.unit_contributions.get((item.kpi.kpi_id, item.unit_id), [])
    starts = (add_months(item.start, -MONTHS[item.grain]), item.start)
    values = [item.trusted(at) for at in starts]
    ends = [_times(item, value.actual if value is not None else None) for value in values]
    before, now = ends
    if before is None or now is None or item.status.key == "unverified":
        return ()
    trees: dict[str, list[rows.UnitContribution]] = {}
    for row in found:
        if row.contribution is not None:
            trees.setdefault(row.tree_id or "", []).append(row)
    names = [edition.calendar.period(item.grain, at) for at in starts]
    return tuple(
        _of_tree(edition, item, tree=tree, found=group, ends=(before, now), names=names)
        for tree, group in trees.items()
    )


def _of_tree(
    edition: Edition,
    item: Standing,
    *,
    tree: str,
    found: Sequence[rows.UnitContribution],
    ends: tuple[Decimal, Decimal],
    names: Sequence[str],
) -> Moved:
    units = edition.strategy.units
    tree_name = next(
        (unit.tree_name for unit in units.values() if unit.tree_id == tree and unit.tree_name), ""
    )
    pieces = [piece for row in found if (piece := _unit(edition, item, row)) is not None]
    heads = Heads(
        lambda change: _units_heading(names[0], tree_name, change), say("Unit"), names[0], names[1]
    )
    quotient = item.kpi.aggregation in {"ratio", "score"}
    return _moved(
        edition,
        pieces,
        id_=tree or "units",
        heads=heads,
        ends=ends,
        digits=item.scale.decimals + (1 if quotient else 0),
        bad={"higher_is_better": -1, "lower_is_better": 1}.get(item.kpi.direction or "", 0),
        note=_units_note(is_quotient=quotient, is_noise=item.moved.kind == "none"),
    )


def _units_heading(period: str, tree_name: str, change: str) -> tuple[Part, ...]:
    if not tree_name:
        return say_parts("What moved it since {period}: {change}", period=period, change=change)
    return say_parts(
        "What moved it since {period}, by {tree}: {change}",
        period=period,
        tree=Part(tree_name, style="outside"),
        change=change,
    )


def _units_note(*, is_quotient: bool, is_noise: bool) -> str:
    note = say(QUOTIENT_NOTE if is_quotient else UNIT_NOTE)
    return f"{note} {say(NOISE)}" if is_noise else note


def _unit(edition: Edition, item: Standing, row: rows.UnitContribution) -> _Piece | None:
    part = _times(item, row.contribution) or Decimal(0)
    if row.part != "unit":
        return _Piece(say("In none of them"), None, None, None, part) if part else None
    return _Piece(
        edition.strategy.units[row.unit_id].unit_name,
        edition.kpi_href(row.kpi_id, row.unit_id),
        _times(item, row.actual_before),
        _times(item, row.actual),
        part,
    )


def _exact(value: float | None) -> Decimal | None:
    return None if value is None else Decimal(repr(value))


def _times(item: Standing, value: float | None) -> Decimal | None:
    return None if value is None else Decimal(repr(value)) * item.scale.factor


@dataclass(frozen=True)
class Heads:
    """What stands over a table."""

    heading: Callable[[str], tuple[Part, ...]]
    """The heading for a change as written."""
    first: str
    before: str
    now: str


def _moved(
    edition: Edition,
    pieces: Sequence[_Piece],
    *,
    id_: str,
    heads: Heads,
    ends: tuple[Decimal, Decimal],
    digits: int,
    bad: int,
    note: str,
) -> Moved:
    """Return the table; `bad` is the sign of what is worse, 0 where nothing says it."""
    ordered = sorted(pieces, key=lambda piece: -bad * piece.part if bad else -abs(piece.part))
    before, now = (rounded(end, digits) for end in ends)
    parts = [piece.part for piece in ordered]
    shown = whole_parts(parts, digits, total=now - before)
    titles = [
        say("{name}: {part}", name=piece.name, part=edition.language.signed(part, digits))
        for piece, part in zip(ordered, shown, strict=True)
    ]
    drawn = bars(parts, titles, is_bad=[bad * part > 0 for part in parts])

    def row(piece: _Piece, part: Decimal, bar: Bar | None) -> MovedRow:
        return MovedRow(
            name=piece.name,
            href=piece.href,
            before=edition.language.number(piece.before, digits),
            now=edition.language.number(piece.now, digits),
            part=edition.language.signed(part, digits),
            bar=bar,
        )

    whole = _Piece(say("All"), None, before, now, now - before)
    return Moved(
        id=id_,
        heading=heads.heading(edition.language.signed(now - before, digits)),
        first=heads.first,
        before=heads.before,
        now=heads.now,
        rows=tuple(
            row(piece, part, bar) for piece, part, bar in zip(ordered, shown, drawn, strict=True)
        ),
        total=row(whole, whole.part, None),
        note=note,
    )
