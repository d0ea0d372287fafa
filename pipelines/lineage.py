"""Which published table is made from which, read from the SQL that makes it.

Not here: lineage of the workspace's own SQL, which `transforms.sql_guard` gives.
"""

from collections.abc import Iterator
from functools import cache
from pathlib import Path

import sqlglot
from sqlglot import exp

import transforms
from transforms.catalogue import catalogue

_SQL = Path(transforms.__path__[0]) / "sql"
_MADE_BY = {
    "node_score": ("kpi_node_score", "parent_score"),
    "scorecard.objective_score": ("level_score",),
    "scorecard.perspective_score": ("level_score",),
    "scorecard.scorecard_score": ("level_score",),
    "unit_set_now": ("unit_set",),
    "unit_set_then": ("unit_set",),
    "score_cause": ("kpi_cause", "parent_cause"),
}
"""Tables whose SQL file is not called after them."""
_HISTORY = {
    "history.release": ("scorecard.release",),
    "history.pointer": (),
    "history.definition": ("scorecard.dim_kpi",),
}
"""Tables that Python fills, from what these hold."""


@cache
def mart_lineage() -> dict[str, tuple[str, ...]]:
    """Give, for each table of the catalogue, the tables of the catalogue that it is made from, sorted."""
    return {name: tuple(sorted(_published(name, frozenset()) - {name})) for name in catalogue()}


def _published(name: str, seen: frozenset[str]) -> set[str]:
    """Follow temporary tables back to published ones."""
    if name in _HISTORY:
        return set(_HISTORY[name])
    found: set[str] = set()
    for table in {table for file in _files(name) for table in _reads(file)} - seen:
        if table in catalogue():
            found.add(table)
        else:
            found |= _published(table, seen | {table})
    return found


def _files(name: str) -> Iterator[Path]:
    for step in _MADE_BY.get(name, (name.rsplit(".", maxsplit=1)[-1],)):
        folders = ("ledger",) if name.startswith("history.") else ("score", "ledger")
        yield from (path for folder in folders if (path := _SQL / folder / f"{step}.sql").exists())


@cache
def _reads(path: Path) -> frozenset[str]:
    tree = sqlglot.parse_one(path.read_text("utf-8"), read="duckdb")
    ctes = {cte.alias for cte in tree.find_all(exp.CTE)}
    names = {f"{table.db}.{table.name}".strip(".") for table in tree.find_all(exp.Table)}
    return frozenset(names - ctes)
