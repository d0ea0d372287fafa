"""The organisation as it stood on a day: which unit was under which.

Not here: since when a unit stands where it does, in words (views/definition).
"""

from dataclasses import replace
from datetime import date, timedelta

from reports.periods import add_months
from reports.warehouse import rows
from reports.warehouse.published import Strategy


def last_day(month: date) -> date:
    """Return a month's last day, which decides where the month counts."""
    return add_months(month, 1) - timedelta(days=1)


def standing_on(strategy: Strategy, day: date) -> Strategy:
    """Return the strategy with every unit where it stood on a day; one that was not there has nobody above it."""
    units = {
        unit.unit_id: unit._replace(parent_unit_id=above(strategy, unit.unit_id, day))
        for unit in strategy.units.values()
    }
    return replace(strategy, units=units, below=_below(units))


def above(strategy: Strategy, unit_id: str, day: date) -> str | None:
    """Return the unit directly above another on a day; none for the organisation and for a unit that was not there."""
    found = [
        row.ancestor_unit_id
        for row in strategy.parents.get(unit_id, ())
        if row.valid_from_date <= day <= row.valid_to_date
    ]
    return found[-1] if found else None


def _below(units: dict[str, rows.Unit]) -> dict[str, frozenset[str]]:
    """Return every unit with itself and all units below it."""
    found: dict[str, set[str]] = {unit_id: {unit_id} for unit_id in units}
    for unit_id, unit in units.items():
        node = unit.parent_unit_id
        while node is not None:
            found[node].add(unit_id)
            node = units[node].parent_unit_id
    return {unit_id: frozenset(below) for unit_id, below in found.items()}
