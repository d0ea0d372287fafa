"""The index that the search field reads: the names of pages, perspectives, objectives, KPIs, units, initiatives, periods and terms.

It is a script file, since a page opened from a folder may not fetch data, and it is loaded when the field is first used. Not
here: the field (base.html) and the search (scorecard.js).
"""

import json
from collections.abc import Iterator
from pathlib import Path

from reports.edition import REFERENCE, Edition
from reports.spans import QUARTER, YEAR, address_of, name_of, spans_of
from reports.views.glossary import PAGE as GLOSSARY
from reports.views.glossary import TERMS
from reports.words.text import say

FILE = "search-index.js"
Entry = tuple[str, str, str]
"""Name, kind in words, address."""


def write_search(edition: Edition, out: Path) -> int:
    """Write the index; return how many files that is."""
    found = list(dict.fromkeys(_entries(edition)))
    kinds = list(dict.fromkeys(kind for _, kind, _ in found))
    lines = ",\n".join(_as_script([name, kinds.index(kind), href]) for name, kind, href in found)
    text = f'window.steelyardIndex = {{"kinds": {_as_script(kinds)}, "entries": [\n{lines}\n]}};\n'
    (out / FILE).write_text(text, encoding="utf-8", newline="\n")
    return 1


def _as_script(value: object) -> str:
    """Return a value as a literal that stays one, wherever the file is looked at."""
    return json.dumps(value, ensure_ascii=True).replace("<", "\\u003c")


def _entries(edition: Edition) -> Iterator[Entry]:
    """Yield what can be found, the strategy from the top down."""
    strategy = edition.strategy
    for href, name in REFERENCE:
        yield say(name), say("Page"), href
    for side in strategy.perspectives.values():
        href = edition.perspective_href(side.perspective_id)
        yield side.perspective_name, say("Perspective"), href
    for goal in strategy.objectives.values():
        yield goal.objective_name, say("Objective"), edition.objective_href(goal.objective_id)
    for kpi in strategy.kpis.values():
        yield kpi.kpi_name, say("KPI"), edition.kpi_href(kpi.kpi_id, edition.organisation_id)
    for unit in strategy.units.values():
        yield unit.unit_name, say("Unit"), edition.unit_href(unit.unit_id)
    for row in strategy.initiatives:
        yield row.initiative_name, say("Initiative"), f"initiatives/{row.initiative_id}.html"
    yield from _periods(edition)
    for name, (word, _) in TERMS.items():
        yield say(word), say("Term"), f"{GLOSSARY}#{name}"


def _periods(edition: Edition) -> Iterator[Entry]:
    """Yield the months, quarters and fiscal years that have a page, the newest first."""
    for month in reversed(edition.past_months):
        href = edition.period_href(month, edition.organisation_id)
        yield edition.language.month(month), say("Month"), href
    for grain, kind in ((QUARTER, say("Quarter")), (YEAR, say("Fiscal year"))):
        for span in reversed(spans_of(edition, grain)):
            yield name_of(edition, span), kind, address_of(edition, span)
