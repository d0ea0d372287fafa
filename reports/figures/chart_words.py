"""What is said around a chart: its title, its description for who does not see it, and the caption that explains its signs.

Not here: what the numbers mean (chart_sentence), the labels of lines and axes (chart_labels, chart_axis).
"""

from collections.abc import Sequence

from reports.figures.chart_axis import Axis
from reports.figures.chart_parts import RED_FLAG, Month, Reading
from reports.words.language import Scale
from reports.words.text import later, say

ACTUAL = {
    "month": later("Actual by month with target."),
    "quarter": later("Actual by quarter with target."),
    "half": later("Actual by half-year with target."),
    "year": later("Actual by year with target."),
}
TOO_FEW = {
    "month": later("Too few months to tell signal from noise: no usual range yet."),
    "quarter": later("Too few quarters to tell signal from noise: no usual range yet."),
    "half": later("Too few half-years to tell signal from noise: no usual range yet."),
    "year": later("Too few years to tell signal from noise: no usual range yet."),
}


def title(name: str, written: Sequence[str]) -> str:
    """Return a chart's title: what it shows, and of which periods."""
    return say("{name}, {first} to {last}", name=name, first=written[0], last=written[-1])


def description(
    months: Sequence[Month], written: Sequence[str], *, scale: Scale, grain: str
) -> str:
    """Tell lowest, highest and last value."""
    known = [
        (month.actual, name)
        for month, name in zip(months, written, strict=True)
        if month.actual is not None
    ]
    lowest = min(known, key=lambda pair: pair[0])
    highest = max(known, key=lambda pair: pair[0])
    found = [
        say(ACTUAL[grain]),
        say(
            "Lowest {lowest} in {low_period}, highest {highest} in {high_period}, last {last} in {last_period}.",
            lowest=scale.prose(lowest[0]),
            low_period=lowest[1],
            highest=scale.prose(highest[0]),
            high_period=highest[1],
            last=scale.prose(known[-1][0]),
            last_period=known[-1][1],
        ),
    ]
    if months[-1].low is not None:
        found.append(
            say(
                "The usual range is {low} to {high}.",
                low=scale.bare(months[-1].low),
                high=scale.bare(months[-1].high),
            )
        )
    return " ".join(found)


def caption(
    axis: Axis, *, scale: Scale, months: Sequence[Month], reading: Reading, grain: str
) -> str:
    """Explain what is drawn: shades, intervals, the usual range, what lies off the chart, where the axis starts."""
    found = [_shades(months, reading)]
    if any(month.interval is not None for month in months):
        found.append(say("Upright lines are 95% intervals."))
    found += [
        _usual(months, scale=scale, reading=reading, grain=grain),
        _off_chart(months[-1].red, axis, scale=scale, reading=reading),
    ]
    if not (axis.low <= 0 <= axis.high):
        start = axis.write(axis.low, scale.language)
        found.append(say("The axis starts at {start}.", start=start))
    return " ".join(sentence for sentence in found if sentence)


def _shades(months: Sequence[Month], reading: Reading) -> str:
    if any(month.good is not None for month in months):
        return say("Shades from light to dark: scores 100, falls, scores 0.")
    if reading.is_banded and any(
        month.target is not None and month.red is not None for month in months
    ):
        return say("Shades from dark to light: off track, at risk, on track.")
    return ""


def _usual(months: Sequence[Month], *, scale: Scale, reading: Reading, grain: str) -> str:
    last = next((month for month in reversed(months) if month.low is not None), None)
    if last is not None:
        return say(
            "The usual range is {low} to {high} (mean {mean}, XmR limits).",
            low=scale.bare(last.low),
            high=scale.bare(last.high),
            mean=scale.bare(last.mean),
        )
    return "" if reading.is_score else say(TOO_FEW[grain])


def _off_chart(red: float | None, axis: Axis, *, scale: Scale, reading: Reading) -> str:
    if red is None or reading.is_score or axis.holds(red * scale.factor):
        return ""
    if reading.red == RED_FLAG:
        return say("The red flag, {value}, lies off the chart.", value=scale.bare(red))
    return say("The value that scores 0, {value}, lies off the chart.", value=scale.bare(red))
