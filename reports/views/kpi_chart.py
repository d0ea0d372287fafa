"""The chart of a KPI's page: which periods it draws, how its lines are read, and what stands around it.

Not here: the drawing (chart), the sentences over it (chart_sentence), the table behind it (kpi_months).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from reports.edition import Edition
from reports.figures.chart import Chart, Judged, Month, Reading, chart
from reports.figures.chart_parts import Anew
from reports.figures.chart_sentence import Course, sentences
from reports.standing import Standing
from reports.views.course import begun_anew, interval_of
from reports.warehouse import rows
from reports.words import points
from reports.words.text import Part, later, say, say_parts

MEASURED = {
    "quarter": later(
        "Measured once a quarter: until the next one has closed, every month shows the last."
    ),
    "half": later(
        "Measured once a half-year: until the next one has closed, every month shows the last."
    ),
    "year": later(
        "Measured once a year: until the next one has closed, every month shows the last."
    ),
}
MARKS = {
    "target": later("Target"),
    "scores 100": later("Scores 100"),
    "on track from": later("On track from"),
}
"""The words for the upright marks of the target, in the key."""


@dataclass(frozen=True)
class Drawn:
    """The chart with what stands around it."""

    heading: tuple[Part, ...]
    sentence: tuple[Part, ...]
    """What it shows."""
    figure: Chart | None
    target: str
    """The word for the marks of the target; nothing where it has none."""
    anew: tuple[tuple[Part, ...], ...]
    """With which periods a person began the usual range anew, and why."""
    note: str
    missing: str
    """What stands instead of a chart that has nothing to draw."""


def drawn(
    edition: Edition, item: Standing, course: Course, *, first: Mapping[date, float | None]
) -> Drawn:
    """Draw the periods of a KPI; `first` is what was reported otherwise at first."""
    figure = _figure(edition, item, first)
    return Drawn(
        heading=_heading(item, has_target=figure is None or bool(figure.targets or figure.bands)),
        sentence=sentences(course) if figure is not None else (),
        figure=figure,
        target=target_word(item.kpi) if figure is not None and figure.targets else "",
        anew=() if figure is None else tuple(_anew(mark) for mark in figure.anew),
        note="" if item.grain == "month" else say(MEASURED[item.grain]),
        missing=_missing(item),
    )


def _anew(mark: Anew) -> tuple[Part, ...]:
    return say_parts(
        "The usual range begins anew with {period}: {reason}.",
        period=mark.period,
        reason=Part(mark.reason.rstrip("."), style="outside"),
    )


def target_word(kpi: rows.Kpi) -> str:
    """Return the word for the mark of a KPI's target, by its rule."""
    if kpi.rule == "range":
        return say("Good range")
    return say(MARKS[_reading(kpi).target])


def unit_name(item: Standing) -> Part | None:
    """Return the unit of a KPI's values as it ends a heading; None for plain numbers."""
    unit = item.scale.unit
    if not unit:
        return None
    return Part(say("per cent")) if unit == "%" else Part(unit, style="outside")


def _heading(item: Standing, *, has_target: bool) -> tuple[Part, ...]:
    unit = unit_name(item)
    if not has_target:
        return _bare_heading(item, unit)
    if unit is None:
        return say_parts("Actual against target, {span}", span=item.span)
    return say_parts("Actual against target, {span}, {unit}", span=item.span, unit=unit)


def _bare_heading(item: Standing, unit: Part | None) -> tuple[Part, ...]:
    if unit is None:
        return say_parts("Actual, {span}", span=item.span)
    return say_parts("Actual, {span}, {unit}", span=item.span, unit=unit)


def _figure(edition: Edition, item: Standing, first: Mapping[date, float | None]) -> Chart | None:
    begun = begun_anew(edition, item)
    months = [_month(item, at, first.get(at), begun.get(at, "")) for at in item.periods]
    return chart(
        months,
        scale=item.scale,
        calendar=edition.calendar,
        name=item.kpi.kpi_name,
        reading=_reading(item.kpi),
        grain=item.grain,
        judged=Judged(
            is_signal=item.moved.kind == "new",
            is_off_track=item.score is not None and item.score.band == "off_track",
        ),
    )


def _reading(kpi: rows.Kpi) -> Reading:
    """Return what the lines of a KPI's chart are, by its rule."""
    match kpi.rule:
        case "min_max":
            return Reading(later("scores 100"), later("scores 0"), is_banded=False)
        case "steps":
            return Reading(later("on track from"), is_banded=False)
        case _:
            return Reading(is_rising=kpi.direction == "higher_is_better")


def _month(item: Standing, at: date, first: float | None, begun: str) -> Month:
    score, value = item.scores.get(at), item.trusted(at)
    guides = points.guides(item.kpi, score)
    return Month(
        at,
        actual=None if value is None else value.actual,
        target=guides.target,
        red=guides.red,
        first_reported=first,
        low=score.usual_low if score is not None else None,
        mean=score.usual_mean if score is not None else None,
        high=score.usual_high if score is not None else None,
        good=guides.good,
        fair=guides.fair,
        interval=None if value is None else interval_of(value),
        baseline=begun,
    )


def _missing(item: Standing) -> str:
    if any(value.is_suppressed for value in item.values.values()):
        return say("What was measured is held back: it would reveal few answers.")
    return say("Nothing was measured in the periods shown.")
