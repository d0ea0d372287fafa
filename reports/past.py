"""Reads what is now known of earlier months: the results of some units, as far back as a page of the past looks.

Not here: the results that the newest pages show (published), what was reported at the time (published, as reports).
"""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date

from duckdb import ColumnExpression, ConstantExpression, DuckDBPyConnection, Expression

from reports.edition import Edition
from reports.periods import SHOWN_MONTHS, add_months
from reports.warehouse import rows
from reports.warehouse.published import Results
from reports.warehouse.reader import read_nodes
from reports.warehouse.reading import among, by_period, equals, grouped, opened, read_rows
from reports.warehouse.trees import last_day, standing_on
from reports.warehouse.window import is_listed, points_where

PERIODS = ("kpi_id", "unit_id", "grain", "period_start_date")
"""The order in which rows of KPIs' periods are read."""


@dataclass(frozen=True)
class Past:
    """The results of some units in earlier months, as known now."""

    results: Results
    """Of all months; without what is of one month alone."""
    balances: dict[date, dict[str, rows.Balance]]

    def seen_in(self, edition: Edition, month: date) -> Edition:
        """Return the release as its pages see it from an earlier month, with the units where they stood at its end."""
        results = replace(self.results, balance=self.balances.get(month, {}))
        seen = edition.in_month(month, results)
        strategy = standing_on(seen.strategy, last_day(month))
        return replace(seen, published=replace(seen.published, strategy=strategy))


@contextmanager
def reading(edition: Edition) -> Iterator[DuckDBPyConnection]:
    """Open the warehouse of a release, read-only, as long as the context lasts."""
    with opened(edition.published.warehouse) as connection:
        yield connection


def read_past(
    connection: DuckDBPyConnection, edition: Edition, units: Sequence[str], first: date
) -> Past:
    """Read the results of some units for pages of the months from `first` on."""
    here = among("unit_id", units)
    since = ColumnExpression("period_start_date") > ConstantExpression(
        add_months(first, -SHOWN_MONTHS)
    )
    months = equals("grain", "month") & since & here
    own = _own(edition, here) | months
    moves = read_rows(connection, rows.Moved, "scorecard.movement", where=own, order=PERIODS)
    frequencies = {kpi.kpi_id: kpi.frequency for kpi in edition.strategy.kpis.values()}
    return past_of(
        connection,
        months,
        own=own,
        moves=[row for row in moves if row.grain == frequencies.get(row.kpi_id)],
    )


def past_of(
    connection: DuckDBPyConnection,
    where: Expression,
    *,
    own: Expression,
    moves: Sequence[rows.Moved] = (),
) -> Past:
    """Read scores of parents, their costs and balances where one condition holds, KPIs' values and scores where another does."""
    values = read_rows(connection, rows.Value, "scorecard.kpi_value", where=own, order=PERIODS)
    scores = read_rows(
        connection,
        rows.Score,
        "scorecard.kpi_score",
        where=own,
        order=PERIODS,
        instead={"points": points_where(is_listed())},
    )
    costs = read_rows(
        connection,
        rows.Cost,
        "scorecard.child_cost",
        where=where,
        order=("unit_id", "period_start_date", "parent_level", "parent_id", "child_id"),
    )
    return Past(
        results=Results(
            values=by_period(values, lambda row: (row.kpi_id, row.unit_id, row.grain)),
            scores=by_period(scores, lambda row: (row.kpi_id, row.unit_id, row.grain)),
            moves=by_period(moves, lambda row: (row.kpi_id, row.unit_id)),
            nodes=read_nodes(connection, where),
            costs=grouped(costs, lambda row: (row.unit_id, row.period_start_date)),
            balance={},
            contributions={},
            unit_contributions={},
            link_evidence={},
        ),
        balances=_balances(connection, where),
    )


def _own(edition: Edition, here: Expression) -> Expression:
    """Return the condition for the periods of KPIs that are measured less often than monthly."""
    found: Expression = ConstantExpression(False)
    slower: dict[str, list[str]] = defaultdict(list)
    for kpi in edition.strategy.kpis.values():
        if kpi.frequency != "month":
            slower[kpi.frequency].append(kpi.kpi_id)
    for grain, kpis in slower.items():
        found = found | (equals("grain", grain) & among("kpi_id", kpis) & here)
    return found


def _balances(
    connection: DuckDBPyConnection, where: Expression
) -> dict[date, dict[str, rows.Balance]]:
    """Read the balances, by period and unit."""
    relation = connection.table("scorecard.balance").filter(where)
    columns = [ColumnExpression(name) for name in ("period_start_date", *rows.Balance._fields)]
    found: dict[date, dict[str, rows.Balance]] = defaultdict(dict)
    for month, *rest in sorted(relation.select(*columns).fetchall(), key=lambda row: row[:2]):
        balance = rows.Balance._make(rest)
        found[month][balance.unit_id] = balance
    return dict(found)
