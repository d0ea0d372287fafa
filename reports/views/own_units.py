"""The bullet graph of a KPI page: its last period, and the longer ones that are held against the same points.

A sum's year has another target than its month and would need another scale; such periods stand in the table alone. Not
here: that table (lengths), the drawing (unit_bullet).
"""

from datetime import date

from reports.edition import Edition
from reports.figures.unit_bullet import Measure, UnitBullet, unit_bullet
from reports.periods import add_months
from reports.standing import Standing
from reports.warehouse import rows
from reports.words import points
from reports.words.text import say
from scorecard.terms import MONTHS

LONGER = ("quarter", "half", "year", "ytd", "ttm")


def own_units(edition: Edition, item: Standing) -> UnitBullet | None:
    """Draw how a KPI stands, in its own units; None where it has no value."""
    guides = points.guides(item.kpi, item.score)
    first = Measure(
        name=edition.calendar.period(item.grain, item.value_start),
        actual=item.actual,
        previous=_value(item.trusted(add_months(item.value_start, -12))),
        interval=_interval(item.trusted(item.value_start)),
    )
    measures = [first]
    for grain in LONGER if guides != points.Guides() else ():
        if MONTHS.get(grain, 12) > MONTHS[item.grain]:
            found = _longer(edition, item, grain, guides)
            measures += [] if found is None else [found]
    kpi = item.kpi
    return unit_bullet(
        measures,
        guides,
        scale=item.scale,
        is_rising=kpi.direction != "lower_is_better",
        is_banded=kpi.rule in {"linear", "range"},
    )


def _longer(edition: Edition, item: Standing, grain: str, guides: points.Guides) -> Measure | None:
    start = _start(edition, item, grain)
    key = (item.kpi.kpi_id, item.unit_id, grain)
    score = edition.results.scores.get(key, {}).get(start) if start is not None else None
    if start is None or score is None or score.actual is None:
        return None
    values = edition.results.values.get(key, {})
    value, before = values.get(start), values.get(add_months(start, -12))
    hidden = value is not None and value.is_suppressed
    if hidden or points.guides(item.kpi, score) != guides:
        return None
    return Measure(_name(edition, grain, start), score.actual, _value(before), _interval(value))


def _start(edition: Edition, item: Standing, grain: str) -> date | None:
    """Return where a longer period begins; the year to date of a KPI that is measured less often ends with its last period."""
    headline = edition.strategy.headlines.get(grain)
    if headline is None or item.grain == "month" or grain not in {"ytd", "ttm"}:
        return headline.period_start_date if headline is not None else None
    end = add_months(item.start, MONTHS[item.grain] - 1)
    return edition.strategy.periods.get((grain, end), headline).period_start_date


def _name(edition: Edition, grain: str, start: date) -> str:
    match grain:
        case "ytd":
            return say("Year to date")
        case "ttm":
            return say("12 months")
        case _:
            return edition.calendar.period(grain, start)


def _value(value: rows.Value | None) -> float | None:
    return None if value is None or value.is_suppressed else value.actual


def _interval(value: rows.Value | None) -> tuple[float, float] | None:
    if value is None or value.is_suppressed:
        return None
    if value.interval_low is None or value.interval_high is None:
        return None
    return value.interval_low, value.interval_high
