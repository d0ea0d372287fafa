"""Running the static SQL of `sql/score/`: a step by its name, with those of the parameters that its text uses.

Not here: which steps there are, and in which order (scoring, suppression).
"""

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import duckdb

from transforms.engine import quoted

SQL = Path(__file__).with_name("sql") / "score"


def create(connection: duckdb.DuckDBPyConnection, step: str, parameters: Mapping[str, Any]) -> None:
    """Create the temporary table that is called after the step."""
    run(connection, f"create or replace temp table {quoted(step)} as", step, parameters)


def insert(
    connection: duckdb.DuckDBPyConnection, table: str, step: str, parameters: Mapping[str, Any]
) -> int:
    """Insert a step's rows into a table, by column name; give how many."""
    done = run(connection, f"insert into {quoted(table)} by name", step, parameters)
    ((count,),) = done.fetchall()
    return int(count)


def run(
    connection: duckdb.DuckDBPyConnection, act: str, step: str, parameters: Mapping[str, Any]
) -> duckdb.DuckDBPyConnection:
    """Run a step's SELECT as part of an act such as `insert into …`."""
    text = step_text(step)
    used = {name: value for name, value in parameters.items() if re.search(rf"\${name}\b", text)}
    return connection.execute(f"{act}\n{text}", used)


@cache
def step_text(step: str) -> str:
    """Give the text of a step's file."""
    return (SQL / f"{step}.sql").read_text("utf-8")
