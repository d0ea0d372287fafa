"""Whether the sides computed the same: components of every measure, by unit and month, beside ours.

Counts and decimals are compared to the last digit; pandas' doubles to 1e-9 of their size.

Not here: the sides.
"""

from pathlib import Path
from typing import Any

import duckdb

from scorecard.workspace import Workspace
from transforms.engine import literal, quoted

EXACT, DOUBLES = 0.0, 1e-9
COLUMNS = {"amounts": ("numerator",), "components": ("numerator", "denominator"), "keys": ("key",), "answers": ("answer", "observations")}  # fmt: skip
OURS = {"unit": "unit_id", "period": "period_start_date", "observations": "observations_count"}


class Unequal(Exception):
    """A side computed something else: which measure, and how many rows differ."""


def require_equal(
    workspace: Workspace, ours: Path, theirs: Path, *, tolerance: float = EXACT
) -> int:
    """Compare every measure with ours; give how many rows were compared.

    `theirs` is a DuckDB file with the tables `measure.<measure>` (dbt: `main_measure.measure_<measure>`), or a folder with
    `<measure>.parquet`.
    """
    compared = 0
    with duckdb.connect(config={"memory_limit": "2GB"}) as connection:
        connection.execute(f"attach {literal(str(ours))} as ours (read_only)")
        if theirs.is_file():
            connection.execute(f"attach {literal(str(theirs))} as theirs (read_only)")
        for measure in sorted(workspace.measures):
            kind = _one(
                connection,
                f"select kind from ours.measure.dim_measure where measure_id = {literal(measure)}",
            )
            columns = ("unit", "period", *COLUMNS[kind])
            compared += _compare(
                connection,
                measure,
                _select(columns, f"ours.measure.{quoted(measure)}", OURS),
                _select(columns, _place(theirs, measure), {}),
                tolerance=tolerance,
            )
    return compared


def _place(theirs: Path, measure: str) -> str:
    if theirs.is_dir():
        return f"read_parquet({literal(str(theirs / f'{measure}.parquet'))})"
    if theirs.name == "dbt.duckdb":
        return f"theirs.main_measure.{quoted(f'measure_{measure}')}"
    return f"theirs.measure.{quoted(measure)}"


def _select(columns: tuple[str, ...], table: str, names: dict[str, str]) -> str:
    types = {"unit": "varchar", "period": "date", "key": "varchar"}
    return (
        "select "
        + ", ".join(
            f"{names.get(each, each)}::{types.get(each, 'decimal(38, 9)')} as {each}"
            for each in columns
        )
        + f" from {table}"
    )


def _compare(
    connection: duckdb.DuckDBPyConnection, measure: str, ours: str, theirs: str, *, tolerance: float
) -> int:
    """Join on what names a row; what has no match, or another number, differs."""
    names = [name for name in ("unit", "period", "key", "answer") if f" as {name}" in ours]
    numbers = [
        name for name in ("numerator", "denominator", "observations") if f" as {name}" in ours
    ]
    near = " and ".join(
        f"abs(a.{name} - b.{name})::double <= {tolerance} * greatest(abs(a.{name})::double, 1)"
        for name in numbers
    )
    on = " and ".join(f"a.{name} = b.{name}" for name in names)
    different = _one(
        connection,
        f"select count(*) from ({ours}) as a full join ({theirs}) as b on {on} "
        f"where a.unit is null or b.unit is null or not ({near or 'true'})",
    )
    rows: int = _one(connection, f"select count(*) from ({ours})")
    if different or not rows:
        raise Unequal(f"{measure}: {different} rows differ, of {rows}.")
    return rows


def _one(connection: duckdb.DuckDBPyConnection, query: str) -> Any:
    ((found,),) = connection.execute(query).fetchall()
    return found
