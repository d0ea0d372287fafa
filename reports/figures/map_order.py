"""The order of objectives and of passing links within each row of the strategy map, so that few arrows cross.

igraph's Sugiyama layout orders them; it draws nothing by chance, and the vertices stand in the strategy's order, so the
same strategy gives the same map. Not here: where anything stands (map_layout), labels (map_labels).
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple


class Item(NamedTuple):
    """What takes a place in a row: an objective, or a link that passes between the objectives."""

    node: str | None
    link: int | None = None


Order = tuple[tuple[Item, ...], ...]
"""The rows from the top, each from the left."""


class Span(NamedTuple):
    """A link by its ends, whichever of them is the cause."""

    upper: str
    lower: str
    top: int
    """The upper end's row."""
    bottom: int


class _Stop(NamedTuple):
    """Where a link passes a row."""

    passing: int
    row: int


def spans(rows: Sequence[Sequence[str]], links: Sequence[tuple[str, str]]) -> tuple[Span, ...]:
    """Return the ends of each link, the higher first."""
    row_of = {node: index for index, row in enumerate(rows) for node in row}
    found = []
    for cause, effect in links:
        upper, lower = (effect, cause) if row_of[effect] <= row_of[cause] else (cause, effect)
        found.append(Span(upper, lower, row_of[upper], row_of[lower]))
    return tuple(found)


def orders(rows: Sequence[Sequence[str]], ends: Sequence[Span]) -> tuple[Order, ...]:
    """Return the orders to choose from: the strategy's own first, then the layout's."""
    return declared(rows, ends), sugiyama(rows, ends)


def declared(rows: Sequence[Sequence[str]], ends: Sequence[Span]) -> Order:
    """Return the order of the strategy; links that pass a row do so on its right."""
    passing: list[list[Item]] = [[] for _ in rows]
    for index, end in enumerate(ends):
        for row in range(end.top + 1, end.bottom):
            passing[row].append(Item(None, index))
    return tuple((*(Item(node) for node in row), *passing[index]) for index, row in enumerate(rows))


def sugiyama(rows: Sequence[Sequence[str]], ends: Sequence[Span]) -> Order:
    """Return the order of igraph's layered layout; a long link has a vertex of its own in every row that it passes."""
    from igraph import Graph  # noqa: PLC0415 - one page of thousands needs it

    layers: dict[Item | _Stop, int] = {
        Item(node): index for index, row in enumerate(rows) for node in row
    }
    for index, end in enumerate(ends):
        layers |= {_Stop(index, row): row for row in range(end.top + 1, end.bottom)}
    vertices = list(layers)
    at = {vertex: index for index, vertex in enumerate(vertices)}
    graph = Graph(
        n=len(vertices),
        edges=[
            (at[start], at[stop])
            for index, end in enumerate(ends)
            if end.top != end.bottom
            for start, stop in pairwise(_steps(index, end))
        ],
        directed=True,
    )
    layout = graph.layout_sugiyama(layers=[layers[vertex] for vertex in vertices])
    found: list[list[tuple[float, int]]] = [[] for _ in rows]
    for index, vertex in enumerate(vertices):
        found[layers[vertex]].append((layout[index][0], index))
    return tuple(tuple(_item(vertices[index]) for _, index in sorted(row)) for row in found)


def _steps(index: int, end: Span) -> list[Item | _Stop]:
    """Return what a link joins from row to row."""
    passes = [_Stop(index, row) for row in range(end.top + 1, end.bottom)]
    return [Item(end.upper), *passes, Item(end.lower)]


def _item(vertex: Item | _Stop) -> Item:
    return Item(None, vertex.passing) if isinstance(vertex, _Stop) else vertex


def gaps(row: Sequence[Item]) -> list[list[int]]:
    """Return the links that pass before the first objective of a row, between each two, and after the last."""
    found: list[list[int]] = [[]]
    for item in row:
        if item.link is None:
            found.append([])
        else:
            found[-1].append(item.link)
    return found
