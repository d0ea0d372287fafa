"""Builds the benchmark's warehouse: some nights in a row, by the product's own connectors and transforms.

Contracts are left out (there are none), and so is Dagster. Not here: the workspace, and what is measured.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path

from benchmarks.size import Size
from benchmarks.workspace import LAST_MONTH, months_until, write_rows, write_workspace
from connectors.extract import extract_table
from scorecard.check import check_workspace
from scorecard.load import LoadManifest
from scorecard.workspace import Workspace, read_workspace
from transforms.build import (
    BuildPaths,
    build_marts,
    build_measures,
    definitions,
    headline,
    name_release,
)
from transforms.engine import Limits, open_warehouse
from transforms.ledger import PointerMove, Report, history_tables, write_part
from transforms.measures import TableState, guard_workspace
from transforms.raw import RawTable
from transforms.strategy_tables import Row

SOURCE, TABLE = "figures", "fact"
LIMITS = Limits(memory="4GB", threads=2)


def build_warehouse(folder: Path, size: Size) -> Path:
    """Build the warehouse of the last of the nights; give its path. One that is there already stays as it is."""
    home = folder / size.name
    root, target = home / "workspace", home / "warehouse.duckdb"
    if target.is_file():
        return target
    write_workspace(root, size)
    loads: list[LoadManifest] = []
    for night in range(1, size.nights + 1):
        write_rows(root, size, night=night)
        workspace = read_workspace(root)
        errors = [found for found in check_workspace(workspace) if found.severity == "error"]
        if errors:
            raise ValueError(f"The benchmark's workspace is unsound: {errors[0]}")
        paths = BuildPaths(
            home / "lake",
            home / f"{night}.duckdb",
            home / f"work-{night}",
        )
        loads.append(_landed(workspace, paths.lake, night=night, size=size))
        _score(workspace, paths, loads=loads, as_of=_as_of(size, night))
        _report(workspace, paths, home / "ledger", night=night, as_of=_as_of(size, night))
    return paths.warehouse.rename(target)


def _as_of(size: Size, night: int) -> date:
    """Return the business date of a night: some days after its last month."""
    month = months_until(LAST_MONTH, size.nights)[night - 1]
    return date(month.year + month.month // 12, month.month % 12 + 1, 5)


def _moment(night: int) -> datetime:
    return datetime(2026, 10, 5, night, tzinfo=UTC)


def _landed(workspace: Workspace, lake: Path, *, night: int, size: Size) -> LoadManifest:
    return extract_table(
        SOURCE,
        TABLE,
        source=workspace.sources.sources[SOURCE],
        root=workspace.root,
        lake=lake,
        environment={},
        since=None,
        now=_moment(night),
        today=_as_of(size, night),
    ).manifest


def _score(
    workspace: Workspace, paths: BuildPaths, *, loads: Sequence[LoadManifest], as_of: date
) -> None:
    newest = loads[-1]
    table = workspace.sources.sources[SOURCE].tables[TABLE]
    build_measures(
        workspace,
        paths=paths,
        raw_tables=[RawTable(SOURCE, TABLE, table, tuple(loads), newest=newest)],
        states=[TableState(SOURCE, TABLE, newest.data_as_of, False)],
        quality=_quality(loads),
        as_of=as_of,
        limits=LIMITS,
    )
    build_marts(workspace, paths=paths, as_of=as_of, limits=LIMITS)
    name_release(paths=paths, marts=paths.work / "marts", as_of=as_of, limits=LIMITS)


def _quality(loads: Sequence[LoadManifest]) -> Mapping[str, Sequence[Row]]:
    newest = loads[-1]
    return {
        "quality.load": [
            {
                "source_id": SOURCE,
                "table_id": TABLE,
                "load_id": load.load_id,
                "row_count": load.row_count,
                "byte_count": load.byte_count,
                "content_hash": load.content_hash,
                "extracted_at": load.extracted_at.replace(tzinfo=None),
                "data_as_of_date": load.data_as_of,
                "is_snapshot": load.is_snapshot,
                "verdict": "unchecked",
                "is_selected": load is newest,
                "quarantined_count": 0,
            }
            for load in loads
        ],
        "quality.source_status": [
            {
                "source_id": SOURCE,
                "table_id": TABLE,
                "source_name": "Figures",
                "owner_name": "Head of finance",
                "area": "finance",
                "outcome": "good",
                "selected_load_id": newest.load_id,
                "data_as_of_date": newest.data_as_of,
                "is_fresh": True,
            }
        ],
    }


def _report(
    workspace: Workspace, paths: BuildPaths, ledger: Path, *, night: int, as_of: date
) -> None:
    """Write what a night reports to the ledger, on top of the night before."""
    report = Report(
        run_id=_run(night),
        release_id=f"r-{night:010}",
        base_run_id=_run(night - 1) if night > 1 else None,
        as_of_date=as_of,
        period_start_date=headline(as_of),
        reported_at=_moment(night),
    )
    moves = [PointerMove(_run(before), "publish", _moment(before)) for before in range(1, night)]
    made = definitions(workspace, guard_workspace(workspace))
    spill = paths.work / "spill"
    with open_warehouse(paths.warehouse, limits=LIMITS, temporary=spill) as connection:
        history_tables(connection, report, parts=ledger, moves=moves, definitions=made)
        write_part(connection, report, parts=ledger)


def _run(night: int) -> str:
    return f"20261005T{night:02}0000Z-{night:06}"
