"""How a KPI's periods went, as the rules of sentences read them (chart_sentence): its steps, its aim, the state of the last one.

Not here: the sentences themselves, the drawing (chart).
"""

from datetime import date

from reports.edition import Edition
from reports.figures.chart_sentence import Aim, Course, Step
from reports.standing import Standing
from reports.warehouse import rows
from reports.words import points

REACHED = frozenset({"linear", "ratio"})
"""The rules whose target is a number to reach."""


def course_of(edition: Edition, item: Standing) -> Course:
    """Return how a KPI went for a unit, up to the last period of its own length that has closed."""
    begun = begun_anew(edition, item)
    last = item.trusted(item.start)
    return Course(
        name=item.kpi.kpi_name,
        grain=item.grain,
        steps=tuple(_step(item, at, is_anew=at in begun) for at in item.periods),
        aim=_aim(edition, item),
        scale=item.scale,
        calendar=edition.calendar,
        state=item.status.marks[-1].key,
        is_too_short=item.moved.kind == "too_few",
        is_provisional=last is not None and last.is_provisional,
        interval=None if last is None else interval_of(last),
    )


def begun_anew(edition: Edition, item: Standing) -> dict[date, str]:
    """Return the shown periods with which a person began the usual range anew, and why."""
    found = {}
    for row in edition.strategy.baselines.get(item.kpi.kpi_id, ()):
        at = next((at for at in item.periods if at >= row.valid_from_date), None)
        if at is not None and row.valid_from_date > item.periods[0]:
            found[at] = row.reason or ""
    return found


def interval_of(value: rows.Value) -> tuple[float, float] | None:
    """Return the 95% interval of a value; None where it has none."""
    if value.interval_low is None or value.interval_high is None:
        return None
    return value.interval_low, value.interval_high


def _step(item: Standing, at: date, *, is_anew: bool) -> Step:
    score, value = item.scores.get(at), item.trusted(at)
    actual = value.actual if value is not None else None
    if score is None or score.usual_low is None or score.usual_high is None:
        return Step(at, actual, is_met=_is_met(item.kpi, score, actual), is_anew=is_anew)
    return Step(
        at,
        actual,
        usual=(score.usual_low, score.usual_high),
        mean=score.usual_mean,
        signal=score.signal,
        is_met=_is_met(item.kpi, score, actual),
        is_anew=is_anew,
    )


def _is_met(kpi: rows.Kpi, score: rows.Score | None, actual: float | None) -> bool | None:
    """Whether a value reached the target or the range of its own period."""
    if score is None or actual is None:
        return None
    guides = points.guides(kpi, score)
    if guides.good is not None:
        return guides.good[0] <= actual <= guides.good[1]
    if kpi.rule not in REACHED or guides.target is None or kpi.direction is None:
        return None
    is_rising = kpi.direction == "higher_is_better"
    return actual >= guides.target if is_rising else actual <= guides.target


def _aim(edition: Edition, item: Standing) -> Aim | None:
    if not points.has_points(item.score):
        return None
    guides = points.guides(item.kpi, item.score)
    if guides.good is not None:
        return Aim(good=guides.good)
    if item.kpi.rule in REACHED and guides.target is not None and item.kpi.direction is not None:
        return Aim(target=guides.target)
    if item.points is None:
        return Aim()
    return Aim(score=edition.edges_of(item.kpi).write(item.points))
