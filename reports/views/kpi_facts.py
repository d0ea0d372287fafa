"""The figures at the head of a KPI's page: status, value, the period before, a year earlier, score and owner.

Not here: the sentence above them (kpi_heading), the chart and its table (kpi_chart, kpi_months).
"""

from dataclasses import dataclass
from datetime import date

from reports.edition import Edition
from reports.periods import add_months
from reports.standing import Standing
from reports.views.comments import comments_heading
from reports.words import points
from reports.words.status import Status
from reports.words.text import Part, later, say, say_parts
from scorecard.terms import MONTHS


@dataclass(frozen=True)
class Fact:
    """A figure at the head of the page."""

    label: str
    value: str
    note: str = ""
    status: Status | None = None
    is_text: bool = False
    """Words, not a figure."""
    href: str = ""
    """Where on the page the note is taken further."""


TOO_FEW = {
    "month": later("{difference}, too few months to tell"),
    "quarter": later("{difference}, too few quarters to tell"),
    "half": later("{difference}, too few half-years to tell"),
    "year": later("{difference}, too few years to tell"),
}


def lede(item: Standing) -> tuple[Part, ...]:
    """Return what good is and how far off the value is, then what the KPI measures."""
    described = (Part(item.kpi.description, style="outside"),) if item.kpi.description else ()
    goal = points.goal(item.kpi, item.score, item.scale)
    if goal is None:
        return described
    gap = points.gap(item.kpi, item.score, item.scale, prose=True)
    said = (
        say_parts("{goal}; the gap is {gap}.", goal=goal.sentence, gap=gap)
        if gap
        else say_parts("{goal}.", goal=goal.sentence)
    )
    return (*said, Part(" "), *described) if described else said


def facts(edition: Edition, item: Standing) -> tuple[Fact, ...]:
    """Return the figures, the last period's first."""
    previous = add_months(item.start, -MONTHS[item.grain])
    now = Fact(
        edition.calendar.period(item.grain, item.value_start),
        item.scale.prose(item.actual),
        _beside(item),
    )
    score = Fact(
        say("Score"), edition.edges_of(item.kpi).write(item.points), _of(edition, item, previous)
    )
    owner = Fact(
        say("Owner"),
        item.kpi.owner_name,
        comments_heading(edition, item),
        is_text=True,
        href="#comment-h",
    )
    status = Fact(say("Status"), "", status=item.status)
    return (status, now, *_before(edition, item, previous), score, owner)


def _before(edition: Edition, item: Standing, previous: date) -> tuple[Fact, ...]:
    """Return the value of the period before, unless it is the one that still counts, and that of a year earlier."""
    scale, calendar = item.scale, edition.calendar
    year, found = add_months(item.start, -12), []
    if previous != item.value_start:
        before = actual_of(item, previous)
        found.append(
            Fact(
                calendar.period(item.grain, previous),
                scale.prose(before),
                _compared(item, previous),
            )
        )
    if year != previous:
        before = actual_of(item, year)
        gap = "" if None in {before, item.actual} else scale.gap_prose(item.actual, before)
        found.append(Fact(calendar.period(item.grain, year), scale.prose(before), gap))
    return tuple(found)


def actual_of(item: Standing, start: date) -> float | None:
    """Return what was measured in a period; nothing where it is held back, or cannot be trusted."""
    value = item.trusted(start)
    return value.actual if value is not None else None


def _of(edition: Edition, item: Standing, previous: date) -> str:
    """Say what a score is out of, and what it was."""
    if item.points is None:
        return ""
    edges = edition.edges_of(item.kpi)
    most = points.of_most(item.kpi, edges)
    before = item.scores.get(previous)
    if before is None or before.score is None:
        return most
    return say("{of_most}, was {score}", of_most=most, score=edges.write(before.score))


def _beside(item: Standing) -> str:
    """Say beside a value how sure it is, and what it is held against."""
    against = points.summary(item.kpi, item.score, item.scale)
    interval = item.interval(item.value_start) if item.actual is not None else ""
    if not interval:
        return against
    return say("95% interval {interval}; {against}", interval=interval.strip("()"), against=against)


def _compared(item: Standing, start: date) -> str:
    """Say how the headline compares with the period before: a change is a signal, or it is not."""
    before = actual_of(item, start)
    if before is None or item.actual is None or item.value_start != item.start:
        return ""
    difference = item.scale.gap_prose(item.actual, before)
    match item.moved.kind:
        case "new":
            return say("{difference}, a signal", difference=difference)
        case "kept":
            return say("{difference}, an earlier change goes on", difference=difference)
        case "none":
            return say("{difference}, no signal", difference=difference)
        case _:
            return say(TOO_FEW[item.grain], difference=difference)
