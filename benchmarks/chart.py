"""A line chart as SVG, both axes by powers of ten where they say so; colours follow the reader's light or dark page.

Not here: what is drawn.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

WIDTH, HEIGHT = 640, 340
LEFT, RIGHT, TOP, BOTTOM = 60, 180, 48, 48
COLOURS = (("#1b5e8c", "#7cc4f2"), ("#b3541e", "#f2a97c"), ("#3d7a3d", "#8fd18f"))
"""On a light page, and on a dark one."""
_STYLE = """
text { font: 13px system-ui, sans-serif; fill: #222 }
.axis { stroke: #888; stroke-width: 1 }
.grid { stroke: #ddd; stroke-width: 1 }
"""
_DARK = "text { fill: #eee } .grid { stroke: #444 }"


@dataclass(frozen=True)
class Line:
    """One line: its name, and points in the order of their first number."""

    name: str
    points: tuple[tuple[float, float], ...]


def draw(title: str, lines: Sequence[Line], *, unit: str) -> str:
    """Draw the lines; the first number of a point goes by powers of ten, the second from 0."""
    every = [point for line in lines for point in line.points]
    xs = sorted({x for x, _ in every})
    top = _round_up(max(y for _, y in every))

    def place(x: float, y: float) -> tuple[float, float]:
        span = math.log10(xs[-1] / xs[0]) or 1.0
        across = math.log10(x / xs[0]) / span
        return (
            round(LEFT + across * (WIDTH - LEFT - RIGHT), 1),
            round(HEIGHT - BOTTOM - y / top * (HEIGHT - TOP - BOTTOM), 1),
        )

    said = "; ".join(
        f"{line.name}: " + ", ".join(f"{_short(x)} {y:.3g} {unit}" for x, y in line.points)
        for line in lines
    )
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-labelledby="t d">',
        f'<title id="t">{escape(title)}</title><desc id="d">{escape(said)}</desc>',
        f"<style>{_STYLE}{_colours(len(lines))}</style>",
        f'<text x="8" y="24" font-weight="600">{escape(title)}</text>',
    ]
    for share in (0, 0.25, 0.5, 0.75, 1):
        (left, y), (right, _) = place(xs[0], top * share), place(xs[-1], top * share)
        parts.append(f'<line class="grid" x1="{left}" y1="{y}" x2="{right}" y2="{y}"/>')
        parts.append(f'<text x="{left - 8}" y="{y + 4}" text-anchor="end">{top * share:.3g}</text>')
    parts += [
        f'<text x="{place(x, 0)[0]}" y="{HEIGHT - BOTTOM + 22}" text-anchor="middle">{_short(x)}</text>'
        for x in xs
    ]
    parts.append(
        f'<text x="{LEFT}" y="{HEIGHT - 6}">order lines, by powers of ten; up: {escape(unit)}</text>'
    )
    for number, line in enumerate(lines):
        spots = [place(x, y) for x, y in line.points]
        path = " ".join(f"{x},{y}" for x, y in spots)
        parts.append(f'<polyline class="line{number}" points="{path}"/>')
        parts += [f'<circle class="dot{number}" cx="{x}" cy="{y}" r="4"/>' for x, y in spots]
        parts.append(
            f'<text x="{spots[-1][0] + 10}" y="{spots[-1][1] + 4}">{escape(line.name)}</text>'
        )
    return "\n".join([*parts, "</svg>"]) + "\n"


def _colours(count: int) -> str:
    light = "".join(
        f".line{n} {{ fill: none; stroke: {c}; stroke-width: 2 }} .dot{n} {{ fill: {c} }}"
        for n, (c, _) in enumerate(COLOURS[:count])
    )
    dark = "".join(
        f".line{n} {{ stroke: {c} }} .dot{n} {{ fill: {c} }}"
        for n, (_, c) in enumerate(COLOURS[:count])
    )
    return f"{light}@media (prefers-color-scheme: dark) {{ {_DARK} {dark} }}"


def _round_up(number: float) -> float:
    """Give the next of 1, 2, 5 and 10 times a power of ten."""
    power = 10 ** math.floor(math.log10(number)) if number > 0 else 1
    return next(step * power for step in (1, 2, 5, 10) if step * power >= number)


def _short(number: float) -> str:
    """Write 1,000,000 as 1 M."""
    return f"{number / 1e6:g} M" if number >= 1e6 else f"{number:,.0f}"  # noqa: PLR2004 - a million
