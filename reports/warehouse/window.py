"""Which periods of a KPI, a score and a report the pages show, as conditions on the published tables.

Not here: reading (reader), the calendar's arithmetic (periods).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from duckdb import (
    CaseExpression,
    ColumnExpression,
    ConstantExpression,
    Expression,
    FunctionExpression,
)

from reports.periods import SHOWN, SHOWN_MONTHS, add_months, last_closed
from reports.warehouse.reading import among, equals
from scorecard.terms import MONTHS


@dataclass(frozen=True)
class Window:
    """The last 24 months, and the last closed period of each other grain and the one a year before.

    Of a KPI that is measured less often also those of its own last periods.
    """

    month: date
    """The headline month."""
    fiscal_start: int
    headlines: Mapping[str, date]
    """The first day of the last closed period, by grain."""
    slower: Mapping[str, Sequence[str]]
    """The KPIs that are measured less often than monthly, by how often."""

    def months(self) -> Expression:
        """Return the condition for the months that are shown."""
        return equals("grain", "month") & _since(add_months(self.month, -SHOWN_MONTHS))

    def headline(self) -> Expression:
        """Return the condition for the headline month."""
        return equals("grain", "month") & equals("period_start_date", self.month)

    def last_two(self) -> Expression:
        """Return the condition for the headline month and the one before."""
        before = ConstantExpression(add_months(self.month, -1))
        return equals("grain", "month") & (ColumnExpression("period_start_date") >= before)

    def own(self) -> Expression:
        """Return the condition for the periods of a KPI's chart: months, or what it is measured by."""
        found = self.months()
        for grain, kpis in self.slower.items():
            found = found | (among("kpi_id", kpis) & self._shown(grain))
        return found

    def all(self) -> Expression:
        """Return the condition for every period that a KPI's page shows."""
        found = self.own() | self._ends_of_grains()
        for grain, kpis in self.slower.items():
            found = found | (among("kpi_id", kpis) & self._to_date(grain))
        return found

    def reported(self, column: str = "kpi_id") -> Expression:
        """Return the condition for a KPI's own grain alone: in a month, one measured quarterly only repeats its quarter."""
        found = self.months()
        for grain, kpis in self.slower.items():
            of_grain = among(column, kpis)
            found = (found & ~of_grain) | (of_grain & self._shown(grain))
        return found

    def moved(self) -> Expression:
        """Return the condition for the last period of every grain that a KPI is measured by."""
        found: Expression = ConstantExpression(False)
        for grain in ("month", *self.slower):
            start = equals("period_start_date", self._start(grain))
            found = found | (equals("grain", grain) & start)
        return found

    def listed_points(self) -> Expression:
        """Return points where a KPI's page lists them: in the last periods also those of a linear rule."""
        last = [ConstantExpression(self._start(grain)) for grain in MONTHS]
        is_last = ColumnExpression("period_start_date").isin(*last)
        return points_where(is_last | is_listed())

    def _start(self, grain: str) -> date:
        """Return the first day of the last period of a grain that had closed at the headline month's end."""
        return last_closed(self.month, grain, fiscal_start=self.fiscal_start)

    def _shown(self, grain: str) -> Expression:
        """Return the condition for the periods of a grain that a KPI's page shows."""
        first = add_months(self._start(grain), -SHOWN[grain] * MONTHS[grain])
        return equals("grain", grain) & _since(first)

    def _to_date(self, grain: str) -> Expression:
        """Return the condition for the year to date and the twelve months that end with a grain's last period, and a year before."""
        last = add_months(self._start(grain), MONTHS[grain] - 1)
        return among("grain", ("ytd", "ttm")) & _with_year_before(last)

    def _ends_of_grains(self) -> Expression:
        """Return the condition for the last closed period of each grain but the month, and the same a year before."""
        found: Expression = ConstantExpression(False)
        for grain, start in self.headlines.items():
            if grain != "month":
                found = found | (equals("grain", grain) & _with_year_before(start))
        return found


def is_listed() -> Expression:
    """Return whether a row needs its points: a linear rule has columns for red flag and target, which are all that is shown of its history."""
    return ColumnExpression("rule") != ConstantExpression("linear")


def points_where(condition: Expression) -> Expression:
    """Return points as JSON where they are listed and there are some; lists of structs are slow to read."""
    points = ColumnExpression("points")
    has_some = FunctionExpression("len", points) > ConstantExpression(0)
    written = FunctionExpression("to_json", points).cast("varchar")
    return CaseExpression(condition & has_some, written)


def _since(month: date) -> Expression:
    return ColumnExpression("period_start_date") > ConstantExpression(month)


def _with_year_before(start: date) -> Expression:
    return ColumnExpression("period_start_date").isin(
        ConstantExpression(start), ConstantExpression(add_months(start, -12))
    )
