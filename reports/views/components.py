"""The page of components: each one that the pages are built of, in all its states, made by the same macros.

Not here: the made-up KPIs and numbers (made_up), the components themselves (widgets.html, figures.html, map.html).
"""

from dataclasses import dataclass

from reports.card import Card
from reports.edition import Choice, Crumb, Edition, Frame, Switch
from reports.figures.chart import Chart
from reports.figures.small import Beam
from reports.movement import Change
from reports.roll import Roll
from reports.views.made_up import (
    CASES,
    CHANGES,
    HERE,
    HOSTILE,
    LONG_NAME,
    RTL_NAME,
    made_up_beam,
    made_up_card,
    made_up_chart,
    made_up_roll,
)
from reports.views.map_drawing import Drawing, Line, NodeBox
from reports.views.needs import Need, Needs
from reports.views.restated import ReportedRow, RestatedRow
from reports.views.signals import SignalItem
from reports.views.sources import STATES, UNTROUBLED, Source, SourcesSection, state_mark
from reports.words.language import NONE
from reports.words.status import WORDS, Status, mark
from reports.words.text import Part, later, say, say_parts

SHAPES = {
    "on_track": later("filled circle; good news is quiet"),
    "at_risk": later("filled triangle, bold"),
    "off_track": later("filled diamond, bold"),
    "no_data": later("broken circle"),
    "stale": later("clock"),
    "unverified": later("struck square"),
    "no_target": later("circle with a bar"),
    "suppressed": later("box with three dots"),
}
NODE_WIDTH, NODE_HEIGHT, NODE_GAP = 274, 70, 12


@dataclass(frozen=True)
class Shape:
    """A status with what its sign looks like."""

    status: Status
    key: str
    shape: str


@dataclass(frozen=True)
class Written:
    """How a kind of number is written."""

    kind: str
    example: str


@dataclass(frozen=True)
class ComponentsPage:
    """Every component in every state."""

    frame: Frame
    shapes: tuple[Shape, ...]
    joined: tuple[Status, ...]
    """Statuses that stand together, and what is said beside one."""
    card: Card
    changes: tuple[Change, ...]
    roll: Roll
    beam: Beam
    chart: Chart | None
    wide: Drawing
    narrow: Drawing
    signals: tuple[SignalItem, ...]
    needs: Needs
    sources: SourcesSection
    restated: tuple[RestatedRow, ...]
    crumbs: tuple[Crumb, ...]
    switches: tuple[Switch, ...]
    names: tuple[Part, ...]
    numbers: tuple[Written, ...]


def components_page(edition: Edition) -> ComponentsPage:
    """Return the page of components."""
    card = made_up_card(edition)
    rows = [objective.kpis[0] for objective in card.perspectives[0].objectives]
    finding = say("Every component, in every state")
    return ComponentsPage(
        frame=edition.frame(
            title=say("Components"),
            finding=finding,
            page="components.html",
        ),
        shapes=tuple(Shape(Status((mark(key),)), key, say(SHAPES[key])) for key in WORDS),
        joined=(
            Status((mark("off_track"), mark("stale"))),
            Status((mark("at_risk"),), (say("gate"),)),
            Status((mark("on_track"),), (say("2 off track below"), say("stale below"))),
        ),
        card=card,
        changes=tuple(Change(say(word), arrow, style) for word, arrow, style in CHANGES.values()),
        roll=made_up_roll(edition),
        beam=made_up_beam(edition),
        chart=made_up_chart(edition),
        wide=_nodes(edition, columns=4),
        narrow=_nodes(edition, columns=1),
        signals=tuple(
            SignalItem(
                rows[at].change.text,
                say_parts("{kpi} left its usual range.", kpi=Part(rows[at].name, HERE)),
                rows[at].spark,
            )
            for at, case in enumerate(CASES)
            if case.change
        ),
        needs=_needs(edition),
        sources=_sources(edition),
        restated=_restated(edition),
        crumbs=(
            Crumb(say("Scorecard"), HERE),
            Crumb(RTL_NAME, HERE),
            Crumb(HOSTILE, HERE),
            Crumb(LONG_NAME, None),
        ),
        switches=(
            Switch(
                say("Unit"),
                (Choice(say("All units"), HERE, is_current=True), Choice(RTL_NAME, HERE), Choice(LONG_NAME, HERE)),
            ),
        ),
        names=(Part(LONG_NAME, HERE), Part(RTL_NAME, HERE), Part(HOSTILE, HERE)),
        numbers=_numbers(edition),
    )  # fmt: skip


def _nodes(edition: Edition, *, columns: int) -> Drawing:
    """Return objectives of a strategy map in every status, in rows."""
    step = (NODE_WIDTH + NODE_GAP, NODE_HEIGHT + NODE_GAP)
    boxes = []
    for at, key in enumerate(WORDS):
        x = at % columns * step[0] + 2
        y = at // columns * step[1] + 2
        name = RTL_NAME if key == "suppressed" else CASES[at].name
        boxes.append(_node(edition, key, name, (x, y)))
    rows = -(-len(WORDS) // columns)
    return Drawing(
        width=str(columns * step[0]),
        height=str(rows * step[1]),
        title=say("Objectives of a strategy map"),
        description=say("One in each status."),
        bands=(),
        nodes=tuple(boxes),
        edges=(),
    )


def _node(edition: Edition, key: str, name: str, corner: tuple[int, int]) -> NodeBox:
    x, y = corner
    score = {"on_track": 75.0, "at_risk": 63.0, "off_track": 27.0, "stale": 86.0}.get(key)
    word = mark(key).word
    return NodeBox(
        href=HERE,
        status=key,
        x=str(x),
        y=str(y),
        width=str(NODE_WIDTH - 4),
        height=str(NODE_HEIGHT - 4),
        text_x=str(x + 12),
        lines=(Line(name, str(y + 22)),),
        mark_y=str(y + 32),
        word=word if score is None else f"{word} {edition.edges.write(score)}",
        word_x=str(x + 29),
        word_y=str(y + 41),
        details=(),
    )


def _needs(edition: Edition) -> Needs:
    number = edition.language.number
    off = [case for case in CASES if case.status[0] == "off_track"]
    rows = tuple(
        Need(
            name=case.name,
            href=HERE,
            unit="",
            status=Status(tuple(mark(key) for key in case.status)),
            actual=number(case.actual, case.decimals),
            mark=say(case.mark) if case.mark else "",
            target=number(case.target, case.decimals),
            is_words=False,
            lost=number(8.9 - 2.5 * at, 1),
            owner=say("Owner"),
            comment=say("no comment yet.") if at % 2 else RTL_NAME,
            is_asked=bool(at % 2),
        )
        for at, case in enumerate(off)
    )
    return Needs(heading="", rows=rows, note="")


def _sources(edition: Edition) -> SourcesSection:
    day = edition.language.short_day(edition.strategy.release.as_of_date)
    found = tuple(
        Source(
            id=state,
            name=CASES[at].name,
            owner=say("Owner"),
            tables="",
            data_to=day if state in UNTROUBLED else NONE,
            status=Status((state_mark(state),)),
            note="" if state in UNTROUBLED else HOSTILE,
            is_troubled=state not in UNTROUBLED,
            short="",
        )
        for at, state in enumerate(STATES)
    )
    return SourcesSection(heading="", trouble_heading="", sources=found, has_notes=True)


def _restated(edition: Edition) -> tuple[RestatedRow, ...]:
    language = edition.language
    day = language.short_day(edition.strategy.release.as_of_date)
    told = (
        ReportedRow(day, language.number(93.1, 1), "41", Status((mark("at_risk"),)), say("first reported")),
        ReportedRow(day, language.number(91.2, 1), "24", Status((mark("off_track"),)), say("late or corrected data")),
        ReportedRow(day, say("withdrawn"), NONE, None, say("no longer measured")),
    )  # fmt: skip
    month = edition.month
    return (RestatedRow(month, language.month(month), True, 0.931, told, 2),)


def _numbers(edition: Edition) -> tuple[Written, ...]:
    language, edges = edition.language, edition.edges
    return (
        Written(say("Thousands"), language.number(1234567)),
        Written(say("Negative"), language.number(-1240)),
        Written(say("Zero"), language.number(0)),
        Written(say("Differences"), ", ".join(language.signed(each, 1) for each in (12, -3.8, 0))),
        Written(say("Per cent"), language.percent(0.912, 1)),
        Written(say("Missing"), NONE),
        Written(say("Score near the edge of a band"), edges.write(edges.on_track - 0.15)),
        Written(say("Day"), language.day(edition.strategy.release.as_of_date)),
    )
