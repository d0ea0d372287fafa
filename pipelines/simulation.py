"""What the published release would be under a changed workspace; nothing is published, and nothing stays.

It is built from the same loads for the same dates, in a folder of its own that is removed, and compared with what stands
reported. It needs no lock: it reads the lake as of the release's moment, and the ledger, both append-only, and writes neither.

Not here: the changed workspace (`overlay`), the steps (`nightly`), the comparison (`transforms.difference`) and its words
(`compared`).
"""

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from pipelines import nightly, releases
from pipelines.manifest import Manifest, program_hash, read_manifest
from pipelines.nightly import RunContext
from pipelines.quality import Arrival
from pipelines.releases import NothingPublished
from pipelines.state import State
from scorecard.workspace import Workspace
from transforms import build, ledger
from transforms.difference import Difference, difference
from transforms.engine import Limits, open_warehouse
from transforms.ledger import Report
from transforms.measures import guard_workspace
from transforms.standing import line_of

RUN_ID = "simulated"


@dataclass(frozen=True)
class Simulated:
    """What would have been reported otherwise."""

    published: Manifest
    difference: Difference
    problems: tuple[str, ...]
    """What failed in the simulated build: a measure whose SQL broke, rows of unknown units."""
    is_other_program: bool
    """The published release was made by another version of the program, which may differ by itself."""


@dataclass(frozen=True)
class _Aside(State):
    """A state folder of the simulation's own, which reads lake and ledger where they are."""

    real: State

    @property
    def lake(self) -> Path:
        """The lake of the workspace: read, never written."""
        return self.real.lake

    @property
    def parts(self) -> Path:
        """The ledger of the workspace: read, never written."""
        return self.real.parts


def simulate(
    workspace: Workspace,
    state: State,
    *,
    environment: Mapping[str, str],
    now: datetime,
    kpi: str | None = None,
    unit: str | None = None,
) -> Simulated:
    """Build what the workspace makes of the published release's loads, and compare it with what stands reported.

    Raises:
        NothingPublished: if nothing is published.

    """
    published = read_manifest(state, releases.current_run_id(state))
    if published is None:
        raise NothingPublished("Nothing is published yet: run `steelyard run` first.")
    with TemporaryDirectory(prefix="steelyard-simulate-") as made:
        aside = _Aside(Path(made), real=state)
        for known, own in ((state.verdicts, aside.verdicts), (state.verified, aside.verified)):
            if known.is_dir():
                shutil.copytree(known, own)
        context = _context(workspace, aside, published, environment=environment, now=now)
        problems = _build(context)
        found = _compare(context, published, moves_of=state, kpi=kpi, unit=unit)
    return Simulated(published, found, problems, published.program != program_hash())


def _context(
    workspace: Workspace,
    state: State,
    published: Manifest,
    *,
    environment: Mapping[str, str],
    now: datetime,
) -> RunContext:
    return RunContext(
        workspace=workspace,
        state=state,
        run_id=RUN_ID,
        started_at=now,
        as_of=published.as_of_date,
        known_at=published.known_at or published.reported_at,
        is_for_another_date=True,
        publishes=False,
        extracts=False,
        environment=environment,
    )


def _build(context: RunContext) -> tuple[str, ...]:
    """Take the loads for what they were on that night, and give what went wrong."""
    context.building.mkdir(parents=True)
    sources = context.workspace.sources.sources
    arrivals = [
        Arrival(source_id, table_id, "skipped")
        for source_id, source in sources.items()
        for table_id in source.tables
    ]
    measured = nightly.measure(context, nightly.judge(context, arrivals))
    nightly.score(context)
    return tuple(measured.problems)


def _compare(
    context: RunContext,
    published: Manifest,
    *,
    moves_of: State,
    kpi: str | None,
    unit: str | None,
) -> Difference:
    """Let the simulated warehouse say what it would report after the published release, and compare the two."""
    moves = releases.pointer_moves(moves_of)
    parts = ledger.read_parts(moves_of.parts, dict.fromkeys(move.run_id for move in moves))
    report = Report(
        run_id=RUN_ID,
        release_id=RUN_ID,
        base_run_id=published.run_id,
        as_of_date=context.as_of,
        period_start_date=build.headline(context.as_of),
        reported_at=context.started_at,
    )
    before = line_of(published.run_id, bases={run: part.base_run_id for run, part in parts.items()})
    definitions = build.definitions(context.workspace, guard_workspace(context.workspace))
    paths = context.paths
    with open_warehouse(
        paths.warehouse, limits=Limits(), temporary=paths.work / "spill"
    ) as connection:
        ledger.history_tables(
            connection, report, parts=moves_of.parts, moves=moves, definitions=definitions
        )
        return difference(
            connection, before=before, after=[RUN_ID, *before], kpi_id=kpi, unit_id=unit
        )
