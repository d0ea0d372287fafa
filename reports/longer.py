"""Reads how the organisation stood in quarters, fiscal years and the year to date, as known now.

Not here: months (published, past), which of these periods have a page (spans).
"""

from dataclasses import dataclass
from datetime import date

from duckdb import ColumnExpression, ConstantExpression, DuckDBPyConnection, Expression

from reports.edition import Edition
from reports.past import Past, past_of
from reports.periods import add_months
from reports.spans import QUARTER, TO_DATE, YEAR, Span
from reports.warehouse import rows
from reports.warehouse.published import Results
from reports.warehouse.reading import equals
from reports.words.status import Status, kpi_status


@dataclass(frozen=True)
class Slot:
    """A period of any length, with what is known of the organisation in it."""

    unit_id: str
    grain: str
    """As the warehouse calls it."""
    key: date
    results: Results

    def node(self, level: str, node_id: str) -> rows.Node | None:
        """Return the score of an objective, a perspective or the scorecard."""
        return self.results.nodes.get((level, node_id, self.unit_id), {}).get(self.key)

    def score(self, kpi_id: str) -> rows.Score | None:
        """Return how a KPI stands."""
        return self.results.scores.get((kpi_id, self.unit_id, self.grain), {}).get(self.key)

    def value(self, kpi_id: str) -> rows.Value | None:
        """Return what was measured of a KPI."""
        return self.results.values.get((kpi_id, self.unit_id, self.grain), {}).get(self.key)

    def status(self, kpi_id: str) -> Status:
        """Return the status of a KPI."""
        return kpi_status(self.score(kpi_id), self.value(kpi_id))


@dataclass(frozen=True)
class Longer:
    """What the warehouse holds of the organisation's periods, by grain."""

    organisation_id: str
    grains: dict[str, Past]

    def slot(self, grain: str, key: date) -> Slot:
        """Return a period as the warehouse has it, be it with nothing in it."""
        return Slot(self.organisation_id, grain, key, self.grains[grain].results)

    def seen_in(self, edition: Edition, span: Span) -> Edition:
        """Return the release as its page sees it from a span, which stands where a month does on other pages."""
        return self.grains[span.stored].seen_in(edition, span.key)


def read_longer(connection: DuckDBPyConnection, edition: Edition, months: Past) -> Longer:
    """Read every closed quarter and year of the organisation, and the year to date with the one a year before."""
    both = (edition.headline, add_months(edition.headline, -12))
    to_date = ColumnExpression("period_start_date").isin(*map(ConstantExpression, both))
    return Longer(
        edition.organisation_id,
        {
            "month": months,
            QUARTER: _read(connection, edition, equals("grain", QUARTER)),
            YEAR: _read(connection, edition, equals("grain", YEAR)),
            TO_DATE: _read(connection, edition, equals("grain", TO_DATE) & to_date),
        },
    )


def _read(connection: DuckDBPyConnection, edition: Edition, periods: Expression) -> Past:
    where = periods & equals("unit_id", edition.organisation_id)
    return past_of(connection, where, own=where)
