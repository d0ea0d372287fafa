"""The table behind a KPI's chart: every period shown, newest first, with what its value was made of.

Not here: the chart itself (kpi_chart), longer periods (lengths).
"""

from collections.abc import Mapping
from datetime import date
from typing import NamedTuple

from reports.edition import Edition
from reports.movement import Change
from reports.standing import Standing, change_of
from reports.views.drilldown import component
from reports.warehouse import rows
from reports.words import points
from reports.words.language import NONE, Edges
from reports.words.status import Status, kpi_status
from reports.words.text import say


class MonthRow(NamedTuple):
    """A period of the table."""

    month: str
    actual: str
    interval: str
    target: str
    is_words: bool
    red: str
    score: str
    status: Status
    change: Change
    first_reported: str
    numerator: str
    denominator: str
    observations: str


def month_rows(
    edition: Edition, item: Standing, first: Mapping[date, float | None]
) -> tuple[MonthRow, ...]:
    """Return the periods shown, newest first; `first` is what was reported otherwise at first."""
    goals, edges = Goals(item), edition.edges_of(item.kpi)
    return tuple(
        _row(edition, item, at, first=first, goals=goals, edges=edges)
        for at in reversed(item.periods)
    )


class Goals:
    """What good was in each period, written once for all periods of one target."""

    def __init__(self, item: Standing) -> None:
        """Remember what was written for a KPI of a unit."""
        self._item = item
        self._known: dict[tuple[float | None, float | None], points.Goal | None] = {}

    def of(self, score: rows.Score | None) -> points.Goal | None:
        """Return what good was at a score's time; None where no points are known."""
        if score is None or score.target is None:
            return points.goal(self._item.kpi, score, self._item.scale)
        key = (score.target, score.red)
        if key not in self._known:
            self._known[key] = points.goal(self._item.kpi, score, self._item.scale)
        return self._known[key]


def _row(
    edition: Edition,
    item: Standing,
    at: date,
    *,
    first: Mapping[date, float | None],
    goals: Goals,
    edges: Edges,
) -> MonthRow:
    score, value, scale = item.scores.get(at), item.trusted(at), item.scale
    goal = goals.of(score)
    return MonthRow(
        month=edition.calendar.period(item.grain, at),
        actual=scale.bare(value.actual if value is not None else None),
        interval=item.interval(at),
        target=goal.short if goal is not None else NONE,
        is_words=goal is not None and not goal.is_number,
        red=scale.bare(score.red if score is not None else None),
        score=edges.write(score.score if score is not None else None),
        status=kpi_status(score, item.values.get(at)),
        change=change_of(edition, item, at),
        first_reported=_first(scale.bare(first[at])) if at in first else "",
        numerator=NONE if value is None else component(edition, value.numerator),
        denominator=NONE if value is None else component(edition, value.denominator),
        observations=NONE if value is None else edition.language.number(value.observations_count),
    )


def _first(value: str) -> str:
    return say("first reported {value}", value=value)
