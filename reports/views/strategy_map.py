"""The strategy map: objectives in layers by perspective, tied by hypotheses of cause and effect.

Each link says by its line and its word whether the data support it; none claims a cause. Two drawings, wide and narrow,
one shown; the tables say it again. Not here: what the data say of a link (links), their testing (transforms).
"""

from collections.abc import Sequence
from dataclasses import dataclass

from reports import rows
from reports.card import node_of
from reports.edition import Edition, Frame
from reports.figures import px, wrap
from reports.status import Status, node_status
from reports.text import Part
from reports.views.links import (
    NOT_ENOUGH,
    NOT_SUPPORTED,
    SIGNS,
    SUPPORTED,
    WORDS,
    LagRow,
    LinkRow,
    counts,
    evidence_of,
    lag_rows,
    lag_words,
    lags_of,
    link_row,
)


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
class ObjectiveItem:
    """An objective in the table."""

    name: str
    href: str
    perspective: str
    score: str
    status: Status


@dataclass(frozen=True)
class StrategyMapPage:
    """The map, and the tables that say the same."""

    frame: Frame
    lede: tuple[Part, ...]
    wide: Drawing
    narrow: Drawing
    key: tuple[tuple[str, str, str], ...]
    """Styles of line, their signs and words."""
    links: tuple[LinkRow, ...]
    lags: tuple[str, ...]
    lag_heads: list[tuple[str, str]]
    """The same, with the class of the column."""
    lag_rows: tuple[LagRow, ...]
    objectives: tuple[ObjectiveItem, ...]


@dataclass(frozen=True)
class Shape:
    """The measures of a drawing, in its own units."""

    width: float
    left: float
    """Where the nodes begin; a margin for edges that pass several bands lies right of them."""
    right: float
    columns: int
    gap: float
    node_width: float
    characters: int
    """That fit a line of a node's name."""
    line: float
    top: float
    """From a band's top to its nodes."""
    between: float
    """Between two bands."""
    name_characters: int


WIDE = Shape(
    width=1200,
    left=178,
    right=1150,
    columns=4,
    gap=40,
    node_width=284,
    characters=30,
    line=18,
    top=13,
    between=74,
    name_characters=16,
)
NARROW = Shape(
    width=360,
    left=5,
    right=346,
    columns=3,
    gap=9,
    node_width=107,
    characters=15,
    line=15,
    top=30,
    between=58,
    name_characters=34,
)
NODE_FOOT = {WIDE: 34.0, NARROW: 24.0}


@dataclass(frozen=True)
class _Place:
    """Where an objective stands."""

    layer: int
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class _Layout:
    """Where everything stands."""

    places: dict[str, _Place]
    bands: list[tuple[float, float]]
    """Top and height of each perspective's band."""
    height: float


def strategy_map_page(edition: Edition) -> StrategyMapPage:
    """Return the strategy map of the organisation."""
    links = edition.strategy.links
    count = len(links)
    objectives = edition.strategy.objectives
    told = counts(edition)
    finding = (
        f"{told[SUPPORTED]} of {count} links of the strategy {'is' if told[SUPPORTED] == 1 else 'are'} supported by the data"
        if count
        else f"{len(objectives)} objectives, and no link between them yet"
    )
    return StrategyMapPage(
        frame=edition.frame(
            title=f"Strategy map, {edition.strategy.organisation.unit_name}, {edition.language.month(edition.month)}",
            finding=finding,
            page="strategy-map.html",
        ),
        lede=_lede(edition),
        wide=_drawing(edition, WIDE),
        narrow=_drawing(edition, NARROW),
        key=tuple((style, SIGNS[style], word) for style, word in WORDS.items()),
        links=tuple(
            link_row(
                edition,
                link,
                (
                    _status(edition, link.cause_objective_id),
                    _status(edition, link.effect_objective_id),
                ),
            )
            for link in links
        ),
        lags=tuple(lag_words(lag) for lag in lags_of(edition)),
        lag_heads=[(lag_words(lag), "num") for lag in lags_of(edition)],
        lag_rows=lag_rows(edition),
        objectives=tuple(_objective(edition, objective) for objective in objectives.values()),
    )


def _status(edition: Edition, objective_id: str) -> Status:
    return node_status(node_of(edition, "objective", objective_id, edition.organisation_id))


def _lede(edition: Edition) -> tuple[Part, ...]:
    """Name a link whose both ends are in trouble: where the strategy predicts what is seen."""
    bad = {"off_track", "at_risk"}
    for link in edition.strategy.links:
        cause, effect = (
            edition.strategy.objectives[node]
            for node in (link.cause_objective_id, link.effect_objective_id)
        )
        cause_status, effect_status = (
            _status(edition, cause.objective_id),
            _status(edition, effect.objective_id),
        )
        if cause_status.key in bad and effect_status.key == "off_track":
            return (
                Part(cause.objective_name, edition.objective_href(cause.objective_id)),
                Part(f" is {cause_status.words.lower()}, and "),
                Part(effect.objective_name, edition.objective_href(effect.objective_id)),
                Part(
                    ", which it should raise, is off track. That is what the hypothesis says; it is no proof."
                ),
            )
    told = counts(edition)
    return (
        Part(
            f"Each link says what should raise what: {told[SUPPORTED]} supported, {told[NOT_SUPPORTED]} not supported, "
            f"{told[NOT_ENOUGH]} with not enough data."
        ),
    )


def _layout(edition: Edition, shape: Shape) -> _Layout:
    places: dict[str, _Place] = {}
    bands: list[tuple[float, float]] = []
    top = 2.0
    for layer, perspective in enumerate(edition.strategy.perspectives.values()):
        group = [
            row
            for row in edition.strategy.objectives.values()
            if row.perspective_id == perspective.perspective_id
        ]
        height = _place_band(group, shape, layer=layer, top=top, places=places)
        bands.append((top, height))
        top += height + shape.between
    last = len(bands) - 1
    dips = any(
        places[link.cause_objective_id].layer == places[link.effect_objective_id].layer == last
        for link in edition.strategy.links
    )
    return _Layout(places, bands, top - shape.between * (0.3 if dips else 1) + 2)


def _place_band(
    group: Sequence[rows.Objective],
    shape: Shape,
    *,
    layer: int,
    top: float,
    places: dict[str, _Place],
) -> float:
    """Place a perspective's objectives in as many lines as they need; return the band's height."""
    columns = min(shape.columns, max(1, len(group)))
    room = (shape.right - shape.left) / columns
    width = min(shape.node_width, room - shape.gap)
    characters = int(shape.characters * width / shape.node_width)
    lines = max((len(wrap(row.objective_name, characters)) for row in group), default=1)
    node_height = NODE_FOOT[shape] + lines * shape.line + 6
    y = top + shape.top
    for start in range(0, len(group), columns):
        for index, row in enumerate(group[start : start + columns]):
            x = shape.left + room * index + (room - width) / 2
            places[row.objective_id] = _Place(layer, x, y, width, node_height)
        y += node_height + 12
    return max(y - 12 + 13 - top, 60.0)


def _drawing(edition: Edition, shape: Shape) -> Drawing:
    layout = _layout(edition, shape)
    perspectives = list(edition.strategy.perspectives.values())
    count = len(edition.strategy.links)
    return Drawing(
        width=px(shape.width),
        height=px(layout.height),
        title=f"Strategy map, {edition.language.month(edition.month)}",
        description=f"{len(layout.places)} objectives in {len(perspectives)} perspectives, causes below effects, and {count} links between them. The tables below say the same.",
        bands=tuple(
            _band(edition, shape, perspective, box)
            for perspective, box in zip(perspectives, layout.bands, strict=True)
        ),
        nodes=tuple(
            _node(edition, shape, objective, layout.places[objective.objective_id])
            for objective in edition.strategy.objectives.values()
        ),
        edges=_edges(edition, shape, layout),
    )


def _band(
    edition: Edition, shape: Shape, perspective: rows.Perspective, box: tuple[float, float]
) -> BandBox:
    top, height = box
    node = node_of(edition, "perspective", perspective.perspective_id, edition.organisation_id)
    status = node_status(node)
    score = edition.edges.write(node.score if node is not None else None)
    word = (
        f"{status.words} {score}" if node is not None and node.score is not None else status.words
    )
    wide = shape is WIDE
    lines = wrap(perspective.perspective_name, shape.name_characters)
    first = top + (32 if wide else 19)
    x = 14.0 if wide else 8.0
    word_y = first + 18 * len(lines) + 4 if wide else first
    mark_x = x if wide else 246.0
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
    )


def _node(edition: Edition, shape: Shape, objective: rows.Objective, place: _Place) -> NodeBox:
    node = node_of(edition, "objective", objective.objective_id, edition.organisation_id)
    status = node_status(node)
    score = edition.edges.write(node.score if node is not None else None)
    characters = int(shape.characters * place.width / shape.node_width)
    inset = 12 if shape is WIDE else 7
    lines = wrap(objective.objective_name, characters)
    foot = place.y + place.height - 12
    return NodeBox(
        href=edition.objective_href(objective.objective_id),
        status=status.key,
        x=px(place.x),
        y=px(place.y),
        width=px(place.width),
        height=px(place.height),
        text_x=px(place.x + inset),
        lines=tuple(
            Line(text, px(place.y + 17 + (5 if shape is WIDE else 0) + shape.line * index))
            for index, text in enumerate(lines)
        ),
        mark_y=px(foot - 9),
        word=f"{status.words} {score}"
        if node is not None and node.score is not None
        else status.words,
        word_x=px(place.x + inset + 15),
        word_y=px(foot),
    )


def _edges(edition: Edition, shape: Shape, layout: _Layout) -> tuple[EdgeLine, ...]:
    """Draw the links; those that leave or reach the same objective do so beside each other, left to right."""
    links = [
        link
        for link in edition.strategy.links
        if link.cause_objective_id in layout.places and link.effect_objective_id in layout.places
    ]
    places = layout.places
    leaving = _ports(links, places, at="cause")
    reaching = _ports(links, places, at="effect")
    found: list[EdgeLine] = []
    taken: list[_Box] = []
    for index, link in enumerate(links):
        cause, effect = places[link.cause_objective_id], places[link.effect_objective_id]
        way = _way(shape, cause, effect, start=leaving[index], end=reaching[index])
        proof = evidence_of(edition, link)
        lag = _short_lag(link.lag_months)
        label = f"{lag} {proof.sign}"
        if shape is WIDE:
            label = f"{lag}: {proof.word}" if link.lag_months else proof.word
        box = _free(way.curve, 6.6 * len(label) + 10, taken)
        taken.append(box)
        found.append(
            EdgeLine(
                path=way.path,
                head=way.head,
                style=proof.style,
                label=label,
                plate_x=px(box.x),
                plate_y=px(box.y),
                plate_width=px(box.width),
                label_x=px(box.x + box.width / 2),
                label_y=px(box.y + 13),
            )
        )
    return tuple(found)


@dataclass(frozen=True)
class _Box:
    """The plate under a label."""

    x: float
    y: float
    width: float
    height: float = 17.0

    def meets(self, other: "_Box") -> bool:
        """Whether two plates overlap."""
        across = self.x < other.x + other.width + 4 and other.x < self.x + self.width + 4
        return across and self.y < other.y + other.height + 2 and other.y < self.y + self.height + 2


@dataclass(frozen=True)
class _Way:
    """A link's path, its head, and the curve on which its label stands."""

    path: str
    head: str
    curve: tuple[tuple[float, float], ...]
    """Four points of a cubic curve."""


def _free(curve: tuple[tuple[float, float], ...], width: float, taken: Sequence[_Box]) -> _Box:
    """Return a place on the curve where a label meets no other; its middle, if there is none."""
    boxes = [_on(curve, share, width) for share in (0.5, 0.62, 0.38, 0.72, 0.28, 0.8, 0.2)]
    return next((box for box in boxes if not any(box.meets(other) for other in taken)), boxes[0])


def _on(curve: tuple[tuple[float, float], ...], share: float, width: float) -> _Box:
    rest = 1 - share
    weights = (rest**3, 3 * rest**2 * share, 3 * rest * share**2, share**3)
    x = sum(weight * point[0] for weight, point in zip(weights, curve, strict=True))
    y = sum(weight * point[1] for weight, point in zip(weights, curve, strict=True))
    return _Box(x - width / 2, y - 8.5, width)


def _ports(links: Sequence[rows.Link], places: dict[str, _Place], *, at: str) -> dict[int, float]:
    """Return where along an objective's side each link joins it."""
    groups: dict[str, list[tuple[float, int]]] = {}
    for index, link in enumerate(links):
        here, there = (
            (link.cause_objective_id, link.effect_objective_id)
            if at == "cause"
            else (link.effect_objective_id, link.cause_objective_id)
        )
        groups.setdefault(here, []).append((places[there].x, index))
    found = {}
    for node, members in groups.items():
        place = places[node]
        for position, (_, index) in enumerate(sorted(members)):
            found[index] = place.x + place.width * (position + 1) / (len(members) + 1)
    return found


def _way(shape: Shape, cause: _Place, effect: _Place, *, start: float, end: float) -> _Way:
    """Return the way of a link: straight up to the next band, round below a band, or past the bands between."""
    rises = cause.layer >= effect.layer
    y2 = effect.y + effect.height if rises else effect.y
    below = cause.layer == effect.layer or not rises
    y1 = cause.y + cause.height if below else cause.y
    stop = y2 + 9 if rises else y2 - 9
    head = f"M{px(end)} {px(y2)}l-5.5 {'10' if rises else '-10'}h11z"
    if cause.layer == effect.layer:
        dip = max(y1, y2) + shape.between * 0.62
        curve = ((start, y1), (start, dip), (end, dip), (end, stop))
    elif abs(cause.layer - effect.layer) == 1:
        middle = (y1 + stop) / 2
        curve = ((start, y1), (start, middle), (end, middle), (end, stop))
    else:
        return _past(shape, head, start=start, end=end, y1=y1, stop=stop, rises=rises)
    return _Way(
        f"M{_point(curve[0])}C{' '.join(_point(point) for point in curve[1:])}", head, curve
    )


def _past(
    shape: Shape, head: str, *, start: float, end: float, y1: float, stop: float, rises: bool
) -> _Way:
    """Lead a link round the bands between, on the right, where no objective stands."""
    side = shape.width - (13 if shape is WIDE else 5)
    turn = shape.between * 0.8 * (1 if rises else -1)
    out = ((start, y1 - turn), (side, y1 - turn * 0.4), (side, y1 - turn * 1.6))
    back = ((side, stop + turn * 1.6), (side, stop + turn * 0.4), (end, stop + turn), (end, stop))
    path = (
        f"M{_point((start, y1))}C{' '.join(_point(point) for point in out)}"
        f"L{_point(back[0])}C{' '.join(_point(point) for point in back[1:])}"
    )
    return _Way(path, head, back)


def _point(point: tuple[float, float]) -> str:
    return f"{px(point[0])} {px(point[1])}"


def _short_lag(months: int) -> str:
    return f"{months} mo" if months else "same"


def _objective(edition: Edition, objective: rows.Objective) -> ObjectiveItem:
    node = node_of(edition, "objective", objective.objective_id, edition.organisation_id)
    return ObjectiveItem(
        name=objective.objective_name,
        href=edition.objective_href(objective.objective_id),
        perspective=edition.strategy.perspectives[objective.perspective_id].perspective_name,
        score=edition.edges.write(node.score if node is not None else None),
        status=node_status(node),
    )
