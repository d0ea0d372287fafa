"""The same SQL as a hand-written DuckDB script runs it: views over Parquet, staging tables, measure tables, in one file.

The order is written down by hand, as in a script; nothing is checked, nothing described, nothing published.
"""

from pathlib import Path

import duckdb

from benchmarks.task import Task, carry_out

STAGING = ("sales__order", "sales__order_line", "service__ticket", "service__answer", "works__work_order", "people__person_month")  # fmt: skip


def run_script(task: Task) -> None:
    """Run staging, then measures."""
    root, out = Path(task.workspace), Path(task.out)
    with duckdb.connect(str(out / "script.duckdb")) as connection:
        connection.execute(f"set memory_limit = '{task.memory}'")
        connection.execute(f"set temp_directory = '{out / 'spill'}'")
        for schema in ("raw", "staging", "measure"):
            connection.execute(f"create schema {schema}")
        for name, files in task.raw.items():
            connection.execute(f"create view raw.{name} as from read_parquet({files})")
        for name in STAGING:
            text = (root / "staging" / f"{name}.sql").read_text("utf-8")
            connection.execute(f"create table staging.{name} as {text}")
        for path in sorted((root / "measures").glob("*.sql")):
            connection.execute(f"create table measure.{path.stem} as {path.read_text('utf-8')}")


if __name__ == "__main__":
    carry_out(run_script)
