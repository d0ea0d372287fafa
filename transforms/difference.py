"""How two releases differ: every value and score as each reported it, why, and which definitions, targets, weights and places do.

Everything is read from the history tables, which hold the whole ledger: it works also where a release's own files are gone.

Not here: filling those tables (ledger), and the words (pipelines).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Literal, NamedTuple

import duckdb

from transforms.standing import REPORTED, lay

_SQL = Path(__file__).parent / "sql" / "difference"

Change = Literal["new", "changed", "withdrawn"]


class ValueDifference(NamedTuple):
    """A KPI's value that differs; `before` or `after` is None throughout where one release does not report it."""

    kpi_id: str
    unit_id: str
    grain: str
    period_start_date: date
    change: Change
    numerator_before: Decimal | None
    numerator_after: Decimal | None
    denominator_before: Decimal | None
    denominator_after: Decimal | None
    actual_before: float | None
    actual_after: float | None
    reasons: list[str]
    """Those of the ledger, `not_recorded`, or `provisional` where it had been reported as such only; empty where it is new."""


class ScoreDifference(NamedTuple):
    """A score that differs."""

    level: str
    node_id: str
    unit_id: str
    grain: str
    period_start_date: date
    change: Change
    score_before: float | None
    score_after: float | None
    band_before: str | None
    band_after: str | None
    data_state_before: str | None
    data_state_after: str | None
    coverage_before: float | None
    coverage_after: float | None
    actual_before: float | None
    actual_after: float | None
    points_before: str | None
    points_after: str | None
    weight_before: float | None
    weight_after: float | None
    reasons: list[str]

    @property
    def is_status(self) -> bool:
        """Tell whether a status that was reported is another: its band or the state of its data."""
        before = (self.band_before, self.data_state_before)
        return self.change == "changed" and before != (self.band_after, self.data_state_after)


class DefinitionDifference(NamedTuple):
    """A KPI's definition, or a way of rolling up, that differs; None where there was none, or no text is kept."""

    level: str
    node_id: str
    definition_id_before: str | None
    definition_id_after: str | None
    definition_before: str | None
    definition_after: str | None


class TargetDifference(NamedTuple):
    """A row of targets that differs."""

    kpi_id: str
    unit_id: str
    per: str
    valid_from_date: date
    points_before: str | None
    points_after: str | None


class WeightDifference(NamedTuple):
    """A weight that differs."""

    level: str
    node_id: str
    valid_from_date: date
    weight_before: float | None
    weight_after: float | None


class PlaceDifference(NamedTuple):
    """A unit that stands under a parent for another time; None where it did not, or does not."""

    unit_id: str
    parent_unit_id: str
    valid_from_date: date
    valid_to_date_before: date | None
    valid_to_date_after: date | None


@dataclass(frozen=True)
class Difference:
    """All that differs between two releases."""

    values: list[ValueDifference]
    scores: list[ScoreDifference]
    definitions: list[DefinitionDifference]
    targets: list[TargetDifference]
    weights: list[WeightDifference]
    places: list[PlaceDifference]

    @property
    def is_empty(self) -> bool:
        """Tell that nothing differs."""
        return not any(
            (self.values, self.scores, self.definitions, self.targets, self.weights, self.places)
        )


def difference(
    connection: duckdb.DuckDBPyConnection,
    *,
    before: Sequence[str],
    after: Sequence[str],
    kpi_id: str | None = None,
    unit_id: str | None = None,
) -> Difference:
    """Compare what two releases report, each given by its line: its run and those it builds on, newest first.

    The history tables of `connection` hold the changes of all these runs. `kpi_id` and `unit_id` leave all others out.
    """
    for table in REPORTED:
        lay(connection, table, line=before, name=f"before_{table}")
        lay(connection, table, line=after, name=f"after_{table}")
    between = sorted(set(before) ^ set(after))
    connection.execute(
        "create or replace temp table run_between as select unnest($runs::varchar[]) as run_id",
        {"runs": between},
    )
    kpi, unit = {"kpi_id": kpi_id}, {"unit_id": unit_id}

    def rows(name: str, asked: dict[str, str | None]) -> list[tuple[object, ...]]:
        return connection.execute((_SQL / f"{name}.sql").read_text("utf-8"), asked).fetchall()

    return Difference(
        values=[ValueDifference._make(row) for row in rows("value", kpi | unit)],
        scores=[ScoreDifference._make(row) for row in rows("score", kpi | unit)],
        definitions=[DefinitionDifference._make(row) for row in rows("definition", kpi)],
        targets=[TargetDifference._make(row) for row in rows("target", kpi | unit)],
        weights=[WeightDifference._make(row) for row in rows("weight", kpi)],
        places=[PlaceDifference._make(row) for row in rows("place", unit)],
    )
