"""The ways out of a page that is of the headline month and the whole: to earlier months, and to the units.

They lead to the scorecard of that month or unit, at the place of what the page is of, so that the number of pages stays
KPIs times units. Not here: the ways between scorecards (period), between a KPI's pages (kpi).
"""

from collections.abc import Collection

from reports.edition import Choice, Edition, Switch
from reports.periods import add_months
from reports.views.front import unit_switches


def before(edition: Edition, anchor: str, unit_id: str = "") -> Choice | None:
    """Return the way to a unit's (the organisation's) scorecard of the month before, at the row with an anchor.

    None where that month has no page.
    """
    unit_id = unit_id or edition.organisation_id
    whole = unit_id == edition.organisation_id
    month = add_months(edition.month, -1)
    if month not in (edition.past_months if whole else edition.past_unit_months):
        return None
    href = edition.period_href(month, unit_id)
    return Choice(edition.language.month(month), f"{href}#{anchor}")


def units(edition: Edition, kpis: Collection[str], anchor: str) -> tuple[Switch, ...]:
    """Return the ways to the scorecards of the units to which any of these KPIs applies, at the row with an anchor."""
    applies = edition.strategy.kpis_of_unit

    def href(unit_id: str) -> str:
        has = not applies.get(unit_id, frozenset()).isdisjoint(kpis)
        return f"{edition.unit_href(unit_id)}#{anchor}" if has else ""

    found = [
        Switch(switch.label, tuple(choice for choice in switch.choices if choice.href))
        for switch in unit_switches(edition, edition.strategy.organisation, href)
    ]
    return tuple(switch for switch in found if switch.choices)
