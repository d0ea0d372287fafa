"""A past month's scorecard of the organisation or of a unit, as known now.

Not here: the front page and the units' pages of the headline month (front), what was reported at the time (restated).
"""

from dataclasses import dataclass
from datetime import date

from reports.card import Card, card
from reports.downloads import page_downloads, period_data
from reports.edition import Choice, Crumb, Edition, Frame, Switch
from reports.figures.small import Beam
from reports.hierarchy import node_of
from reports.periods import add_months
from reports.roll import Roll
from reports.spans import QUARTER, crumbs_above, name_of, span_around
from reports.standing import Standing, is_restated, standings
from reports.views.balance import beam_note, beam_of, roll_of
from reports.views.front import unit_switches
from reports.views.legend import legend
from reports.views.needs import Needs, needs_of
from reports.warehouse import rows
from reports.words.status import node_status
from reports.words.text import Part, say, say_count


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
    beam_note: tuple[Part, ...]
    needs_heading: str
    needs: Needs
    card: Card
    words: tuple[tuple[str, str], ...]


def period_page(edition: Edition, unit: rows.Unit) -> PeriodPage:
    """Return a unit's scorecard of the month from which the edition is seen, where the unit stood at its end."""
    unit = edition.strategy.units[unit.unit_id]
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
            downloads=page_downloads(edition, period_data(edition, unit.unit_id)),
        ),
        known=edition.language.day(edition.strategy.release.as_of_date),
        restated=_restated(edition, items),
        roll=roll_of(edition, unit),
        beam=beam_of(edition, unit.unit_id),
        beam_note=beam_note(edition, unit.unit_id),
        needs_heading=say_count("{count} KPI off track", "{count} KPIs off track", off)
        if off
        else say("No KPI off track"),
        needs=found,
        card=card(edition, unit.unit_id, items),
        words=legend(edition),
    )


def _finding(edition: Edition, unit_id: str) -> str:
    scorecard, before = edition.strategy.scorecard.scorecard_id, add_months(edition.month, -1)
    return told(
        edition,
        Told(
            edition.language.month(edition.month), node_of(edition, "scorecard", scorecard, unit_id)
        ),
        Told(
            edition.language.month_name(before),
            node_of(edition, "scorecard", scorecard, unit_id, before),
        ),
    )


@dataclass(frozen=True)
class Told:
    """A period by its name, with the scorecard's score."""

    name: str
    node: rows.Node | None


def told(edition: Edition, now: Told, before: Told | None) -> str:
    """Say how the scorecard stood in a period, and how that differs from the one before."""
    edges, node = edition.edges, now.node
    if node is None or node.score is None:
        return say("{period}: no score", period=now.name)
    earlier = before.node.score if before is not None and before.node is not None else None
    change = edges.change(node.score, earlier)
    named = {
        "period": now.name,
        "status": node_status(node).within,
        "score": edges.write(node.score),
    }
    if before is None or change is None:
        return say("{period}: {status}, {score} of 100", **named)
    named["before"] = before.name
    if not change:
        return say("{period}: {status}, {score} of 100, the same as in {before}", **named)
    decimals = 0 if change == change.to_integral_value() else 2
    named["change"] = edition.language.number(abs(change), decimals)
    if change > 0:
        return say("{period}: {status}, {score} of 100, up {change} from {before}", **named)
    return say("{period}: {status}, {score} of 100, down {change} from {before}", **named)


def _restated(edition: Edition, items: list[Standing]) -> tuple[Part, ...]:
    found: list[Part] = []
    for item in items:
        if is_restated(edition, item):
            href = edition.kpi_href(item.kpi.kpi_id, item.unit_id)
            joint = [Part(", ")] if found else []
            found += [*joint, Part(item.kpi.kpi_name, f"{href}#restated")]
    return tuple(found)


def _switches(edition: Edition, unit: rows.Unit) -> tuple[Switch, ...]:
    """Offer the months of the same quarter and, where units have pages of this month, the units."""
    month = edition.month
    found = _months_beside(edition, unit.unit_id)
    if month in edition.past_unit_months:
        found += unit_switches(edition, unit, lambda other: edition.period_href(month, other))
    return found


def _months_beside(edition: Edition, unit_id: str) -> tuple[Switch, ...]:
    quarter = span_around(edition, QUARTER, edition.month)
    known = {*_months_of(edition, unit_id)}
    months = [month for month in quarter.months if month in known] if quarter is not None else []
    if quarter is None or len(months) == 1:
        return ()
    choices = (
        Choice(
            edition.language.month_name(month),
            edition.period_href(month, unit_id),
            month == edition.month,
        )
        for month in months
    )
    return (Switch(name_of(edition, quarter), tuple(choices)),)


def _months_of(edition: Edition, unit_id: str) -> tuple[date, ...]:
    whole = unit_id == edition.organisation_id
    months = edition.past_months if whole else edition.past_unit_months
    return (*months, edition.headline)


def _crumbs(edition: Edition, unit: rows.Unit) -> tuple[Crumb, ...]:
    month, whole = edition.month, edition.organisation_id
    above, name = crumbs_above(edition, month), edition.language.month(month)
    if unit.unit_id == whole:
        return (*above, Crumb(name, None))
    between = [
        Crumb(step.unit_name, edition.period_href(month, step.unit_id))
        for step in edition.strategy.path(unit.unit_id)[:-1]
        if step.unit_id != whole
    ]
    first = Crumb(name, edition.period_href(month, whole))
    return (*above, first, *between, Crumb(unit.unit_name, None))


def _beside(edition: Edition, unit_id: str, step: int) -> Choice | None:
    other = add_months(edition.month, step)
    if other not in _months_of(edition, unit_id):
        return None
    return Choice(edition.language.month(other), edition.period_href(other, unit_id))
