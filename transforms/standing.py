"""What stood reported at a release: its part of the ledger laid over those of the releases that it was built on.

Not here: the parts on the disk (ledger), and how two releases differ (difference).
"""

from collections.abc import Mapping, Sequence

import duckdb

from transforms.catalogue import catalogue
from transforms.engine import quoted

REPORTED = (
    "reported_value",
    "reported_score",
    "reported_target",
    "reported_weight",
    "reported_closure",
)
"""Tables of the schema `history` that keep changes, one row per run and thing that changed."""


def line_of(run_id: str | None, *, bases: Mapping[str, str | None]) -> list[str]:
    """Give the run and those that it builds on, newest first; empty for None."""
    line: list[str] = []
    while run_id is not None:
        line.append(run_id)
        run_id = bases[run_id]
    return line


def lay(
    connection: duckdb.DuckDBPyConnection, table: str, *, line: Sequence[str], name: str
) -> None:
    """Create the temporary table `name`: what the table of REPORTED held at the release whose line is given."""
    keys = [key for key in catalogue()[f"history.{table}"].key if key != "run_id"]
    things = ", ".join(f"reported.{quoted(key)}" for key in keys)
    connection.execute(
        f"create or replace temp table {quoted(name)} as select reported.* "
        f"from {quoted(f'history.{table}')} as reported "
        "where list_contains($line::varchar[], reported.run_id) "
        f"qualify row_number() over (partition by {things} "
        "order by list_position($line::varchar[], reported.run_id)) = 1 and not reported.is_withdrawn",
        {"line": list(line)},
    )
