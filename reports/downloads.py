"""Where the files that a reader takes away lie, and the links to them.

Not here: what is in them.
"""

from reports.edition import Choice, Edition
from reports.words.text import say

BOARD_PACK = "board-pack.pdf"
WORKBOOK = "scorecard.xlsx"
SCORECARD = "scorecard"
SCHEMA = "data/schema.json"
DATA = {
    name: name
    for name in ("initiatives", "strategy-map", "heat-map", "quality", "dictionary", "releases")
}
"""The pages at the root that have data, and their addresses, without an ending."""


def kpi_data(kpi_id: str) -> str:
    """Return the address of a KPI's data, without its ending."""
    return f"kpis/{kpi_id}"


def unit_data(unit_id: str) -> str:
    """Return the address of a unit's scorecard's data, without its ending."""
    return f"units/{unit_id}"


def period_data(edition: Edition, unit_id: str) -> str:
    """Return the address of the data of a unit's scorecard of the month that an edition is seen from."""
    whole = f"periods/{edition.month:%Y-%m}"
    return whole if unit_id == edition.organisation_id else f"{whole}/{unit_id}"


def scorecard_downloads(edition: Edition) -> tuple[Choice, ...]:
    """Return the links to what the organisation's scorecard can be taken away as."""
    return (
        Choice(say("board pack (PDF)"), edition.href(BOARD_PACK)),
        Choice(say("workbook (Excel)"), edition.href(WORKBOOK)),
        *page_downloads(edition, SCORECARD),
    )


def kpi_downloads(edition: Edition, kpi_id: str) -> tuple[Choice, ...]:
    """Return the links to the data of a KPI, with all its units."""
    return page_downloads(edition, kpi_data(kpi_id))


def page_downloads(edition: Edition, address: str) -> tuple[Choice, ...]:
    """Return the links to the data of a page, by its address without an ending."""
    return (
        Choice(say("data (JSON)"), edition.href(f"{address}.json")),
        Choice(say("data (CSV)"), edition.href(f"{address}.csv")),
    )
