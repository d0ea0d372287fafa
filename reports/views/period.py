"""A past month's scorecard of the organisation or of a unit, as known now.

Not here: the front page and the units' pages of the headline month (front), what was reported at the time (restated).
"""

from dataclasses import dataclass
from datetime import date

from reports import rows
from reports.card import Card, Roll, Standing, card, is_restated, node_of, standings
from reports.edition import Choice, Crumb, Edition, Frame, Switch
from reports.figures import Beam
from reports.periods import add_months
from reports.status import node_status
from reports.text import Part, say, say_count
from reports.views.front import Need, beam_note, beam_of, legend, needs_of, roll_of, unit_switches


@dataclass(frozen=True)
class PeriodPage:
    """A past month."""

    frame: Frame
    known: str
    """From which day it is seen."""
    restated: tuple[Part, ...]
    """The KPIs whose value of this month was reported otherwise at some time."""
    roll: Roll
    beam: Beam | None
    beam_note: str
    needs_heading: str
    needs: tuple[Need, ...]
    needs_note: str
    card: Card
    words: tuple[tuple[str, str], ...]


def period_page(edition: Edition, unit: rows.Unit) -> PeriodPage:
    """Return a unit's scorecard of the month from which the edition is seen."""
    whole = unit.unit_id == edition.organisation_id
    items = standings(edition, unit.unit_id)
    finding = _finding(edition, unit.unit_id)
    off = sum(item.score is not None and item.score.band == "off_track" for item in items)
    found = needs_of(edition, unit.unit_id, items)
    return PeriodPage(
        frame=edition.frame(
            title=say("{unit} scorecard, {finding}", unit=unit.unit_name, finding=finding),
            subject="" if whole else unit.unit_name,
            finding=finding if whole else say(", {finding}", finding=finding),
            crumbs=_crumbs(edition, unit),
            switches=_switches(edition, unit),
            previous=_beside(edition, unit.unit_id, -1),
            next_=_beside(edition, unit.unit_id, 1),
        ),
        known=edition.language.day(edition.strategy.release.as_of_date),
        restated=_restated(edition, items),
        roll=roll_of(edition, unit),
        beam=beam_of(edition, unit.unit_id),
        beam_note=beam_note(edition, unit.unit_id),
        needs_heading=say_count("{count} KPI off track", "{count} KPIs off track", off)
        if off
        else say("No KPI off track"),
        needs=found.rows,
        needs_note=found.note,
        card=card(edition, unit.unit_id, items),
        words=legend(edition),
    )


def _finding(edition: Edition, unit_id: str) -> str:
    scorecard, edges = edition.strategy.scorecard.scorecard_id, edition.edges
    before_month = add_months(edition.month, -1)
    now = node_of(edition, "scorecard", scorecard, unit_id)
    before = node_of(edition, "scorecard", scorecard, unit_id, before_month)
    month = edition.language.month(edition.month)
    if now is None or now.score is None:
        return say("{month}: no score", month=month)
    change = edges.change(now.score, before.score if before is not None else None)
    named = {
        "month": month,
        "status": node_status(now).words.lower(),
        "score": edges.write(now.score),
        "before": edition.language.month_name(before_month),
        "change": edition.language.number(
            abs(change), 0 if change == change.to_integral_value() else 2
        )
        if change is not None
        else "",
    }
    if change is None:
        return say("{month}: {status}, {score} of 100", **named)
    if not change:
        return say("{month}: {status}, {score} of 100, the same as in {before}", **named)
    if change > 0:
        return say("{month}: {status}, {score} of 100, up {change} from {before}", **named)
    return say("{month}: {status}, {score} of 100, down {change} from {before}", **named)


def _restated(edition: Edition, items: list[Standing]) -> tuple[Part, ...]:
    found: list[Part] = []
    for item in items:
        if is_restated(edition, item):
            href = edition.kpi_href(item.kpi.kpi_id, item.unit_id)
            joint = [Part(", ")] if found else []
            found += [*joint, Part(item.kpi.kpi_name, f"{href}#restated")]
    return tuple(found)


def _switches(edition: Edition, unit: rows.Unit) -> tuple[Switch, ...]:
    if edition.month not in edition.past_unit_months:
        return ()
    return unit_switches(edition, unit, lambda other: edition.period_href(edition.month, other))


def _crumbs(edition: Edition, unit: rows.Unit) -> tuple[Crumb, ...]:
    month, name = edition.month, edition.language.month(edition.month)
    path = edition.strategy.path(unit.unit_id)
    if len(path) == 1:
        return (edition.front_crumb(), Crumb(name, None))
    above = [Crumb(step.unit_name, edition.period_href(month, step.unit_id)) for step in path[1:-1]]
    first = Crumb(name, edition.period_href(month, edition.organisation_id))
    return (edition.front_crumb(), first, *above, Crumb(unit.unit_name, None))


def _beside(edition: Edition, unit_id: str, step: int) -> Choice | None:
    whole = unit_id == edition.organisation_id
    months: tuple[date, ...] = edition.past_months if whole else edition.past_unit_months
    other = add_months(edition.month, step)
    if other not in {*months, edition.headline}:
        return None
    return Choice(edition.language.month(other), edition.period_href(other, unit_id))
