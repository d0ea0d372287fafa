"""Where the files that a reader takes away lie, and the links to them.

Not here: what is in them.
"""

from reports.edition import Choice, Edition
from reports.text import say

BOARD_PACK = "board-pack.pdf"
WORKBOOK = "scorecard.xlsx"
SCORECARD = "scorecard"
SCHEMA = "data/schema.json"


def kpi_data(kpi_id: str) -> str:
    """Return the address of a KPI's data, without its ending."""
    return f"kpis/{kpi_id}"


def scorecard_downloads(edition: Edition) -> tuple[Choice, ...]:
    """Return the links to what the organisation's scorecard can be taken away as."""
    return (
        Choice(say("board pack (PDF)"), edition.href(BOARD_PACK)),
        Choice(say("workbook (Excel)"), edition.href(WORKBOOK)),
        *_data(edition, SCORECARD),
    )


def kpi_downloads(edition: Edition, kpi_id: str) -> tuple[Choice, ...]:
    """Return the links to the data of a KPI, with all its units."""
    return _data(edition, kpi_data(kpi_id))


def _data(edition: Edition, address: str) -> tuple[Choice, ...]:
    return (
        Choice(say("data (JSON)"), edition.href(f"{address}.json")),
        Choice(say("data (CSV)"), edition.href(f"{address}.csv")),
    )
