"""The two drawings of the strategy map, wide and narrow: bands, objectives, links and labels, ready to print.

Not here: where they stand (map_layout, map_labels), the page and its tables (strategy_map).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from reports.edition import Edition
from reports.figures.map_labels import middle, place
from reports.figures.map_layout import Box, Layout, Measures, Strategy, Way, lay
from reports.figures.small import px, wrap
from reports.hierarchy import node_of
from reports.views.links import Proof, evidence_of
from reports.warehouse import rows
from reports.words.status import Status, node_status
from reports.words.text import say, say_count


@dataclass(frozen=True)
class Line:
    """A line of a name."""

    text: str
    y: str


@dataclass(frozen=True)
class BandBox:
    """A perspective's band."""

    y: str
    height: str
    x: str
    name: tuple[Line, ...]
    status: str
    word: str
    mark_x: str
    mark_y: str
    word_x: str
    word_y: str
    notes: tuple[Line, ...]
    """What must be said beside the status: a gate, what is worse below. Only where there is room."""
    plates: tuple[tuple[str, str, str], ...]
    """Left, top and width of what keeps links off the name and the word; none where no link runs."""


@dataclass(frozen=True)
class NodeBox:
    """An objective."""

    href: str
    status: str
    x: str
    y: str
    width: str
    height: str
    text_x: str
    lines: tuple[Line, ...]
    mark_y: str
    word: str
    word_x: str
    word_y: str
    details: tuple[Line, ...]
    """What must be said beside the status, and the weakest KPI. Only where there is room."""


@dataclass(frozen=True)
class EdgeLine:
    """A link."""

    path: str
    head: str
    style: str
    label: str
    plate_x: str
    plate_y: str
    plate_width: str
    label_x: str
    label_y: str


@dataclass(frozen=True)
class Drawing:
    """One drawing of the map."""

    width: str
    height: str
    title: str
    description: str
    bands: tuple[BandBox, ...]
    nodes: tuple[NodeBox, ...]
    edges: tuple[EdgeLine, ...]


@dataclass(frozen=True)
class Shape:
    """How large a drawing's letters and boxes are, in its own units."""

    is_wide: bool
    width: float
    measures: Measures
    columns: int
    """Objectives in a row, at the most."""
    letter: float
    """Width of a letter of a name, on average."""
    inset: float
    line: float
    node_foot: float
    """From the last line of a name to the box's end, with the status."""
    name_characters: int
    """That fit a line of a perspective's name."""
    detail_letter: float
    """Width of a letter of what stands below a status, on average; none where there is no room for it."""


WIDE = Shape(
    is_wide=True,
    width=1200,
    measures=Measures(
        left=178,
        right=1190,
        node_width=270,
        least_width=120,
        gap=44,
        lane=20,
        track=21,
        top=13,
        foot=13,
        between=46,
        label=150,
    ),
    columns=4,
    letter=8.4,
    inset=12,
    line=18,
    node_foot=40,
    name_characters=16,
    detail_letter=6.7,
)
NARROW = Shape(
    is_wide=False,
    width=360,
    measures=Measures(
        left=3,
        right=357,
        node_width=108,
        least_width=72,
        gap=12,
        lane=9,
        track=23,
        top=36,
        foot=9,
        between=34,
        label=54,
    ),
    columns=3,
    letter=6.6,
    inset=6,
    line=15,
    node_foot=30,
    name_characters=34,
    detail_letter=0,
)
DETAIL = 16.0
"""Height of a line below a status."""
SPACIER = (1.0, 1.4, 1.9)
"""How much more room the links get where their labels do not all find a free place."""


def drawing(edition: Edition, shape: Shape) -> Drawing:
    """Return one drawing of the map of the organisation."""
    strategy = layered(edition, shape)
    layout, labels = _placed(edition, shape, strategy)
    count = len(strategy.links)
    perspectives = list(edition.strategy.perspectives.values())
    objectives = edition.strategy.objectives
    return Drawing(
        width=px(shape.width),
        height=px(layout.height),
        title=say("Strategy map, {month}", month=edition.language.month(edition.month)),
        description=say(
            "{objectives} in {perspectives}, causes below effects, and {links} between them. "
            "The tables below say the same.",
            objectives=say_count("{count} objective", "{count} objectives", len(objectives)),
            perspectives=say_count(
                "{count} perspective", "{count} perspectives", len(perspectives)
            ),
            links=say_count("{count} link", "{count} links", count),
        ),
        bands=tuple(
            _band(edition, shape, perspective, box)
            for perspective, box in zip(perspectives, layout.bands, strict=True)
        ),
        nodes=tuple(
            _node(edition, shape, objective, layout.boxes[objective.objective_id])
            for objective in objectives.values()
        ),
        edges=tuple(
            _edge(edition, shape, link, way, box)
            for link, way, box in zip(edition.strategy.links, layout.ways, labels, strict=True)
        ),
    )


def layered(edition: Edition, shape: Shape) -> Strategy:
    """Return the strategy as rows: those of a perspective with many objectives are shared out evenly."""
    bands = []
    for perspective in edition.strategy.perspectives:
        group = [
            row.objective_id
            for row in edition.strategy.objectives.values()
            if row.perspective_id == perspective
        ]
        lines = max(1, -(-len(group) // shape.columns))
        cuts = [round(len(group) * line / lines) for line in range(lines + 1)]
        bands.append(tuple(tuple(group[start:end]) for start, end in pairwise(cuts)))
    links = edition.strategy.links
    return Strategy(
        tuple(bands), tuple((link.cause_objective_id, link.effect_objective_id) for link in links)
    )


def _placed(edition: Edition, shape: Shape, strategy: Strategy) -> tuple[Layout, list[Box]]:
    """Return the layout and a place for each label; the links get more room until all labels find one."""
    texts = [_label(shape, evidence_of(edition, link), link) for link in edition.strategy.links]
    widths = [_label_width(shape, text) for text in texts]
    objectives = edition.strategy.objectives

    def height(node: str, width: float) -> float:
        lines = len(wrap(objectives[node].objective_name, _letters(shape, width)))
        details = len(_details(edition, shape, objectives[node], width))
        return shape.node_foot + lines * shape.line + details * DETAIL

    def heights(width: float) -> list[float]:
        found = []
        for perspective, band in zip(
            edition.strategy.perspectives.values(), strategy.bands, strict=True
        ):
            least = _least(edition, shape, perspective)
            for row in band:
                found.append(max([height(node, width) for node in row], default=least))
                found[-1] = max(found[-1], least)
                least = shape.node_foot + shape.line
        return found

    found: list[tuple[Layout, list[Box | None]]] = []
    for spacier in SPACIER:
        measures = replace(shape.measures, track=shape.measures.track * spacier)
        layout = lay(strategy, measures, heights)
        walls = [*layout.boxes.values(), *_headers(shape, layout)]
        found.append((layout, place(layout.ways, widths, walls)))
        if all(box is not None for box in found[-1][1]):
            break
    layout, boxes = min(found, key=lambda one: sum(box is None for box in one[1]))
    return layout, [
        middle(way, width) if box is None else box
        for way, width, box in zip(layout.ways, widths, boxes, strict=True)
    ]


def _least(edition: Edition, shape: Shape, perspective: rows.Perspective) -> float:
    """Return the least height of a perspective's first row, so that its name and status fit beside it."""
    least = shape.node_foot + shape.line
    if not shape.is_wide:
        return least
    lines = len(wrap(perspective.perspective_name, shape.name_characters))
    notes = len(_notes(shape, _perspective_status(edition, perspective)))
    return max(least, 32 + 18 * lines + DETAIL * notes - shape.measures.top)


def _headers(shape: Shape, layout: Layout) -> list[Box]:
    """Return where the perspectives' names stand, so that no label does."""
    if shape.is_wide:
        return [Box(0, top, shape.measures.left, height) for top, height in layout.bands]
    return [Box(0, top, shape.width, shape.measures.top) for top, _ in layout.bands]


def _letters(shape: Shape, width: float) -> int:
    return max(4, int((width - 2 * shape.inset) / shape.letter))


def _label(shape: Shape, proof: Proof, link: rows.Link) -> str:
    months = link.lag_months
    if shape.is_wide:
        if not months:
            return proof.word
        return say("{months} mo: {evidence}", months=months, evidence=proof.word)
    lag = say("{months} mo", months=months) if months else say("same")
    return f"{lag} {proof.sign}"


def _label_width(shape: Shape, text: str) -> float:
    return (6.6 if shape.is_wide else 6.0) * len(text) + 10


def _band(
    edition: Edition, shape: Shape, perspective: rows.Perspective, box: tuple[float, float]
) -> BandBox:
    top, height = box
    node = node_of(edition, "perspective", perspective.perspective_id, edition.organisation_id)
    status = _perspective_status(edition, perspective)
    wide = shape.is_wide
    lines = wrap(perspective.perspective_name, shape.name_characters)
    first = top + (32 if wide else 19)
    x = 14.0 if wide else 8.0
    word_y = first + 18 * len(lines) + 4 if wide else first
    word = _word(edition, status, node)
    mark_x = x if wide else shape.width - 6.9 * len(word) - 24
    return BandBox(
        y=px(top),
        height=px(height),
        x=px(x),
        name=tuple(Line(text, px(first + 18 * index)) for index, text in enumerate(lines)),
        status=status.key,
        word=word,
        mark_x=px(mark_x),
        mark_y=px(word_y - 10),
        word_x=px(mark_x + 17),
        word_y=px(word_y),
        notes=tuple(
            Line(text, px(word_y + DETAIL * (1 + index)))
            for index, text in enumerate(_notes(shape, status))
        ),
        plates=()
        if wide
        else (
            (px(x - 4), px(top + 5), px(7.6 * len(lines[0]) + 8)),
            (px(mark_x - 4), px(top + 5), px(6.3 * len(word) + 24)),
        ),
    )


def _perspective_status(edition: Edition, perspective: rows.Perspective) -> Status:
    node_id, unit = perspective.perspective_id, edition.organisation_id
    return node_status(node_of(edition, "perspective", node_id, unit))


def _notes(shape: Shape, status: Status) -> list[str]:
    if not shape.detail_letter:
        return []
    return [line for note in status.notes for line in wrap(note, shape.name_characters + 4)]


def _details(edition: Edition, shape: Shape, objective: rows.Objective, width: float) -> list[str]:
    """Return the lines below an objective's status."""
    node = node_of(edition, "objective", objective.objective_id, edition.organisation_id)
    if not shape.detail_letter or node is None or node.score is None:
        return []
    told = list(node_status(node).notes)
    if node.weakest_child_id in edition.strategy.kpis:
        kpi = edition.strategy.kpis[str(node.weakest_child_id)]
        told.append(say("Weakest: {kpi}", kpi=kpi.kpi_name))
    letters = max(4, int((width - 2 * shape.inset) / shape.detail_letter))
    return [line for text in told for line in wrap(text, letters)]


def _word(edition: Edition, status: Status, node: rows.Node | None) -> str:
    """Return the status in words, with the score where there is one."""
    if node is None or node.score is None:
        return status.words
    return f"{status.words} {edition.edges.write(node.score)}"


def _node(edition: Edition, shape: Shape, objective: rows.Objective, box: Box) -> NodeBox:
    node = node_of(edition, "objective", objective.objective_id, edition.organisation_id)
    status = node_status(node)
    lines = wrap(objective.objective_name, _letters(shape, box.width))
    first = box.y + (22 if shape.is_wide else 17)
    details = _details(edition, shape, objective, box.width)
    foot = box.y + box.height - 12 - DETAIL * len(details)
    if shape.is_wide:
        foot = first + shape.line * (len(lines) - 1) + 24
    return NodeBox(
        href=edition.objective_href(objective.objective_id),
        status=status.key,
        x=px(box.x),
        y=px(box.y),
        width=px(box.width),
        height=px(box.height),
        text_x=px(box.x + shape.inset),
        lines=tuple(Line(text, px(first + shape.line * index)) for index, text in enumerate(lines)),
        mark_y=px(foot - 9),
        word=_word(edition, status, node),
        word_x=px(box.x + shape.inset + 15),
        word_y=px(foot),
        details=tuple(
            Line(text, px(foot + DETAIL * (1 + index))) for index, text in enumerate(details)
        ),
    )


def _edge(edition: Edition, shape: Shape, link: rows.Link, way: Way, box: Box) -> EdgeLine:
    proof = evidence_of(edition, link)
    return EdgeLine(
        path=_path(way),
        head=_head(way),
        style=proof.style,
        label=_label(shape, proof, link),
        plate_x=px(box.x),
        plate_y=px(box.y),
        plate_width=px(box.width),
        label_x=px(box.x + box.width / 2),
        label_y=px(box.y + 13),
    )


def _head(way: Way) -> str:
    (x, y), rises = way.points[-1], way.points[-2][1] > way.points[-1][1]
    return f"M{px(x)} {px(y)}l-5.5 {'10' if rises else '-10'}h11z"


def _path(way: Way) -> str:
    """Return a way with round corners, ended inside its head."""
    points = list(way.points)
    (x, y), rises = points[-1], points[-2][1] > points[-1][1]
    points[-1] = (x, y + 9 if rises else y - 9)
    found = [f"M{_point(points[0])}"]
    for before, corner, after in zip(points, points[1:], points[2:], strict=False):
        radius = min(7.0, _far(before, corner) / 2, _far(corner, after) / 2)
        found.append(f"L{_point(_toward(corner, before, radius))}")
        found.append(f"Q{_point(corner)} {_point(_toward(corner, after, radius))}")
    return "".join([*found, f"L{_point(points[-1])}"])


def _far(one: Sequence[float], other: Sequence[float]) -> float:
    return abs(one[0] - other[0]) + abs(one[1] - other[1])


def _toward(
    start: tuple[float, float], end: tuple[float, float], length: float
) -> tuple[float, float]:
    """Return the point at a length from `start` on the way to `end`."""
    share = length / (_far(start, end) or 1.0)
    return start[0] + (end[0] - start[0]) * share, start[1] + (end[1] - start[1]) * share


def _point(point: tuple[float, float]) -> str:
    return f"{px(point[0])} {px(point[1])}"
