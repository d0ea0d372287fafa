"""Where objectives and links stand on the strategy map: rows, columns, and the ways of links round the objectives.

A link runs straight up and down and sideways in the space between two rows, where it has a height of its own; it
passes a row through the gap between two objectives. Not here: the order within the rows (map_order), labels
(map_labels), names, statuses and words (views).
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from reports.figures.map_order import Item, Order, Span, gaps, orders, spans

Point = tuple[float, float]
APART = 5.0
"""Two links run up and down no nearer than this in the same space between rows, where there is room."""


class Box(NamedTuple):
    """A rectangle."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class Measures:
    """The measures of a drawing, in its own units."""

    left: float
    right: float
    node_width: float
    least_width: float
    gap: float
    """Between two objectives, at the least."""
    lane: float
    """Between two links that pass a row in the same gap."""
    track: float
    """Between two links that run sideways above each other."""
    top: float
    """From the band's top to its first row."""
    foot: float
    """From the last row to the band's end."""
    between: float
    """Between two bands, and between two rows of one band, at the least."""
    label: float
    """Width that a link keeps free for its label."""


@dataclass(frozen=True)
class Way:
    """A link's way: its corners from cause to effect."""

    points: tuple[Point, ...]


@dataclass(frozen=True)
class Layout:
    """Where everything stands."""

    boxes: dict[str, Box]
    ways: tuple[Way, ...]
    bands: tuple[tuple[float, float], ...]
    """Top and height of each band."""
    height: float
    crossings: int


@dataclass(frozen=True)
class Strategy:
    """What is laid out."""

    bands: tuple[tuple[tuple[str, ...], ...], ...]
    """The objectives of each row of each perspective, the highest first."""
    links: tuple[tuple[str, str], ...]
    """Cause and effect."""

    @property
    def rows(self) -> tuple[tuple[str, ...], ...]:
        """All rows from the top."""
        return tuple(row for band in self.bands for row in band)


Heights = Callable[[float], Sequence[float]]
"""The height of each row, by the width of its objectives."""


class _Hop(NamedTuple):
    """A link's run through the space between two rows."""

    link: int
    low: float
    high: float
    """Where it enters below, and leaves above."""
    turns: bool
    """It comes back to the row from which it came; `low` and `high` are its two ends."""


@dataclass
class _Draft:
    """A layout in the making."""

    order: Order
    ends: tuple[Span, ...]
    width: float
    across: dict[Item, float]
    """Middle of every item: an objective, a link that passes. A link passes several rows: see `lanes`."""
    lanes: dict[tuple[int, int], float]
    """How far across a link passes a row, by row and link."""
    ports: dict[tuple[int, bool], float] = field(default_factory=dict)
    """How far across a link joins its upper (true) and its lower objective."""


def lay(strategy: Strategy, measures: Measures, heights: Heights) -> Layout:
    """Return the layout with the fewest crossings; between equals, the one nearest to the strategy's order."""
    ends = spans(strategy.rows, strategy.links)
    found = [layout_of(strategy, order, measures, heights) for order in orders(strategy.rows, ends)]
    return min(found, key=lambda layout: layout.crossings)


def layout_of(strategy: Strategy, order: Order, measures: Measures, heights: Heights) -> Layout:
    """Return the layout of one order of the rows."""
    draft = _columns(order, spans(strategy.rows, strategy.links), measures)
    _join(draft)
    hops = _hops(draft)
    tracks = [
        _tracks(hops[space], measures, hangs=space == len(order)) for space in range(len(hops))
    ]
    row_heights = heights(draft.width)
    tops, floors, bands, height = _down(strategy, measures, tracks, row_heights)
    boxes = {
        item.node: Box(
            draft.across[item] - draft.width / 2, tops[index], draft.width, row_heights[index]
        )
        for index, row in enumerate(order)
        for item in row
        if item.node is not None
    }
    levels = [
        {hop.link: floors[space] + measures.track * (level + 0.5) for hop, level in found}
        for space, found in enumerate(tracks)
    ]
    ways = tuple(
        _way(draft, index, strategy.links[index], boxes, levels) for index in range(len(draft.ends))
    )
    return Layout(boxes, ways, bands, height, crossings(ways))


def _columns(order: Order, ends: tuple[Span, ...], measures: Measures) -> _Draft:
    """Place the objectives of each row evenly, and the links that pass it in the gaps between them."""
    draft = _Draft(order, ends, _width(order, measures), {}, {})
    for index, row in enumerate(order):
        nodes = [item for item in row if item.node is not None]
        room = (measures.right - measures.left) / max(1, len(nodes))
        sides = [measures.left]
        for position, item in enumerate(nodes):
            middle = measures.left + room * (position + 0.5)
            draft.across[item] = middle
            sides += [middle - draft.width / 2, middle + draft.width / 2]
        sides.append(measures.right)
        for gap, links in enumerate(gaps(row)):
            start, end = sides[2 * gap], sides[2 * gap + 1]
            for position, link in enumerate(links):
                x = start + (end - start) * (position + 1) / (len(links) + 1)
                others = [
                    lane
                    for (at, other), lane in draft.lanes.items()
                    if abs(at - index) <= 1 and other != link
                ]
                draft.lanes[index, link] = _clear(x, others, start + 2, end - 2)
    return draft


def _width(order: Order, measures: Measures) -> float:
    """Return the width of every objective, so that each gap holds the links that pass through it."""
    width = measures.node_width
    for row in order:
        count = sum(item.node is not None for item in row)
        room = (measures.right - measures.left) / max(1, count)
        needs = [len(links) * measures.lane for links in gaps(row)]
        inner = max([measures.gap, *(need + measures.lane for need in needs[1:-1])])
        outer = 2 * max(needs[0], needs[-1])
        if count:
            width = min(width, room - max(inner, outer))
    return max(width, measures.least_width)


def _clear(x: float, taken: Sequence[float], low: float, high: float) -> float:
    """Return the place nearest to `x` that keeps apart from those taken; `x` itself where there is none.

    It is a whole number, so that what runs straight up does so to the last digit.
    """
    start = float(round(x))
    steps = [sign * step for step in range(1, 41) for sign in (1, -1)]
    tries = [start, *(start + step for step in steps if low <= start + step <= high)]
    for apart in (APART, APART / 2, 1.0):
        for at in tries:
            if all(abs(at - other) >= apart for other in taken):
                return at
    return start


def _join(draft: _Draft) -> None:
    """Give every link its place on the sides of its objectives, in the order in which the links go on."""
    sides: dict[tuple[int, bool, str], list[tuple[tuple[int, float], int, bool]]] = {}
    for index, end in enumerate(draft.ends):
        level = end.top == end.bottom
        hangs = level and _hangs(draft, end)
        for is_upper in (True, False):
            node = end.upper if is_upper else end.lower
            below = hangs if level else is_upper
            row = end.top if is_upper else end.bottom
            key = _aim(draft, index, is_upper=is_upper)
            sides.setdefault((row, below, node), []).append((key, index, is_upper))
    taken: dict[int, list[tuple[int, float]]] = {}
    for (row, _link), x in draft.lanes.items():
        taken.setdefault(row, []).append((_link, x))
        taken.setdefault(row + 1, []).append((_link, x))
    for (row, below, node), members in sorted(sides.items()):
        left = draft.across[Item(node)] - draft.width / 2
        space = row + 1 if below else row
        for position, (_, index, is_upper) in enumerate(sorted(members)):
            step = draft.width / (len(members) + 1)
            x = left + step * (position + 1)
            others = [at for link, at in taken.get(space, []) if link != index]
            x = _clear(
                x, others, max(left + 4, x - step / 2), min(left + draft.width - 4, x + step / 2)
            )
            draft.ports[index, is_upper] = x
            taken.setdefault(space, []).append((index, x))


def _hangs(draft: _Draft, end: Span) -> bool:
    """Whether a link within a row runs below it: in the last row, where nothing else does."""
    return end.top == len(draft.order) - 1 and len(draft.order) > 1


def _aim(draft: _Draft, index: int, *, is_upper: bool) -> tuple[int, float]:
    """Return where a link goes on to; one within a row keeps to its side, the farther the more inward."""
    end = draft.ends[index]
    here, there = (end.upper, end.lower) if is_upper else (end.lower, end.upper)
    if end.top == end.bottom:
        x = draft.across[Item(there)]
        return (2 if x > draft.across[Item(here)] else 0, -x)
    row = end.top + 1 if is_upper else end.bottom - 1
    if (row, index) in draft.lanes:
        return (1, draft.lanes[row, index])
    return (1, draft.across[Item(there)])


def _hops(draft: _Draft) -> list[list[_Hop]]:
    """Return every link's runs, by the space between rows; the first lies above the first row."""
    found: list[list[_Hop]] = [[] for _ in range(len(draft.order) + 1)]
    for index, end in enumerate(draft.ends):
        low, high = draft.ports[index, False], draft.ports[index, True]
        if end.top == end.bottom:
            space = end.top + 1 if _hangs(draft, end) else end.top
            found[space].append(_Hop(index, low, high, turns=True))
            continue
        stops = [draft.lanes[row, index] for row in range(end.bottom - 1, end.top, -1)]
        steps = [low, *stops, high]
        for step, space in enumerate(range(end.bottom, end.top, -1)):
            found[space].append(_Hop(index, steps[step], steps[step + 1], turns=False))
    return found


def _tracks(hops: Sequence[_Hop], measures: Measures, *, hangs: bool) -> list[tuple[_Hop, int]]:
    """Give every run that goes sideways a height, counted from the top, so that those side by side do not cross.

    Of two that go right, the left one must run higher; of two that go left, the right one. Those that turn back run
    nearest to their row, the shorter the nearer.
    """
    rights = sorted(hop for hop in hops if not hop.turns and hop.high > hop.low)
    rights.sort(key=lambda hop: hop.low)
    lefts = [hop for hop in hops if not hop.turns and hop.low > hop.high]
    lefts.sort(key=lambda hop: -hop.low)
    turns = [hop for hop in hops if hop.turns]
    turns.sort(key=lambda hop: abs(hop.high - hop.low) * (1 if hangs else -1))
    found: list[tuple[_Hop, int]] = []
    for group in (rights, lefts, turns):
        before = len(found) if group is not turns else 0
        for hop in group:
            meeting = [
                (position, level)
                for position, (other, level) in enumerate(found)
                if _overlap(hop, other, measures.label)
            ]
            level = 1 + max((level for at, level in meeting if at >= before), default=-1)
            used = {level for _, level in meeting}
            while level in used:
                level += 1
            found.append((hop, level))
    return found


def _overlap(one: _Hop, other: _Hop, least: float) -> bool:
    (start, end), (first, last) = _reach(one, least), _reach(other, least)
    return start < last and first < end


def _reach(hop: _Hop, least: float) -> tuple[float, float]:
    start, end = min(hop.low, hop.high), max(hop.low, hop.high)
    more = max(10.0, (least - (end - start)) / 2)
    return start - more, end + more


def _down(
    strategy: Strategy,
    measures: Measures,
    tracks: Sequence[list[tuple[_Hop, int]]],
    heights: Sequence[float],
) -> tuple[list[float], list[float], tuple[tuple[float, float], ...], float]:
    """Return the tops of the rows, of the tracks in each space and of the bands, and the height of all."""
    tops: list[float] = []
    floors: list[float] = []
    bands: list[tuple[float, float]] = []
    y = 2.0
    for band in strategy.bands:
        for position in range(len(band)):
            space = len(tops)
            deep = measures.track * (1 + max((level for _, level in tracks[space]), default=-1))
            if position == 0:
                least = measures.between if space else 0.0
                edge = measures.track / 2 if deep else 0.0
                floors.append(y + edge)
                y += max(least, deep + 2 * edge)
                start = y
                y += measures.top
            else:
                floors.append(y + measures.track)
                y += max(measures.gap / 2, deep + 2 * measures.track if deep else 0.0)
            tops.append(y)
            y += heights[space]
        y += measures.foot
        bands.append((start, y - start))
    deep = measures.track * (1 + max((level for _, level in tracks[-1]), default=-1))
    floors.append(y + (measures.track / 2 if deep else 0))
    return tops, floors, tuple(bands), y + deep + (measures.track if deep else 0) + 2


def _way(
    draft: _Draft,
    index: int,
    link: tuple[str, str],
    boxes: dict[str, Box],
    levels: Sequence[dict[int, float]],
) -> Way:
    """Return a link's corners, from its cause to its effect."""
    end = draft.ends[index]
    low, high = draft.ports[index, False], draft.ports[index, True]
    upper, lower = boxes[end.upper], boxes[end.lower]
    if end.top == end.bottom:
        hangs = _hangs(draft, end)
        y = levels[end.top + 1 if hangs else end.top][index]
        side = upper.y + upper.height if hangs else upper.y
        points = [(low, side), (low, y), (high, y), (high, side)]
    else:
        stops = [draft.lanes[row, index] for row in range(end.bottom - 1, end.top, -1)]
        xs = [low, *stops, high]
        points = [(low, lower.y)]
        for step, space in enumerate(range(end.bottom, end.top, -1)):
            if index in levels[space]:
                points += [(xs[step], levels[space][index]), (xs[step + 1], levels[space][index])]
        points.append((high, upper.y + upper.height))
    return Way(tuple(points if link[0] == end.lower else reversed(points)))


def pieces(way: Way) -> Iterator[tuple[Point, Point]]:
    """Return the straight pieces of a way."""
    yield from zip(way.points, way.points[1:], strict=False)


def crossings(ways: Sequence[Way]) -> int:
    """Count where two links cross."""
    found = 0
    for index, way in enumerate(ways):
        for other in ways[index + 1 :]:
            found += sum(_cross(one, two) for one in pieces(way) for two in pieces(other))
    return found


def _cross(one: tuple[Point, Point], two: tuple[Point, Point]) -> bool:
    """Whether an upright and a level piece cross."""
    for (a, b), (c, d) in ((one, two), (two, one)):
        if a[0] == b[0] and c[1] == d[1]:
            return min(c[0], d[0]) < a[0] < max(c[0], d[0]) and min(a[1], b[1]) < c[1] < max(
                a[1], b[1]
            )
    return False
