"""How a KPI stands over every length of period: the month, the quarter, the year so far, and the open one.

Not here: its periods one by one (kpi).
"""

from dataclasses import dataclass
from datetime import date

from reports.edition import Edition
from reports.figures.small import Bullet, bullet
from reports.periods import add_months, months_between
from reports.standing import Standing, interval_of
from reports.warehouse import rows
from reports.words import points
from reports.words.language import NONE
from reports.words.status import Mark, Status, kpi_status
from reports.words.text import later, say
from scorecard.terms import MONTHS

GRAINS = ("month", "quarter", "half", "year", "ytd", "ttm")
LENGTHS = {
    "quarter": later("Quarter"),
    "half": later("Half-year"),
    "year": later("Year"),
    "ytd": later("Year to date"),
}
"""The lengths that are named before the months they are made of."""


@dataclass(frozen=True)
class GrainRow:
    """A length of period: the month, the quarter, the year so far."""

    name: str
    note: str
    actual: str
    interval: str
    target: str
    is_words: bool
    gap: str
    bullet: Bullet | None
    score: str
    status: Status
    last_year: str
    is_year_to_date: bool = False


def grain_rows(edition: Edition, item: Standing) -> tuple[GrainRow, ...]:
    """Return the periods of every length, from the KPI's own on."""
    found = []
    for grain in GRAINS[GRAINS.index(item.grain) :]:
        period = edition.strategy.headlines.get(grain)
        if period is not None:
            row = _grain_row(edition, item, period)
            found += [] if row is None else [row]
    open_one = max((at for at in item.values if at > item.start), default=None)
    if open_one is not None:
        found.append(_open_row(edition, item, open_one))
    return tuple(found)


def _grain_row(edition: Edition, item: Standing, period: rows.Period) -> GrainRow | None:
    key = (item.kpi.kpi_id, item.unit_id, period.grain)
    scores, values = edition.results.scores.get(key, {}), edition.results.values.get(key, {})
    score = scores.get(period.period_start_date)
    period = _period_of(edition, item, period)
    start = period.period_start_date
    value = values.get(start)
    if score is None and value is None:
        return None
    status = kpi_status(score, value)
    actual = score.actual if score is not None else (value.actual if value is not None else None)
    scored = score.score if score is not None else None
    edges, scale = edition.edges_of(item.kpi), item.scale
    last_year = values.get(add_months(start, -12))
    is_old = item.value_start < item.start and period.first_date <= item.start <= period.last_date
    goal = points.goal(item.kpi, score, scale)
    name, note = _period_name(edition, period)
    return GrainRow(
        name=name,
        note=_data_to(edition, item, note) if is_old and actual is not None else note,
        actual=scale.bare(actual if status.key != "suppressed" else None),
        interval=interval_of(item.scale, value) if status.key != "suppressed" else "",
        target=goal.short if goal is not None else NONE,
        is_words=goal is not None and not goal.is_number,
        gap=points.gap(item.kpi, score, scale),
        bullet=bullet(
            scored,
            title=say(
                "{period}: {score}", period=name, score=points.scored(item.kpi, scored, edges)
            ),
            at_risk=item.kpi.at_risk_edge,
            on_track=item.kpi.on_track_edge,
        ),
        score=edges.write(scored),
        status=status,
        last_year=scale.bare(last_year.actual if last_year is not None else None),
        is_year_to_date=period.grain == "ytd",
    )


def _data_to(edition: Edition, item: Standing, note: str) -> str:
    """Say that the period's last part has no data of its own: an older value stands in, or it is left out."""
    period = edition.calendar.period(item.grain, item.value_start)
    if not note:
        return say("value of {period}", period=period)
    return say("{months}, data to {period}", months=note, period=period)


def _period_of(edition: Edition, item: Standing, period: rows.Period) -> rows.Period:
    """Return the period that a row is really of: of a quarterly KPI, the year to date ends with its last quarter."""
    if item.grain == "month" or period.grain not in {"ytd", "ttm"}:
        return period
    end = add_months(item.start, MONTHS[item.grain] - 1)
    return edition.strategy.periods.get((period.grain, end), period)


def _period_name(edition: Edition, period: rows.Period) -> tuple[str, str]:
    language = edition.language
    first, last = period.first_date, period.last_date
    if period.grain == "month":
        return language.month(first), ""
    if period.grain == "ttm":
        return say("12 months"), say("to {month}", month=language.month(last))
    span = language.month(last)
    if months_between(first, last):
        in_one_year = first.year == last.year
        begin = language.month_name(first) if in_one_year else language.month(first)
        span = say("{first} to {last}", first=begin, last=span)
    return say(LENGTHS[period.grain]), span


def _open_row(edition: Edition, item: Standing, start: date) -> GrainRow:
    value = item.values[start]
    return GrainRow(
        name=say("{period} so far", period=edition.calendar.period(item.grain, start)),
        note=say("not scored"),
        actual=item.scale.bare(None if value.is_suppressed else value.actual),
        interval=interval_of(item.scale, None if value.is_suppressed else value),
        target=NONE,
        is_words=False,
        gap="",
        bullet=None,
        score=NONE,
        status=Status((Mark("no_target", say("Provisional")),)),
        last_year=NONE,
    )
