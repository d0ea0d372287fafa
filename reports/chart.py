"""The main chart of a KPI: its periods' actuals against the target, with bands, usual range and what was first reported.

Positions across are per cent, down px of a drawing 300 px high; values arrive and labels leave in shown units. Not here:
sparklines and bullets (figures).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from reports.figures import path, pct, px
from reports.language import Calendar, Language, Scale
from reports.periods import WORDS

HEIGHT = 300.0
LABEL_GAP = 15.0
LONG_NUMBER = 5
MIDDLE = 50.0
SHORT_LABEL = 12
"""Characters of a direct label that a phone has room for, besides the space."""
TICKS = 5
FAR = 0.75
"""A red flag or limit that would stretch the values' own span by more than this share stays off the chart and is said in words."""


@dataclass(frozen=True)
class Month:
    """One period of a chart, mostly a month, in stored units."""

    month: date
    actual: float | None = None
    target: float | None = None
    red: float | None = None
    first_reported: float | None = None
    """Where it is another than the actual, as a reader sees it."""
    low: float | None = None
    mean: float | None = None
    high: float | None = None
    good: tuple[float, float] | None = None
    """Lowest and highest value that score 100, of the rule range."""
    fair: tuple[float, float] | None = None
    """Beyond these it scores 0."""
    interval: tuple[float, float] | None = None
    """The 95% interval of a survey's value."""
    baseline: str = ""
    """Why a person began the usual range anew with this period."""


@dataclass(frozen=True)
class Reading:
    """What the lines of a chart are."""

    target: str = "target"
    red: str = "red flag"
    is_banded: bool = True
    """Between red flag and target lies a band; else they are lines alone."""
    is_rising: bool = True
    """The better band lies above."""
    is_score: bool = False
    """The chart shows scores of 100."""


@dataclass(frozen=True)
class Band:
    """A rectangle of a band's tint."""

    style: str
    x: str
    width: str
    y: str
    height: str


@dataclass(frozen=True)
class Tick:
    """A label of the vertical axis."""

    y: str
    text: str


@dataclass(frozen=True)
class Label:
    """A direct label right of the chart."""

    y: str
    number: str
    word: str
    style: str
    is_point: bool
    """A scoring point: it stays where there is little room."""
    is_short: bool
    """Its word stays, too."""


@dataclass(frozen=True)
class Point:
    """A month's point, with what a reader is told on it."""

    x: str
    y: str
    title: str


@dataclass(frozen=True)
class Reported:
    """A hollow dot: what was first reported of a month."""

    x: str
    y: str
    now_y: str
    title: str


@dataclass(frozen=True)
class Whisker:
    """The interval of a point."""

    x: str
    y1: str
    y2: str


@dataclass(frozen=True)
class Anew:
    """Where a person began the usual range anew."""

    x: str
    is_late: bool
    """It lies in the right half: its words stand left of it."""
    period: str
    reason: str


@dataclass(frozen=True)
class MonthLabel:
    """A label of the horizontal axis."""

    x: str
    text: str
    year: str
    is_wide: bool
    """Dropped on a phone."""


@dataclass(frozen=True)
class Last:
    """The last month's point, with its value written beside it."""

    x: str
    y: str
    label_y: str
    label: str
    style: str
    label_style: str
    is_ring: bool


@dataclass(frozen=True)
class Chart:
    """A drawn chart."""

    title: str
    description: str
    ticks: tuple[Tick, ...]
    bands: tuple[Band, ...]
    limits: tuple[str, ...]
    """Paths of the lower and the upper limit."""
    mean: str
    targets: tuple[tuple[str, str, str], ...]
    flags: tuple[str, ...]
    """Paths of lines that no band shows."""
    whiskers: tuple[Whisker, ...]
    anew: tuple[Anew, ...]
    path: str
    points: tuple[Point, ...]
    reported: tuple[Reported, ...]
    last: Last | None
    labels: tuple[Label, ...]
    months: tuple[MonthLabel, ...]
    is_wide: bool
    """Its numbers are long and need room at both sides."""
    zero: str | None
    """Height of the line of zero, where values lie on both sides."""
    caption: str


@dataclass(frozen=True)
class Axis:
    """The vertical axis, in shown units."""

    low: float
    high: float
    step: float

    def down(self, value: float) -> float:
        """Return how far down a value lies; outside it stays at the edge."""
        share = (value - self.low) / (self.high - self.low)
        return HEIGHT * (1 - min(1.0, max(0.0, share)))

    def holds(self, value: float) -> bool:
        """Whether a value lies on the chart."""
        return self.low <= value <= self.high


@dataclass(frozen=True)
class Judged:
    """What colours the last point."""

    is_signal: bool = False
    is_off_track: bool = False


def chart(
    months: Sequence[Month],
    *,
    scale: Scale,
    calendar: Calendar,
    name: str,
    judged: Judged,
    reading: Reading,
    grain: str = "month",
) -> Chart | None:
    """Draw a chart; None where nothing at all is known. A score has the edges of its bands as target and red flag."""
    language = calendar.language
    written = [calendar.period(grain, month.month) for month in months]
    shown = [_shown(month, scale) for month in months]
    known = [month.actual for month in shown if month.actual is not None]
    if not known:
        return None
    axis = axis_of(shown)
    places = [100 * (index + 0.5) / len(months) for index in range(len(months))]
    points = [
        None if month.actual is None else (place, axis.down(month.actual))
        for place, month in zip(places, shown, strict=True)
    ]
    return Chart(
        title=f"{name}, {written[0]} to {written[-1]}",
        description=_description(months, written, scale=scale, grain=grain),
        ticks=_ticks(axis, language),
        bands=_bands(shown, axis, reading=reading),
        limits=tuple(
            _line([getattr(month, side) for month in shown], axis, places)
            for side in ("low", "high")
        ),
        mean=_line([month.mean for month in shown], axis, places),
        targets=_targets(shown, axis, places),
        flags=() if reading.is_banded else _flags(shown, axis, places),
        whiskers=_whiskers(shown, axis, places),
        anew=_anew(months, written, places),
        path=path(points, places=2),
        points=_points(months, points, written, scale=scale),
        reported=_reported(months, shown, axis, places=places, scale=scale, written=written),
        last=_last(months, points, scale=scale, judged=judged),
        labels=_labels(months, axis, scale=scale, reading=reading),
        months=_month_labels(months, places, calendar)
        if grain == "month"
        else _period_labels(months, places, calendar, grain),
        is_wide=max(len(tick.text) for tick in _ticks(axis, language)) > LONG_NUMBER,
        zero=px(axis.down(0)) if axis.low < 0 < axis.high else None,
        caption=_caption(axis, scale=scale, months=months, reading=reading, grain=grain),
    )


def _times(value: float | None, scale: Scale) -> float | None:
    return None if value is None else value * scale.factor


def _both(pair: tuple[float, float] | None, scale: Scale) -> tuple[float, float] | None:
    return None if pair is None else (pair[0] * scale.factor, pair[1] * scale.factor)


def _shown(month: Month, scale: Scale) -> Month:
    return Month(
        month.month,
        _times(month.actual, scale),
        _times(month.target, scale),
        _times(month.red, scale),
        _times(month.first_reported, scale),
        _times(month.low, scale),
        _times(month.mean, scale),
        _times(month.high, scale),
        _both(month.good, scale),
        _both(month.fair, scale),
        _both(month.interval, scale),
    )


def _line(values: Sequence[float | None], axis: Axis, places: Sequence[float]) -> str:
    """Return the path of a limit: straight across the whole chart where it never moves, else through its months."""
    known = [value for value in values if value is not None]
    on_chart = [value for value in known if axis.holds(value)]
    if not on_chart:
        return ""
    if max(known) - min(known) < 1e-9 * max(1.0, abs(known[0])):
        return f"M0 {px(axis.down(known[0]))}H100"
    points = [
        None if value is None or not axis.holds(value) else (place, axis.down(value))
        for place, value in zip(places, values, strict=True)
    ]
    return path(points, places=2)


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
    for value in may:
        if value is not None and low - FAR * span <= value <= high + FAR * span:
            low, high = min(low, value), max(high, value)
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


def _ticks(axis: Axis, language: Language) -> tuple[Tick, ...]:
    places = _decimals(axis.step)
    count = round((axis.high - axis.low) / axis.step)
    values = [axis.low + index * axis.step for index in range(count + 1)]
    return tuple(Tick(px(axis.down(value) + 4), language.number(value, places)) for value in values)


def _bands(months: Sequence[Month], axis: Axis, *, reading: Reading) -> tuple[Band, ...]:
    """Return the bands, one set of rectangles per stretch of months with the same points."""
    found: list[Band] = []
    width = 100 / len(months)
    start = 0
    for index in range(1, len(months) + 1):
        here = months[start]
        if index < len(months) and _edges(months[index]) == _edges(here):
            continue
        found += _stretch(
            here, axis, x=start * width, width=(index - start) * width, reading=reading
        )
        start = index
    return tuple(found)


def _edges(month: Month) -> tuple[object, ...]:
    return (month.red, month.target, month.good, month.fair)


def _stretch(month: Month, axis: Axis, *, x: float, width: float, reading: Reading) -> list[Band]:
    """Return a stretch's rectangles from the top: three of red flag and target, five of a range with its tolerance."""
    if month.good is not None:
        low, high = month.good
        worst, best = month.fair or month.good
        edges: tuple[float, ...] = (best, high, low, worst)
        styles: tuple[str, ...] = ("off", "risk", "on", "risk", "off")
    elif reading.is_banded and month.red is not None and month.target is not None:
        edges = (max(month.red, month.target), min(month.red, month.target))
        styles = ("on", "risk", "off") if reading.is_rising else ("off", "risk", "on")
    else:
        return []
    tops = [0.0, *(axis.down(edge) for edge in edges), HEIGHT]
    return [
        Band(f"f-band-{style}", pct(x), pct(width), px(top), px(bottom - top))
        for style, top, bottom in zip(styles, tops, tops[1:], strict=False)
        if bottom - top > 0.05  # noqa: PLR2004 - px, invisible
    ]


def _targets(
    months: Sequence[Month], axis: Axis, places: Sequence[float]
) -> tuple[tuple[str, str, str], ...]:
    half = 36 / len(months)
    return tuple(
        (pct(place - half), pct(place + half), px(axis.down(month.target)))
        for place, month in zip(places, months, strict=True)
        if month.target is not None
    )


def _flags(months: Sequence[Month], axis: Axis, places: Sequence[float]) -> tuple[str, ...]:
    line = _line([month.red for month in months], axis, places)
    return (line,) if line else ()


def _whiskers(months: Sequence[Month], axis: Axis, places: Sequence[float]) -> tuple[Whisker, ...]:
    return tuple(
        Whisker(pct(place), px(axis.down(month.interval[1])), px(axis.down(month.interval[0])))
        for place, month in zip(places, months, strict=True)
        if month.interval is not None and month.actual is not None
    )


def _anew(
    months: Sequence[Month], written: Sequence[str], places: Sequence[float]
) -> tuple[Anew, ...]:
    half = 50 / len(months)
    return tuple(
        Anew(pct(place - half), place > MIDDLE, name, month.baseline.rstrip("."))
        for place, name, month in zip(places, written, months, strict=True)
        if month.baseline
    )


def _points(
    months: Sequence[Month],
    points: Sequence[tuple[float, float] | None],
    written: Sequence[str],
    *,
    scale: Scale,
) -> tuple[Point, ...]:
    return tuple(
        Point(pct(point[0]), px(point[1]), f"{name}: {scale.prose(month.actual)}")
        for month, point, name in zip(months, points, written, strict=True)
        if point is not None
    )


def _reported(
    months: Sequence[Month],
    shown: Sequence[Month],
    axis: Axis,
    *,
    places: Sequence[float],
    scale: Scale,
    written: Sequence[str],
) -> tuple[Reported, ...]:
    return tuple(
        Reported(
            x=pct(place),
            y=px(axis.down(month.first_reported)),
            now_y=px(axis.down(month.actual)),
            title=f"{name}, first reported: {scale.prose(stored.first_reported)}",
        )
        for stored, month, place, name in zip(months, shown, places, written, strict=True)
        if month.first_reported is not None and month.actual is not None
    )


def _last(
    months: Sequence[Month],
    points: Sequence[tuple[float, float] | None],
    *,
    scale: Scale,
    judged: Judged,
) -> Last | None:
    if points[-1] is None:
        return None
    x, y = points[-1]
    text = scale.bare(months[-1].actual)
    before = points[-2] if len(points) > 1 else None
    # Beside the last stretch of the line, not on it: above where the line rises to it, below where it falls.
    label_y = y - 12 if before is None or before[1] >= y else y + 20
    label_y = y + 5 if judged.is_signal else min(max(label_y, 12), HEIGHT - 6)
    off = judged.is_off_track
    return Last(
        x=pct(x),
        y=px(y),
        label_y=px(label_y),
        label=f"Signal: {text}" if judged.is_signal else text,
        style="f-off" if off else "f-actual",
        label_style="t-off" if off else "t-strong",
        is_ring=judged.is_signal,
    )


def _labels(
    months: Sequence[Month], axis: Axis, *, scale: Scale, reading: Reading
) -> tuple[Label, ...]:
    """Return the direct labels, moved apart where they would meet."""
    last = months[-1]
    low, high = last.good or (None, None)
    words = {reading.target, reading.red, "good to", "good from"}
    wanted = (
        (last.high, "upper limit", ""),
        (high, "good to", "t-strong"),
        (last.target, reading.target, "t-strong"),
        (last.mean, "mean", ""),
        (low, "good from", "t-strong"),
        (last.low, "lower limit", ""),
        (last.red, reading.red, ""),
    )
    placed = [
        (axis.down(value * scale.factor), scale.bare(value), word, style)
        for value, word, style in wanted
        if value is not None and axis.holds(value * scale.factor)
    ]
    placed.sort(key=lambda label: label[0])
    heights = apart([label[0] for label in placed])
    return tuple(
        Label(
            y=px(height + 4),
            number=number,
            word=word,
            style=style,
            is_point=word in words,
            is_short=not word.endswith("limit") and len(number) + len(word) <= SHORT_LABEL,
        )
        for height, (_, number, word, style) in zip(heights, placed, strict=True)
    )


def apart(heights: Sequence[float]) -> list[float]:
    """Move labels, given from the top, so far apart that none covers another."""
    found: list[float] = []
    for height in heights:
        found.append(max(height, found[-1] + LABEL_GAP) if found else height)
    overflow = found[-1] - HEIGHT if found else 0.0
    if overflow > 0:
        found[-1] -= overflow
        for index in range(len(found) - 2, -1, -1):
            found[index] = min(found[index], found[index + 1] - LABEL_GAP)
    return found


def _period_labels(
    months: Sequence[Month], places: Sequence[float], calendar: Calendar, grain: str
) -> tuple[MonthLabel, ...]:
    """Label every period; the year stands below its first one."""
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


def _description(
    months: Sequence[Month], written: Sequence[str], *, scale: Scale, grain: str
) -> str:
    known = [
        (month.actual, name)
        for month, name in zip(months, written, strict=True)
        if month.actual is not None
    ]
    lowest = min(known, key=lambda pair: pair[0])
    highest = max(known, key=lambda pair: pair[0])
    last = known[-1]
    usual = (
        f" The usual range is {scale.bare(months[-1].low)} to {scale.bare(months[-1].high)}."
        if months[-1].low is not None
        else ""
    )
    return (
        f"Actual by {WORDS[grain][0]} with target. Lowest {scale.prose(lowest[0])} in {lowest[1]}, "
        f"highest {scale.prose(highest[0])} in {highest[1]}, "
        f"last {scale.prose(last[0])} in {last[1]}.{usual}"
    )


def _caption(
    axis: Axis,
    *,
    scale: Scale,
    months: Sequence[Month],
    reading: Reading,
    grain: str,
) -> str:
    parts = []
    last = next((month for month in reversed(months) if month.low is not None), None)
    if any(month.good is not None for month in months):
        parts.append("Shades from light to dark: scores 100, falls, scores 0.")
    elif reading.is_banded and any(
        month.target is not None and month.red is not None for month in months
    ):
        parts.append("Shades from dark to light: off track, at risk, on track.")
    if any(month.interval is not None for month in months):
        parts.append("Upright lines are 95% intervals.")
    if last is not None:
        parts.append(
            f"The usual range is {scale.bare(last.low)} to {scale.bare(last.high)} "
            f"(mean {scale.bare(last.mean)}, XmR limits)."
        )
    elif not reading.is_score:
        many = WORDS[grain][1]
        parts.append(f"Too few {many} to tell signal from noise: no usual range yet.")
    red = months[-1].red
    if red is not None and not axis.holds(red * scale.factor) and not reading.is_score:
        lead = "The red flag" if reading.red == "red flag" else f"What {reading.red}"
        parts.append(f"{lead}, {scale.bare(red)}, lies off the chart.")
    if not (axis.low <= 0 <= axis.high):
        start = scale.language.number(axis.low, _decimals(axis.step))
        parts.append(f"The axis starts at {start}.")
    return " ".join(parts)
