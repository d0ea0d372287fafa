"""What was entered by hand: who entered a value and when, and all measures of that kind.

Not here: the contracts of what was entered (quality).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from reports.edition import Edition
from reports.periods import add_months
from reports.standing import Standing
from reports.warehouse import rows
from reports.words.language import NONE
from reports.words.lists import in_a_row, parts_in_a_row
from reports.words.text import Part, say, say_parts
from scorecard.terms import MONTHS

SHOWN_NAMES = 3


@dataclass(frozen=True)
class ManualRow:
    """A measure that is entered by hand."""

    measure: str
    kpis: tuple[Part, ...]
    last_month: str
    who: str
    when: str


def entered(edition: Edition, item: Standing) -> tuple[Part, ...]:
    """Say who entered a KPI's headline value and when; nothing where a system did."""
    evidence = edition.published.evidence
    manual = [
        term.measure_id
        for term in edition.strategy.terms.get(item.kpi.kpi_id, ())
        if term.measure_id in evidence.entries
    ]
    if not manual:
        return ()
    below = edition.strategy.below.get(item.unit_id, frozenset({item.unit_id}))
    end = add_months(item.value_start, MONTHS[item.grain])
    found = [
        row
        for measure in dict.fromkeys(manual)
        for row in evidence.entries[measure]
        if row.unit_id in below and item.value_start <= row.period_start_date < end
    ]
    if not found or item.actual is None:
        return say_parts("Entered by hand.")
    people = Part(_names(found), style="outside")
    days = _days(found)
    if not days:
        return say_parts("Entered by hand by {people}, on a day not given.", people=people)
    day = edition.language.day(days[-1])
    if len(days) > 1:
        return say_parts("Entered by hand by {people}, last on {day}.", people=people, day=day)
    return say_parts("Entered by hand by {people}, on {day}.", people=people, day=day)


def _names(found: Sequence[rows.Entry]) -> str:
    names = sorted({row.entered_by or say("nobody named") for row in found})
    more = len(names) - SHOWN_NAMES
    listed = in_a_row(names[:SHOWN_NAMES])
    return say("{people} and {count} more", people=listed, count=more) if more > 0 else listed


def _days(found: Sequence[rows.Entry]) -> list[date]:
    return sorted({row.entered_on for row in found if row.entered_on is not None})


def _when(edition: Edition, found: Sequence[rows.Entry]) -> str:
    days = _days(found)
    if not days:
        return say("on a day not given")
    day = edition.language.day(days[-1])
    return say("last on {day}", day=day) if len(days) > 1 else say("on {day}", day=day)


def manual_rows(edition: Edition) -> tuple[ManualRow, ...]:
    """Return every measure that is entered by hand, with its last month."""
    return tuple(
        _manual_row(edition, measure, found)
        for measure, found in edition.published.evidence.entries.items()
    )


def _manual_row(edition: Edition, measure: str, found: Sequence[rows.Entry]) -> ManualRow:
    last: date | None = max((row.period_start_date for row in found), default=None)
    newest = [row for row in found if row.period_start_date == last]
    kpis = [
        edition.strategy.kpis[kpi_id]
        for kpi_id, terms in edition.strategy.terms.items()
        if kpi_id in edition.strategy.kpis and any(term.measure_id == measure for term in terms)
    ]
    names = [
        Part(kpi.kpi_name, edition.kpi_href(kpi.kpi_id, edition.organisation_id)) for kpi in kpis
    ]
    return ManualRow(
        measure=f"measure.{measure}",
        kpis=parts_in_a_row(names),
        last_month=edition.language.month(last) if last is not None else NONE,
        who=_names(newest) if newest else NONE,
        when=_when(edition, newest) if newest else NONE,
    )
