"""The strategy map's layout: few crossings, nothing run through, and no strategy that it cannot draw."""

import pytest

from reports.figures.map_labels import covers, meet, place
from reports.figures.map_layout import Box, Strategy, crossings, lay, layout_of, pieces
from reports.figures.map_order import declared, spans, sugiyama
from reports.site import build
from reports.views.map_drawing import NARROW, WIDE, drawing, layered
from reports.views.strategy_map import strategy_map_page

SHAPES = pytest.mark.parametrize("shape", [WIDE, NARROW], ids=["wide", "narrow"])
ROWS = ((("f1", "f2", "f3"),), (("c1", "c2", "c3"),), (("i1", "i2"), ("i3", "i4")), (("l1", "l2"),))
STRATEGIES = {
    "one objective": Strategy(((("only",),),), ()),
    "no links": Strategy(ROWS, ()),
    "an empty perspective": Strategy(((("top",),), ((),), (("low",),)), (("low", "top"),)),
    "a link over all layers": Strategy(ROWS, (("l1", "f1"), ("l1", "f3"), ("l2", "f1"))),
    "links within every row": Strategy(
        ROWS, (("f1", "f2"), ("f3", "f1"), ("c1", "c3"), ("i1", "i2"), ("l2", "l1"))
    ),
    "a cycle": Strategy(
        ROWS, (("l1", "c1"), ("c1", "l1"), ("c1", "f1"), ("f1", "i4"), ("i4", "c1"))
    ),
    "crosswise": Strategy(
        ROWS,
        (
            ("c1", "f3"),
            ("c3", "f1"),
            ("i1", "c3"),
            ("i4", "c1"),
            ("l1", "i4"),
            ("l2", "i1"),
            ("i2", "c2"),
        ),
    ),
    "all to all": Strategy(
        ROWS,
        tuple((low, high) for low in ("l1", "l2", "i1", "i3") for high in ("f1", "f2", "f3", "c2")),
    ),
}


def _heights(strategy):
    return lambda _width: [60.0] * len(strategy.rows)


@pytest.fixture(params=list(STRATEGIES))
def strategy(request):
    return STRATEGIES[request.param]


@SHAPES
def test_the_layout_crosses_no_more_than_the_strategys_order(strategy, shape) -> None:
    ends = spans(strategy.rows, strategy.links)
    own = layout_of(strategy, declared(strategy.rows, ends), shape.measures, _heights(strategy))
    found = lay(strategy, shape.measures, _heights(strategy))
    assert found.crossings == crossings(found.ways) <= own.crossings


def test_the_layered_layout_untangles_what_the_strategys_order_crosses() -> None:
    strategy = STRATEGIES["crosswise"]
    ends = spans(strategy.rows, strategy.links)
    found = [
        layout_of(strategy, order(strategy.rows, ends), WIDE.measures, _heights(strategy)).crossings
        for order in (declared, sugiyama)
    ]
    assert found[1] < found[0]


@SHAPES
def test_every_link_joins_its_objectives_and_passes_through_none(strategy, shape) -> None:
    layout = lay(strategy, shape.measures, _heights(strategy))
    for (cause, effect), way in zip(strategy.links, layout.ways, strict=True):
        for point, node in ((way.points[0], cause), (way.points[-1], effect)):
            box = layout.boxes[node]
            assert box.x < point[0] < box.x + box.width
            assert point[1] in (box.y, box.y + box.height)
        for piece in pieces(way):
            assert not any(_through(piece, box) for box in layout.boxes.values())


def _through(piece, box):
    (x1, y1), (x2, y2) = piece
    across = min(x1, x2) < box.x + box.width and box.x < max(x1, x2)
    return across and min(y1, y2) < box.y + box.height and box.y < max(y1, y2)


@SHAPES
def test_links_run_straight_and_no_two_on_one_line(strategy, shape) -> None:
    ways = lay(strategy, shape.measures, _heights(strategy)).ways
    for index, way in enumerate(ways):
        assert all(start[0] == end[0] or start[1] == end[1] for start, end in pieces(way))
        for other in ways[index + 1 :]:
            assert not any(_along(one, two) for one in pieces(way) for two in pieces(other))


def _along(one, two):
    """Whether two pieces share more than a point."""
    for axis in (0, 1):
        line = {point[axis] for point in (*one, *two)}
        starts = [sorted(point[1 - axis] for point in piece) for piece in (one, two)]
        if len(line) == 1 and max(starts[0][0], starts[1][0]) < min(starts[0][1], starts[1][1]):
            return True
    return False


@SHAPES
def test_objectives_and_links_stay_on_the_paper(strategy, shape) -> None:
    layout = lay(strategy, shape.measures, _heights(strategy))
    points = [point for way in layout.ways for point in way.points]
    assert all(0 <= x <= shape.width and 0 <= y <= layout.height for x, y in points)
    for box in layout.boxes.values():
        assert shape.measures.left <= box.x < box.x + box.width <= shape.measures.right
        assert box.width >= shape.measures.least_width


@pytest.mark.parametrize("shape", [WIDE, NARROW], ids=["wide", "narrow"])
def test_labels_lie_on_no_other_link_no_objective_and_no_label(edition, shape) -> None:
    picture = drawing(edition, shape)
    strategy = layered(edition, shape)
    boxes = [
        Box(float(edge.plate_x), float(edge.plate_y), float(edge.plate_width), 17.0)
        for edge in picture.edges
    ]
    nodes = [
        Box(*(float(side) for side in (node.x, node.y, node.width, node.height)))
        for node in picture.nodes
    ]
    assert len(boxes) == len(strategy.links)
    for index, box in enumerate(boxes):
        assert not any(meet(box, other) for other in (*boxes[index + 1 :], *nodes))


@SHAPES
def test_a_placed_label_covers_no_other_link(strategy, shape) -> None:
    layout = lay(strategy, shape.measures, _heights(strategy))
    found = place(layout.ways, [50.0] * len(layout.ways), list(layout.boxes.values()))
    for index, box in enumerate(found):
        others = (way for at, way in enumerate(layout.ways) if at != index)
        if box is not None:
            assert not any(covers(box, piece) for way in others for piece in pieces(way))


def test_the_same_warehouse_gives_the_same_map(warehouse, tmp_path) -> None:
    for name in ("one", "two"):
        build(warehouse, tmp_path / name, groups=["strategy_map"])
    one, two = (tmp_path / name / "strategy-map.html" for name in ("one", "two"))
    assert one.read_bytes() == two.read_bytes()


def test_every_objective_is_a_link_with_its_status_in_a_word_and_a_shape(edition) -> None:
    page = strategy_map_page(edition)
    for picture in (page.wide, page.narrow):
        assert [node.href for node in picture.nodes] == [item.href for item in page.objectives]
        for node, item in zip(picture.nodes, page.objectives, strict=True):
            assert (node.status, node.word.startswith(item.status.words)) == (item.status.key, True)


@SHAPES
def test_a_long_name_is_wrapped_not_cut(edition, shape) -> None:
    for node, objective in zip(
        drawing(edition, shape).nodes, edition.strategy.objectives.values(), strict=True
    ):
        text = "".join(line.text for line in node.lines)
        assert text.replace(" ", "") == objective.objective_name.replace(" ", "")
