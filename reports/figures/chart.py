"""The main chart of a KPI: its periods' actuals against the target, with bands, usual range and what was first reported.

Positions across are per cent, down px of a drawing 300 px high; values arrive and labels leave in shown units. Not here:
the axis (chart_axis), labels (chart_labels), words (chart_words), the sentence that says what it shows (chart_sentence),
sparklines and bullets on the score's scale (figures).
"""

from collections.abc import Sequence

from reports.figures.chart_axis import HEIGHT, Axis, axis_of, ticks
from reports.figures.chart_labels import direct_labels, period_labels
from reports.figures.chart_parts import (
    Anew,
    Band,
    Chart,
    Judged,
    Last,
    Month,
    Point,
    Reading,
    Reported,
    Whisker,
)
from reports.figures.chart_words import caption, description, title
from reports.figures.small import path, pct, px
from reports.words.language import Calendar, Scale
from reports.words.text import say

__all__ = ["Chart", "Judged", "Month", "Reading", "chart"]
LONG_NUMBER = 5
LONG_LABEL = 20
MIDDLE = 50.0


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
    written = [calendar.period(grain, month.month) for month in months]
    shown = months if scale.factor == 1 else [_shown(month, scale.factor) for month in months]
    if all(month.actual is None for month in months):
        return None
    axis = axis_of(shown)
    places = [100 * (index + 0.5) / len(months) for index in range(len(months))]
    points = [
        None if month.actual is None else (place, axis.down(month.actual))
        for place, month in zip(places, shown, strict=True)
    ]
    labelled = ticks(axis, calendar.language)
    last_name = calendar.tick(grain, months[-1].month)
    labels = direct_labels(months, axis, scale=scale, reading=reading, last=(last_name, judged))
    return Chart(
        title=title(name, written),
        description=description(months, written, scale=scale, grain=grain),
        ticks=labelled,
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
        last=_last(points, judged),
        labels=labels,
        months=period_labels(months, places, calendar, grain),
        is_wide=max(len(tick.text) for tick in labelled) > LONG_NUMBER
        or any(len(label.number) + len(label.word) > LONG_LABEL for label in labels),
        zero=px(axis.down(0)) if axis.low < 0 < axis.high else None,
        caption=caption(axis, scale=scale, months=months, reading=reading, grain=grain),
    )


def _times(value: float | None, factor: int) -> float | None:
    return None if value is None else value * factor


def _both(pair: tuple[float, float] | None, factor: int) -> tuple[float, float] | None:
    return None if pair is None else (pair[0] * factor, pair[1] * factor)


def _shown(month: Month, factor: int) -> Month:
    """Return a period in shown units."""
    if factor == 1:
        return month
    return Month(
        month.month,
        _times(month.actual, factor),
        _times(month.target, factor),
        _times(month.red, factor),
        _times(month.first_reported, factor),
        _times(month.low, factor),
        _times(month.mean, factor),
        _times(month.high, factor),
        _both(month.good, factor),
        _both(month.fair, factor),
        _both(month.interval, factor),
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


def _targets(months: Sequence[Month], axis: Axis, places: Sequence[float]) -> str:
    half = 36 / len(months)
    return "".join(
        f"M{pct(place - half)} {px(axis.down(month.target))}H{pct(place + half)}"
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
    latest = max((index for index, month in enumerate(months) if month.baseline), default=None)
    return tuple(
        Anew(
            x=pct(place - half),
            is_late=place > MIDDLE,
            is_named=index == latest,
            period=written[index],
            reason=month.baseline,
        )
        for index, (place, month) in enumerate(zip(places, months, strict=True))
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
        Point(
            pct(point[0]),
            px(point[1]),
            say("{period}: {value}", period=name, value=scale.prose(month.actual)),
        )
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
            title=say(
                "{period}, first reported: {value}",
                period=name,
                value=scale.prose(stored.first_reported),
            ),
        )
        for stored, month, place, name in zip(months, shown, places, written, strict=True)
        if month.first_reported is not None and month.actual is not None
    )


def _last(points: Sequence[tuple[float, float] | None], judged: Judged) -> Last | None:
    if points[-1] is None:
        return None
    x, y = points[-1]
    style = "f-off" if judged.is_off_track else "f-actual"
    return Last(pct(x), px(y), style, is_ring=judged.is_signal)
