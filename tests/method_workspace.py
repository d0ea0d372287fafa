"""An example from the pages of the method as a workspace of manual measures, scored as any workspace is.

Only contracts are left out (their verdicts take seconds, and change no number here), and pages.

Not here: reading the pages, and comparing.
"""

import csv
import io
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import yaml

from connectors.extract import extract_table
from scorecard.check import check_workspace
from scorecard.workspace import Workspace, read_workspace
from transforms.build import (
    BuildPaths,
    build_marts,
    build_measures,
    definitions,
    headline,
)
from transforms.engine import Limits, open_warehouse
from transforms.ledger import PointerMove, Report, history_tables, write_part
from transforms.measures import TableState, guard_workspace
from transforms.raw import RawTable

AS_OF = date(2026, 10, 5)
LIMITS = Limits(memory="1GB", threads=2)
OWNER = "Owner"
BY = {"who": "Reader", "when": "2026-10-01T09:00:00"}
"""Who entered a row and when, where the example does not say."""

Example = Mapping[str, Any]


def scored_nights(example: Example, company: Example, folder: Path) -> list[Path]:
    """Score an example, and what it says of a later night in `then`; give the warehouses, oldest first."""
    nights = [example] + ([{**example, **example["then"]}] if "then" in example else [])
    warehouses: list[Path] = []
    for number, night in enumerate(nights, 1):
        root = folder / f"night-{number}"
        write_workspace(night, company, root)
        workspace = read_workspace(root)
        paths = BuildPaths(folder / "lake", folder / f"{number}.duckdb", folder / f"work-{number}")
        _score(workspace, paths, number=number)
        if "then" in example:
            _report(workspace, paths, folder / "ledger", number=number)
        warehouses.append(paths.warehouse)
    return warehouses


def write_workspace(example: Example, company: Example, root: Path) -> None:
    """Write the files of a workspace, with what the page leaves out."""
    files = {
        "company.yaml": yaml.safe_dump({**company, **example.get("company", {})}),
        "strategy.yaml": yaml.safe_dump(_strategy(example)),
        "targets.csv": example.get("targets", "kpi,unit,per,valid_from,red,target\n"),
        **{f"manual/{name}.csv": _entered(rows) for name, rows in example["manual"].items()},
    }
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text, "utf-8")


def _strategy(example: Example) -> dict[str, Any]:
    perspectives = example.get("perspectives") or [
        {"id": "perspective", "objectives": [{"id": "objective", "kpis": example["kpis"]}]}
    ]
    return {"id": "card", "name": "Card", **example.get("strategy", {}), "perspectives": _named(perspectives)}  # fmt: skip


def _named(nodes: Sequence[Example]) -> list[dict[str, Any]]:
    """Name each node by its id, and give objectives and KPIs an owner."""
    named = []
    for node in nodes:
        full = {"name": node["id"], **node}
        full |= {below: _named(node[below]) for below in ("objectives", "kpis") if below in node}
        named.append(full if "objectives" in node else {"owner": OWNER, **full})
    return named


def _entered(rows: str) -> str:
    written = io.StringIO()
    found = list(csv.DictReader(io.StringIO(rows)))
    writer = csv.DictWriter(written, [*dict.fromkeys([*found[0], *BY])], lineterminator="\n")
    writer.writeheader()
    writer.writerows({**BY, **row} for row in found)
    return written.getvalue()


def _score(workspace: Workspace, paths: BuildPaths, *, number: int) -> None:
    """Land what was entered, measure, and score."""
    errors = [found for found in check_workspace(workspace) if found.severity == "error"]
    assert errors == []
    raw = list(_landed(workspace, paths.lake, number=number))
    states = [TableState(each.source_id, each.table_id, each.loads[-1].data_as_of, False) for each in raw]  # fmt: skip
    build_measures(
        workspace, paths=paths, raw_tables=raw, states=states, quality={}, as_of=AS_OF, limits=LIMITS
    )  # fmt: skip
    build_marts(workspace, paths=paths, as_of=AS_OF, limits=LIMITS)


def _landed(workspace: Workspace, lake: Path, *, number: int) -> Iterator[RawTable]:
    for source_id, source in workspace.sources.sources.items():
        for table_id, table in source.tables.items():
            found = extract_table(
                source_id, table_id, source=source, root=workspace.root, lake=lake, environment={},
                since=None, now=_moment(number), today=AS_OF,
            )  # fmt: skip
            yield RawTable(source_id, table_id, table, (found.manifest,), newest=found.manifest)


def _report(workspace: Workspace, paths: BuildPaths, ledger: Path, *, number: int) -> None:
    """Write what a night reports to the ledger, on top of the night before."""
    report = Report(
        run_id=str(number), release_id=f"r-{number}", base_run_id=str(number - 1) if number > 1 else None,
        as_of_date=AS_OF, period_start_date=headline(AS_OF),
        reported_at=_moment(number),
    )  # fmt: skip
    moves = [PointerMove(str(run), "publish", _moment(run)) for run in range(1, number)]
    made = definitions(workspace, guard_workspace(workspace))
    with open_warehouse(paths.warehouse, limits=LIMITS, temporary=paths.work / "spill") as connection:  # fmt: skip
        history_tables(connection, report, parts=ledger, moves=moves, definitions=made)
        write_part(connection, report, parts=ledger)


def _moment(number: int) -> datetime:
    """Give the moment of a night: the first is at one o'clock."""
    return datetime(2026, 10, 5, number, tzinfo=UTC)
