"""Our side of "Parquet in the lake to components": staging and measures as a night builds them, without contracts.

Not here: the other sides (beside).
"""

import shutil
from datetime import date
from pathlib import Path

import pandas as pd  # noqa: F401 - pyarrow imports it for its first table; imports are not timed on any side

from benchmarks.task import Task, carry_out
from connectors.lake import loads
from scorecard.workspace import read_workspace
from transforms.build import BuildPaths, build_measures
from transforms.engine import Limits
from transforms.measures import TableState
from transforms.raw import RawTable


def build_components(task: Task) -> None:
    """Build the measures of the workspace from the newest loads of the lake."""
    workspace = read_workspace(Path(task.workspace))
    out, lake = Path(task.out), Path(task.lake)
    tables, states = [], []
    for source_id, source in workspace.sources.sources.items():
        for table_id, table in source.tables.items():
            newest = loads(lake, source_id, table_id)[-1]
            tables.append(RawTable(source_id, table_id, table, (newest,), newest=newest))
            states.append(TableState(source_id, table_id, newest.data_as_of, False))
    built = build_measures(
        workspace,
        paths=BuildPaths(lake, out / "warehouse.duckdb", out / "work"),
        raw_tables=tables,
        states=states,
        quality={},
        as_of=date.fromisoformat(task.as_of),
        limits=Limits(memory=task.memory),
    )
    wrong = [
        f"{each.name}: {each.error or each.missing}"
        for each in built.values()
        if each.row_count is None
    ]
    if wrong:
        raise SystemExit("\n".join(wrong))
    shutil.rmtree(out / "work")


if __name__ == "__main__":
    carry_out(build_components)
