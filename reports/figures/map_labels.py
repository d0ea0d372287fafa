"""Where the labels of the strategy map's links stand: on their own link, clear of all else.

Not here: the ways of the links (map_layout), what the labels say (views).
"""

from collections.abc import Iterator, Sequence

from reports.figures.map_layout import Box, Point, Way, pieces

HEIGHT = 17.0
CLEAR = 3.0
"""Free space round a label."""
SHARES = (0.5, 0.4, 0.6, 0.3, 0.7, 0.2, 0.8, 0.1, 0.9)
SHIFTS = (0.0, 0.2, -0.2, 0.4, -0.4)
HEAD = 12.0
"""Length of an arrow's head, which no label covers."""


def place(ways: Sequence[Way], widths: Sequence[float], walls: Sequence[Box]) -> list[Box | None]:
    """Return a place for each label, those with the least choice first; none where all places are taken."""
    choices = [
        [box for box in _tries(way, width) if _is_free(box, index, ways, walls)]
        for index, (way, width) in enumerate(zip(ways, widths, strict=True))
    ]
    found: list[Box | None] = [None] * len(ways)
    for index in sorted(range(len(ways)), key=lambda at: (len(choices[at]), at)):
        taken = [box for box in found if box is not None]
        found[index] = next(
            (box for box in choices[index] if not any(meet(box, other) for other in taken)), None
        )
    return found


def middle(way: Way, width: float) -> Box:
    """Return the place on the longest piece of a way, whatever else is there."""
    return next(_tries(way, width))


def meet(box: Box, other: Box) -> bool:
    """Whether two boxes come nearer than the free space round a label."""
    across = box.x - CLEAR < other.x + other.width and other.x - CLEAR < box.x + box.width
    return (
        across and box.y - CLEAR < other.y + other.height and other.y - CLEAR < box.y + box.height
    )


def covers(box: Box, piece: tuple[Point, Point]) -> bool:
    """Whether a label lies on a piece of a link."""
    (x1, y1), (x2, y2) = piece
    line = Box(min(x1, x2), min(y1, y2), abs(x2 - x1), abs(y2 - y1))
    return meet(box, line)


def _tries(way: Way, width: float) -> Iterator[Box]:
    """Return the places on a way: on level pieces longer than the label first, the longest first; on short ones last."""

    def rank(piece: tuple[Point, Point]) -> tuple[int, float]:
        if piece[0][1] != piece[1][1]:
            return 1, -_length(piece)
        return (0 if _length(piece) >= width + 2 * HEAD else 2), -_length(piece)

    found = sorted(pieces(way), key=rank)
    for start, end in found:
        is_level = start[1] == end[1]
        for shift in (0.0,) if is_level else SHIFTS:
            for share in SHARES:
                x = start[0] + (end[0] - start[0]) * share + shift * width
                y = start[1] + (end[1] - start[1]) * share
                yield Box(x - width / 2, y - HEIGHT / 2, width, HEIGHT)


def _length(piece: tuple[Point, Point]) -> float:
    return abs(piece[1][0] - piece[0][0]) + abs(piece[1][1] - piece[0][1])


def _is_free(box: Box, index: int, ways: Sequence[Way], walls: Sequence[Box]) -> bool:
    if any(meet(box, wall) for wall in walls):
        return False
    if any(meet(box, _head(way)) for way in ways):
        return False
    others = (way for at, way in enumerate(ways) if at != index)
    return not any(covers(box, piece) for way in others for piece in pieces(way))


def _head(way: Way) -> Box:
    (_, before), (x, y) = way.points[-2], way.points[-1]
    return Box(x - 6, y if before > y else y - HEAD, 12, HEAD)
