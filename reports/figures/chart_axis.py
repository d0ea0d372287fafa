"""The vertical axis of a chart, in shown units: what must lie on it, round steps, and how far down a value lies.

Not here: what stands beside the axis and the lines (chart_labels).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from reports.figures.chart_parts import Month, Tick
from reports.figures.small import px
from reports.words.language import Language

HEIGHT = 300.0
TICKS = 5
FAR = 0.75
"""A red flag or limit that would stretch the values' own span by more than this share stays off the chart and is said in words."""


@dataclass(frozen=True)
class Axis:
    """The vertical axis, in shown units."""

    low: float
    high: float
    step: float

    def share(self, value: float) -> float:
        """Return how far along the axis a value lies, from 0 to 1; outside it stays at the edge."""
        share = (value - self.low) / (self.high - self.low)
        if share <= 0:
            return 0.0
        return min(share, 1.0)

    def down(self, value: float) -> float:
        """Return how far down a value lies; outside it stays at the edge."""
        return HEIGHT * (1 - self.share(value))

    def holds(self, value: float) -> bool:
        """Whether a value lies on the chart."""
        return self.low <= value <= self.high

    @property
    def marks(self) -> tuple[float, ...]:
        """The values at which it is labelled, from the lowest."""
        count = round((self.high - self.low) / self.step)
        return tuple(self.low + index * self.step for index in range(count + 1))

    def write(self, value: float, language: Language) -> str:
        """Write a value with as many decimals as the steps need."""
        return language.brief(value, _decimals(self.step))


def axis_of(months: Sequence[Month]) -> Axis:
    """Choose the vertical axis: all values and targets on it, red flags and limits where they are not far off."""
    must = [
        value
        for month in months
        for value in (month.actual, month.target, month.first_reported)
        if value is not None
    ]
    low, high = min(must), max(must)
    span = (high - low) or abs(high) * 0.2 or 1.0
    may = [value for month in months for value in (month.low, month.high, month.red)]
    for pair in [pair for month in months for pair in (month.good, month.interval) if pair]:
        may += pair
    bottom, top = low - FAR * span, high + FAR * span
    near = [value for value in may if value is not None and bottom <= value <= top]
    low, high = min([low, *near]), max([high, *near])
    if 0 <= low <= 0.4 * high:
        low = 0.0
    return _nice(low, high)


def _nice(low: float, high: float) -> Axis:
    span = (high - low) or abs(high) * 0.2 or 1.0
    rough = span / (TICKS - 1)
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(factor * power for factor in (1, 2, 2.5, 5, 10) if factor * power >= rough * 0.999)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    if first == last:
        last += 1
    # Room between a line and the frame, but never below a zero that nothing crosses.
    if high > (last - 0.12) * step:
        last += 1
    if low < (first + 0.12) * step and low != 0:
        first -= 1
    return Axis(first * step, last * step, step)


def _decimals(step: float) -> int:
    return next((places for places in range(7) if abs(round(step, places) - step) < step * 1e-6), 6)


def ticks(axis: Axis, language: Language) -> tuple[Tick, ...]:
    """Return the labels of the axis, from the lowest."""
    return tuple(
        Tick(px(axis.down(value) + 4), axis.write(value, language)) for value in axis.marks
    )
