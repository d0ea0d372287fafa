"""A small but complete published warehouse, made from the catalogue alone, with everything that pages must survive.

Hostile and right-to-left names, long names, zero, negative, missing, stale, unverified, no target, suppressed, a gate, a
restated month, a rejected load, a KPI that is too young to judge. Every scoring rule, KPIs that are measured by the
quarter and the half-year, a survey with intervals, an expression, a measure entered by hand, a unit that moved. Scores are
computed here by the simplest reading of the method; the pages only have to show what the tables say.

Run it to look at pages without an engine: `python -m tests.reports.make_warehouse <warehouse.duckdb>`.
"""

import sys
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import yaml

from tests.reports.warehouse.history import release_rows, reported_rows, rescored_rows
from tests.reports.warehouse.organisation import KPIS, Rows, closure
from tests.reports.warehouse.results import contribution_rows, kpi_rows, movement_rows, parent_rows
from tests.reports.warehouse.sources import measure_rows, quality_rows
from tests.reports.warehouse.strategy import (
    closure_row,
    evidence_rows,
    kpi_dimension_rows,
    plan_rows,
    strategy_rows,
    unit_and_period_rows,
)

CATALOGUE = Path(__file__).parents[2] / "transforms" / "catalogue.yaml"


def all_rows() -> Rows:
    """Return the rows of every table of the catalogue."""
    rows: Rows = defaultdict(list)
    below = closure()
    for spec in KPIS:
        kpi_rows(spec, rows, below)
    parent_rows(rows)
    strategy_rows(rows)
    kpi_dimension_rows(rows)
    unit_and_period_rows(rows, below)
    movement_rows(rows)
    contribution_rows(rows)
    plan_rows(rows)
    evidence_rows(rows)
    measure_rows(rows)
    quality_rows(rows)
    release_rows(rows)
    reported_rows(rows)
    rescored_rows(rows)
    return rows


def drill_tables(connection: duckdb.DuckDBPyConnection) -> None:
    """Create the tables of the measures with a dimension to drill into, as the engine publishes them."""
    connection.execute(
        "create table channels as select * from (values ('shop', 0.6), ('online <b>', 0.3), (null, 0.1)) as t (channel, share)"
    )
    for spec in KPIS:
        if spec.measure is None:
            continue
        name = f'measure."{spec.id}"'
        if spec.aggregation == "distinct":
            connection.execute(
                f"create table {name} as select c.unit_id, c.period_start_date, d.channel, c.unit_id || '-' || k as key "
                f"from measure.component c cross join channels d cross join generate_series(1, 9) as g (k) where c.measure_id = '{spec.id}'"
            )
        else:
            connection.execute(
                f"create table {name} as select c.unit_id, c.period_start_date, d.channel, cast(c.numerator * d.share as decimal(38, 9)) as numerator, "
                f"cast(case when '{spec.aggregation}' = 'sum' then 1 else c.denominator * d.share end as decimal(38, 9)) as denominator, c.observations_count "
                f"from measure.component c cross join channels d where c.measure_id = '{spec.id}'"
            )
        if spec.is_manual:
            connection.execute(
                f"alter table {name} add column entered_by varchar default 'Ana <b>'"
            )
            connection.execute(
                f"alter table {name} add column entered_at timestamp default timestamp '2026-11-01 09:30:00'"
            )
    connection.execute("drop table channels")


def fill(
    connection: duckdb.DuckDBPyConnection,
    table: str,
    definition: dict[str, Any],
    rows: Iterable[dict[str, Any]],
) -> None:
    """Create one table of the catalogue, with its comments, and fill it."""
    columns = definition["columns"]
    listed = ", ".join(f'"{name}" {kind}' for name, (kind, _) in columns.items())
    connection.execute(f"create table {table} ({listed})")
    connection.execute(f"comment on table {table} is {quoted(definition['comment'])}")
    for name, (_, comment) in columns.items():
        connection.execute(f'comment on column {table}."{name}" is {quoted(comment)}')
    found = list(rows)
    unknown = {name for row in found for name in row} - set(columns)
    if unknown:
        raise ValueError(f"{table}: the catalogue has no column {sorted(unknown)}")
    if found:
        batch = pa.table({name: pa.array([row.get(name) for row in found]) for name in columns})
        connection.register("batch", batch)
        casts = ", ".join(f'cast("{name}" as {kind})' for name, (kind, _) in columns.items())
        connection.execute(f"insert into {table} select {casts} from batch")
        connection.unregister("batch")


def quoted(text: str) -> str:
    """Return the text as an SQL literal."""
    return "'" + text.replace("'", "''") + "'"


def bare_rows() -> Rows:
    """Return the least that a release can hold: one KPI of an organisation without units, and no value at all."""
    full = all_rows()
    kept: Rows = {table: full[table][:1] for table in BARE}
    kept["scorecard.dim_period"] = [
        row
        for row in full["scorecard.dim_period"]
        if row["grain"] == "month" and row["is_headline"]
    ]
    kept["scorecard.unit_closure"] = [closure_row("kettle", "kettle")]
    return kept


BARE = (
    "scorecard.dim_scorecard",
    "scorecard.dim_perspective",
    "scorecard.dim_objective",
    "scorecard.dim_kpi",
    "scorecard.dim_unit",
    "scorecard.release",
)


def make_warehouse(path: Path, rows: Rows | None = None) -> Path:
    """Write the synthetic warehouse, or one of the given rows alone, and return its path."""
    catalogue = yaml.safe_load(CATALOGUE.read_text(encoding="utf-8"))
    drills = rows is None
    rows = rows if rows is not None else all_rows()
    with duckdb.connect(str(path)) as connection:
        for schema in sorted({table.split(".")[0] for table in catalogue}):
            connection.execute(f"create schema {schema}")
        for table, definition in catalogue.items():
            fill(connection, table, definition, rows.get(table, ()))
        if drills:
            drill_tables(connection)
    return path


if __name__ == "__main__":
    make_warehouse(Path(sys.argv[1]))
