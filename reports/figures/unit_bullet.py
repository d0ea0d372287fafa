"""The bullet graph in a KPI's own units, after Stephen Few: bands, the measure, the target's tick, and a year earlier as a lighter mark.

A bar stands on zero; where the axis has none, a diamond marks the measure, since the length of a cut bar misleads.
Positions across are per cent. Not here: bullets on the score's scale (figures), which periods are shown (views).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from reports.figures.chart_axis import Axis, axis_of
from reports.figures.chart_parts import Month
from reports.figures.small import pct
from reports.words.language import NONE, Language, Scale, in_words
from reports.words.points import Guides
from reports.words.text import say

SLIVER = 0.6
"""Per cent of the width that a bar of zero keeps."""
LONG_VALUE = 5
ROOM = 20
"""Characters of labels that fit below the scale on a phone."""


@dataclass(frozen=True)
class Measure:
    """A length of period that is shown, in stored units."""

    name: str
    actual: float | None
    previous: float | None = None
    """A year earlier."""
    interval: tuple[float, float] | None = None


@dataclass(frozen=True)
class Bar:
    """A stretch of the scale."""

    x: str
    width: str
    style: str


@dataclass(frozen=True)
class Row:
    """A measure as it is drawn."""

    name: str
    title: str
    value: str
    bar: Bar | None
    at: str | None
    """Where a diamond stands."""
    previous: str | None
    interval: tuple[str, str] | None


@dataclass(frozen=True)
class AxisLabel:
    """A number below the scale."""

    x: str
    text: str
    anchor: str
    is_wide: bool
    """Dropped on a phone."""


@dataclass(frozen=True)
class UnitBullet:
    """The measures on one scale."""

    rows: tuple[Row, ...]
    bands: tuple[Bar, ...]
    flags: tuple[str, ...]
    """Where a band ends, or a point lies, that is no target."""
    targets: tuple[str, ...]
    """The target; of a range its two ends."""
    zero: str | None
    """Where zero lies, where values lie on both sides."""
    labels: tuple[AxisLabel, ...]
    is_bar: bool
    has_previous: bool
    is_wide: bool
    """Its values are long and need room beside the bars."""


def unit_bullet(
    measures: Sequence[Measure], guides: Guides, *, scale: Scale, is_rising: bool, is_banded: bool
) -> UnitBullet | None:
    """Draw measures that are held against the same points; None where none has a value."""
    if all(measure.actual is None for measure in measures):
        return None
    axis = _axis(measures, guides, scale.factor)

    def across(value: float) -> str:
        return pct(100 * axis.share(value * scale.factor))

    low_end, high_end = guides.good or (None, None)
    edges = (guides.red, *(guides.fair if guides.fair != guides.good and guides.fair else ()))
    targets = (guides.target, low_end, high_end)
    is_bar = axis.holds(0)
    drawn = tuple(_row(measure, guides, axis, scale=scale, is_bar=is_bar) for measure in measures)
    return UnitBullet(
        rows=drawn,
        bands=_bands(guides, axis, scale.factor, is_rising=is_rising) if is_banded else (),
        flags=tuple(
            across(edge) for edge in edges if edge is not None and axis.holds(edge * scale.factor)
        ),
        targets=tuple(across(target) for target in targets if target is not None),
        zero=across(0) if axis.low < 0 < axis.high else None,
        labels=_labels(axis, scale.language),
        is_bar=is_bar,
        is_wide=max(len(row.value) for row in drawn) > LONG_VALUE,
        has_previous=any(measure.previous is not None for measure in measures),
    )


def _axis(measures: Sequence[Measure], guides: Guides, factor: int) -> Axis:
    """Return an axis that holds the measures, a year earlier and every point: no line can be flattened by a far one."""
    values = [value for measure in measures for value in (measure.actual, measure.previous)]
    values += [end for measure in measures for end in measure.interval or ()]
    values += [guides.target, guides.red, *(guides.good or ()), *(guides.fair or ())]
    return axis_of([Month(date.min, value * factor) for value in values if value is not None])


def _bands(guides: Guides, axis: Axis, factor: int, *, is_rising: bool) -> tuple[Bar, ...]:
    """Return the bands from the left: three of red flag and target, five of a range with its tolerance."""
    if guides.good is not None:
        worst, best = guides.fair or guides.good
        edges: tuple[float, ...] = (worst, *guides.good, best)
        styles: tuple[str, ...] = ("off", "risk", "on", "risk", "off")
    elif guides.red is not None and guides.target is not None:
        edges = (min(guides.red, guides.target), max(guides.red, guides.target))
        styles = ("off", "risk", "on") if is_rising else ("on", "risk", "off")
    else:
        return ()
    ends = [0.0, *(100 * axis.share(edge * factor) for edge in edges), 100.0]
    return tuple(
        Bar(pct(start), pct(end - start), f"f-band-{style}")
        for style, start, end in zip(styles, ends, ends[1:], strict=False)
        if end - start > 0.05  # noqa: PLR2004 - per cent, invisible
    )


def _row(measure: Measure, guides: Guides, axis: Axis, *, scale: Scale, is_bar: bool) -> Row:
    def across(value: float) -> float:
        return 100 * axis.share(value * scale.factor)

    actual = measure.actual
    return Row(
        name=measure.name,
        title=_title(measure, guides, scale),
        value=say(NONE) if actual is None else scale.brief(actual),
        bar=None if actual is None or not is_bar else _bar(across(0), across(actual)),
        at=None if actual is None or is_bar else pct(across(actual)),
        previous=None if measure.previous is None else pct(across(measure.previous)),
        interval=None
        if measure.interval is None
        else (pct(across(measure.interval[0])), pct(across(measure.interval[1]))),
    )


def _bar(zero: float, end: float) -> Bar:
    width = max(SLIVER, abs(end - zero))
    return Bar(pct(min(zero, end)), pct(width), "f-actual")


def _title(measure: Measure, guides: Guides, scale: Scale) -> str:
    found = [
        say("{period}: {value}.", period=measure.name, value=in_words(scale.prose(measure.actual)))
    ]
    if guides.target is not None:
        found.append(say("Target {value}.", value=scale.prose(guides.target)))
    if guides.good is not None:
        low, high = (scale.prose(end) for end in guides.good)
        found.append(say("Good from {low} to {high}.", low=low, high=high))
    if measure.previous is not None:
        found.append(say("A year earlier {value}.", value=scale.prose(measure.previous)))
    return " ".join(found)


def _labels(axis: Axis, language: Language) -> tuple[AxisLabel, ...]:
    written = [(100 * axis.share(value), axis.write(value, language)) for value in axis.marks]
    is_crowded = sum(len(text) + 1 for _, text in written) > ROOM
    end = len(written) - 1
    return tuple(
        AxisLabel(
            x=pct(x),
            text=text,
            anchor={0: "start", end: "end"}.get(index, "middle"),
            is_wide=is_crowded and index not in {0, end},
        )
        for index, (x, text) in enumerate(written)
    )
