"""Small figures in numbers: sparkline, bullet and beam, computed here so that a template only prints.

Positions across are per cent or px of the drawing, down px, written as text. Not here: the chart of a KPI page (chart)
and the strategy map (strategy_map).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from reports.words.text import say

FULL = 100.0
SPARK_UNITS = 2
"""Units of a sparkline's drawing to a px: whole numbers are then fine enough, and short."""
SPARK_TOP, SPARK_BOTTOM, SPARK_SIDE = 6.0, 46.0, 6.0


def px(value: float) -> str:
    """Write a coordinate shortly."""
    text = f"{value:.1f}"
    return text[:-2] if text.endswith(".0") else text


@lru_cache(maxsize=4096)
def pct(value: float) -> str:
    """Write a position in per cent."""
    return f"{value:.2f}".rstrip("0").rstrip(".")


@dataclass(frozen=True)
class Spark:
    """A line of 24 months in a table's cell."""

    title: str
    width: int
    """In units of the drawing, as all that follows."""
    path: str
    dot: tuple[int, int] | None
    """The last known month."""
    ring: bool
    """The last month is a new signal."""
    usual: str
    """Outline of the usual range; empty where there is none."""
    rule: int | None
    """Height of a reference line."""


def spark(
    values: Sequence[float | None],
    *,
    title: str,
    usual: Sequence[tuple[float, float] | None] = (),
    ring: bool = False,
    span: tuple[float, float] | None = None,
    rule: float | None = None,
    width: int = 120,
) -> Spark:
    """Draw a line through the months; a gap stays a gap, a lone month is a dot.

    `span` fixes the scale, so that several lines can be compared; else it is the line's own lowest and highest.
    """
    known = [value for value in values if value is not None]
    low, high = span or ((min(known), max(known)) if known else (0.0, 1.0))

    def down(value: float) -> float:
        if high == low:
            return (SPARK_TOP + SPARK_BOTTOM) / 2
        share = min(1.0, max(0.0, (value - low) / (high - low)))
        return SPARK_BOTTOM - share * (SPARK_BOTTOM - SPARK_TOP)

    full = SPARK_UNITS * width
    step = (full - 2.6 * SPARK_SIDE) / max(1, len(values) - 1)
    across = [SPARK_SIDE + index * step for index in range(len(values))]
    points = [
        None if value is None else (round(x), round(down(value)))
        for x, value in zip(across, values, strict=True)
    ]
    last = next((point for point in reversed(points) if point is not None), None)
    return Spark(
        title=title,
        width=full,
        path="".join(_stroke(run) for run in _runs(points)),
        dot=last,
        ring=ring and bool(points) and points[-1] is not None,
        usual=_outline(
            [
                None
                if limits is None
                else (round(x), round(down(limits[1])), round(down(limits[0])))
                for x, limits in zip(across, usual, strict=False)
            ],
            full,
        ),
        rule=None if rule is None else round(down(rule)),
    )


def _runs(points: Sequence[tuple[int, int] | None]) -> list[list[tuple[int, int]]]:
    """Part a line at its gaps."""
    runs: list[list[tuple[int, int]]] = [[]]
    for point in points:
        if point is None:
            runs.append([])
        else:
            runs[-1].append(point)
    return [run for run in runs if run]


def _stroke(points: Sequence[tuple[int, int]]) -> str:
    """Return the SVG path through points as steps from one to the next; a lone point gets a line of no length, a dot."""
    (x, y), *others = points
    steps = [
        f"{at[0] - before[0]} {at[1] - before[1]}" for before, at in pairwise((points[0], *others))
    ]
    line = " ".join(steps).replace(" -", "-")
    return f"M{x} {y}{f'l{line}' if steps else 'h0'}"


def _outline(sides: Sequence[tuple[int, int, int] | None], width: int) -> str:
    """Return the outline of the usual range: a box where it is the same in every month, else along its limits."""
    known = [side for side in sides if side is not None]
    if not known:
        return ""
    if len({(top, bottom) for _, top, bottom in known}) == 1:
        top, bottom = known[0][1], max(known[0][2], known[0][1] + SPARK_UNITS)
        return f"M0 {top}H{width}V{bottom}H0z"
    upper = [(x, top) for x, top, _ in known]
    lower = [(x, bottom) for x, _, bottom in reversed(known)]
    return f"{_stroke([*upper, *lower])}z"


def path(points: Sequence[tuple[float, float] | None], *, places: int = 1) -> str:
    """Return the SVG path through the points, parted at gaps; a lone point gets a line of no length, drawn as a dot."""
    parts: list[str] = []
    pen_down = False
    for index, point in enumerate(points):
        if point is None:
            pen_down = False
            continue
        x, y = f"{point[0]:.{places}f}", px(point[1])
        parts.append(f"{'L' if pen_down else 'M'}{x} {y}")
        alone = not pen_down and (index + 1 == len(points) or points[index + 1] is None)
        if alone:
            parts.append("h0")
        pen_down = True
    return "".join(parts)


@dataclass(frozen=True)
class Bullet:
    """A bar on the score's scale: longer is better in every row, and the targets stand in one line."""

    title: str
    at_risk: str
    on_track: str
    risk_width: str
    on_width: str
    length: str | None
    """None where there is no score: the scale stays, the bar does not."""
    is_beyond: bool = False
    """The score is above 100: the bar ends in an arrow."""

    @property
    def bands(self) -> str:
        """The name of its bands, which the rows of a table share: they are drawn once."""
        return f"b{self.at_risk}-{self.on_track}"

    @property
    def target(self) -> str:
        """The name of its target's tick, shared likewise; it lies over the bar, the bands under it."""
        return f"t{self.at_risk}-{self.on_track}"


def bullet(score: float | None, *, title: str, at_risk: float, on_track: float) -> Bullet:
    """Draw a score; a score of zero keeps a sliver, so that it is not mistaken for a missing one."""
    shown = None if score is None else pct(max(1.0, min(100.0, score)))
    return Bullet(
        title=title,
        at_risk=pct(at_risk),
        on_track=pct(on_track),
        risk_width=pct(on_track - at_risk),
        on_width=pct(100 - on_track),
        length=shown,
        is_beyond=score is not None and round(score, 2) > FULL,
    )


@dataclass(frozen=True)
class Block:
    """A perspective that hangs from the beam."""

    name: tuple[str, ...]
    """In lines."""
    label: str
    weight: str
    x: str | None
    top: str
    text_y: str
    half: str
    width: str
    paper_x: str
    paper_width: str


@dataclass(frozen=True)
class Beam:
    """The balance of the perspectives: a mean is where a beam balances."""

    title: str
    description: str
    height: int
    at_risk: str
    on_track: str
    risk_width: str
    on_width: str
    blocks: tuple[Block, ...]
    balances_at: str | None
    balance_label: str
    balance_anchor: str


@dataclass(frozen=True)
class Hung:
    """What a beam is drawn from: one perspective."""

    name: str
    score: float | None
    score_text: str
    share: float
    """Share of the weight of those that have a score."""
    weight_text: str


BEAM_TOP, BEAM_ROW, BEAM_LINE, NAME_WIDTH = 46, 18, 14, 21


def beam(
    hung: Sequence[Hung],
    *,
    balances_at: float | None,
    balance_text: str,
    at_risk: float,
    on_track: float,
) -> Beam:
    """Draw the perspectives on the beam, one row each, so that labels never meet."""
    blocks, top = [], BEAM_TOP
    for item in hung:
        lines = wrap(item.name, NAME_WIDTH)
        blocks.append(_block(item, lines, top))
        top += BEAM_ROW + BEAM_LINE * (len(lines) - 1)
    described = [
        say(
            "{perspective} hangs at {score} with weight {weight}.",
            perspective=item.name,
            score=item.score_text,
            weight=item.weight_text,
        )
        for item in hung
    ]
    if balances_at is not None:
        described.append(say("It balances at {score}, the score.", score=balance_text))
    return Beam(
        title=say("Balance of the perspectives"),
        description=" ".join([say("A beam from 0 to 100."), *described]),
        height=top,
        at_risk=pct(at_risk),
        on_track=pct(on_track),
        risk_width=pct(on_track - at_risk),
        on_width=pct(100 - on_track),
        blocks=tuple(blocks),
        balances_at=None if balances_at is None else pct(min(100.0, balances_at)),
        balance_label=say("Balances at {score}", score=balance_text),
        balance_anchor=_anchor(balances_at),
    )


def _anchor(position: float | None) -> str:
    if position is None or 15 <= position <= 85:  # noqa: PLR2004 - per cent of the beam
        return "middle"
    return "start" if position < 15 else "end"  # noqa: PLR2004 - per cent of the beam


def _block(item: Hung, lines: tuple[str, ...], top: int) -> Block:
    width = max(4.0, 100 * item.share)
    return Block(
        name=lines,
        label=item.score_text,
        weight=item.weight_text,
        x=None if item.score is None else pct(min(100.0, item.score)),
        top=str(top),
        text_y=px(top + 10.5),
        half=px(-width / 2),
        width=px(width),
        paper_x=px(-width / 2 - 1.5),
        paper_width=px(width + 3),
    )


def wrap(text: str, width: int) -> tuple[str, ...]:
    """Break a text into lines of about `width` characters, at spaces; a longer word is broken, never cut."""
    lines: list[str] = []
    for word in text.split():
        rest = word
        if lines and len(lines[-1]) + 1 + len(rest) <= width:
            lines[-1] += " " + rest
            continue
        while len(rest) > width:
            lines.append(rest[:width])
            rest = rest[width:]
        lines.append(rest)
    return tuple(lines) or ("",)
