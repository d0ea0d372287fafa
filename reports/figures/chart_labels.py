"""The labels of a chart: those of its lines, right of it and never on one another, and those of its periods.

Not here: the labels of the vertical axis (chart_axis), sentences (chart_words).
"""

from collections.abc import Sequence
from dataclasses import dataclass

from reports.figures.chart_axis import HEIGHT, Axis
from reports.figures.chart_parts import Judged, Label, Month, MonthLabel, Reading
from reports.figures.small import pct, px
from reports.words.language import Calendar, Scale
from reports.words.text import say

LABEL_GAP = 16.0
"""Height of a label with the space that keeps it from the next."""
TOP, BOTTOM = LABEL_GAP / 2, HEIGHT - LABEL_GAP / 2
"""Between these lies the middle of every label."""
SHORT_LABEL = 12
"""Characters of a direct label that a phone has room for, besides the space."""
LEADER_FROM, LEADER_TO = 2, 8
MOVED = 1.0
"""A label that stands farther than this (px) from what it names gets a leader."""


@dataclass(frozen=True)
class _Wanted:
    """A value that is to be labelled, where it lies."""

    height: float
    number: str
    word: str
    style: str
    is_point: bool


def direct_labels(
    months: Sequence[Month], axis: Axis, *, scale: Scale, reading: Reading, last: tuple[str, Judged]
) -> tuple[Label, ...]:
    """Return the direct labels, moved apart where they would meet; `last` is the last period's name and how it is judged."""
    wanted = sorted(
        _wanted(months[-1], axis, scale=scale, reading=reading, last=last),
        key=lambda label: label.height,
    )
    heights = apart([label.height for label in wanted])
    return tuple(_label(label, height) for label, height in zip(wanted, heights, strict=True))


def _wanted(
    month: Month, axis: Axis, *, scale: Scale, reading: Reading, last: tuple[str, Judged]
) -> list[_Wanted]:
    low, high = month.good or (None, None)
    period, judged = last
    named = (
        (month.high, say("upper limit"), "", False),
        (high, say("good to"), "t-strong", True),
        (month.target, say(reading.target), "t-strong", True),
        (month.mean, say("mean"), "", False),
        (low, say("good from"), "t-strong", True),
        (month.low, say("lower limit"), "", False),
        (month.red, say(reading.red), "", True),
        (
            month.actual,
            say("signal") if judged.is_signal else period,
            "t-off" if judged.is_off_track else "t-strong",
            True,
        ),
    )
    return [
        _Wanted(axis.down(value * scale.factor), scale.brief(value), word, style, is_point)
        for value, word, style, is_point in named
        if value is not None and axis.holds(value * scale.factor)
    ]


def _label(label: _Wanted, height: float) -> Label:
    return Label(
        y=px(height + 4),
        number=label.number,
        word=label.word,
        style=label.style,
        is_point=label.is_point,
        is_short=len(label.number) + len(label.word) <= SHORT_LABEL,
        leader=f"M{LEADER_FROM} {px(label.height)}L{LEADER_TO} {px(height)}"
        if abs(height - label.height) > MOVED
        else "",
    )


def apart(heights: Sequence[float]) -> list[float]:
    """Move labels, given from the top, so far apart that none covers another, and each as little as can be.

    With the gaps taken off, labels in order are heights that must not fall: those that do are pooled at their mean.
    """
    pools: list[tuple[float, int]] = []
    for index, height in enumerate(heights):
        mean, count = height - index * LABEL_GAP, 1
        while pools and pools[-1][0] > mean:
            before, size = pools.pop()
            mean, count = (mean * count + before * size) / (count + size), count + size
        pools.append((mean, count))
    lowest = BOTTOM - (len(heights) - 1) * LABEL_GAP
    level = [min(max(mean, TOP), lowest) for mean, count in pools for _ in range(count)]
    return [height + index * LABEL_GAP for index, height in enumerate(level)]


def period_labels(
    months: Sequence[Month], places: Sequence[float], calendar: Calendar, grain: str
) -> tuple[MonthLabel, ...]:
    """Label the horizontal axis: of months the quarters' first and the last, else every period."""
    if grain == "month":
        return _month_labels(months, places, calendar)
    years = [calendar.year(month.month) if grain != "year" else "" for month in months]
    return tuple(
        MonthLabel(
            x=pct(place),
            text=calendar.tick(grain, month.month),
            year=year if index and year != years[index - 1] else "",
            is_wide=False,
        )
        for index, (month, place, year) in enumerate(zip(months, places, years, strict=True))
    )


def _month_labels(
    months: Sequence[Month], places: Sequence[float], calendar: Calendar
) -> tuple[MonthLabel, ...]:
    found = []
    end = len(months) - 1
    for index, (month, place) in enumerate(zip(months, places, strict=True)):
        first_of_quarter = month.month.month in {1, 4, 7, 10}
        near_end = 0 < end - index < 2  # noqa: PLR2004 - months
        if index != end and (not first_of_quarter or near_end):
            continue
        january = month.month.month == 1
        found.append(
            MonthLabel(
                x=pct(place),
                text=calendar.tick("month", month.month),
                year=str(month.month.year) if january else "",
                is_wide=not january and index != end,
            )
        )
    return tuple(found)
