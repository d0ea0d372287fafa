"""Where the time of a run went, as a table for the terminal: what came before it, every part, every definition, every group of pages.

Not here: measuring (`night`), and the run's record, which holds the same figures.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from rich.table import Table

from pipelines.plural import counted
from pipelines.runs import RunRecord, TableRecord

DEFINITIONS, PAGES = "staging and measures", "pages"


def profile(record: RunRecord, *, before: Mapping[str, float], total: float) -> Table:
    """Give the table. `before` is what this process did before the run, `total` its whole time, both in seconds."""
    table = Table(title=f"Where the time of run {record.run_id} went", title_justify="left")
    table.add_column("part", no_wrap=True)
    table.add_column("seconds", justify="right")
    table.add_column("rows", justify="right")
    table.add_column("why", overflow="fold")
    for row in _rows(record, before, total):
        table.add_row(*row)
    return table


def _rows(
    record: RunRecord, before: Mapping[str, float], total: float
) -> Iterator[tuple[str, str, str, str]]:
    for name, seconds in before.items():
        yield _row(name, seconds)
    for part, seconds in record.seconds.items():
        yield _row(part, seconds)
        if part == DEFINITIONS:
            yield from map(_definition, record.tables)
        if part == PAGES:
            yield from _groups(record)
    if DEFINITIONS not in record.seconds and record.tables:
        yield _row(
            DEFINITIONS, 0.0, why=f"{counted(len(record.tables), 'table')}, all as they were"
        )
    rest = total - sum(before.values()) - sum(record.seconds.values())
    yield _row("Dagster and the rest", max(rest, 0.0))
    yield _row("all", total)


def _definition(each: TableRecord) -> tuple[str, str, str, str]:
    why = "reused" if each.is_reused else each.why_made or "made"
    rows = "" if each.row_count is None else f"{each.row_count:,}"
    return _row(f"  {each.name}", each.seconds, rows=rows, why=each.failure or why)


def _groups(record: RunRecord) -> Iterator[tuple[str, str, str, str]]:
    slowest_first = sorted(record.pages.items(), key=lambda item: -item[1])
    yield from (_row(f"  {group}", seconds) for group, seconds in slowest_first)


def _row(name: str, seconds: float, **more: Any) -> tuple[str, str, str, str]:
    return name, f"{seconds:.2f}", more.get("rows", ""), more.get("why", "")
