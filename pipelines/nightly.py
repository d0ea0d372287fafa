"""What a night does, step by step, in plain functions: each takes what it needs and gives what it made.

    extract_table -> judge -> measure -> score -> name -> report -> audit -> draw -> publish

Not here: when a step runs and how long it took (`night`), how Dagster sees it (`definitions`), what it means (transforms).
"""

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import TypedDict

import duckdb

from connectors import lake
from connectors.errors import SourceBroken, SourceUnavailable
from connectors.extract import extract_table as extract
from pipelines import releases, soundness
from pipelines.engines import engine_of
from pipelines.manifest import Manifest, program_hash, read_manifest
from pipelines.measured import Measured
from pipelines.quality import Arrival, Judged, TableNight
from pipelines.runs import HeadlineRecord
from pipelines.state import State
from scorecard.load import LoadManifest
from scorecard.sealed import sealed
from scorecard.sources import AnySource
from scorecard.workspace import Workspace
from transforms import audit, build, ledger, summary
from transforms.audit import AuditResult
from transforms.contracts import LandedTable, judge_table, judge_tables
from transforms.engine import Limits, open_warehouse
from transforms.kept import TABLES, Keeping
from transforms.ledger import LedgerPart, Report
from transforms.measures import guard_workspace
from transforms.standing import line_of


@dataclass(frozen=True)
class RunContext:
    """What a run is asked to do, and where."""

    workspace: Workspace
    state: State
    run_id: str
    started_at: datetime
    as_of: date
    """Business date."""
    known_at: datetime | None
    """Only loads extracted by then count; None: all."""
    is_for_another_date: bool
    """For another business date, or an earlier moment of knowledge, than the present one."""
    publishes: bool
    """Moves the pointer and writes the ledger."""
    extracts: bool
    environment: Mapping[str, str]
    is_fresh: bool = False
    """Computes everything anew, whatever is kept of earlier nights."""

    @property
    def building(self) -> Path:
        """The release as it is being built."""
        return self.state.building(self.run_id)

    @property
    def paths(self) -> build.BuildPaths:
        """Where transforms work."""
        return build.BuildPaths(
            lake=self.state.lake,
            warehouse=self.building / "warehouse.duckdb",
            work=self.building / "work",
        )

    @property
    def keeping(self) -> Keeping | None:
        """Where tables are kept from night to night; a run for another date changes nothing there."""
        if not self.workspace.company.keep.tables:
            return None
        return Keeping(
            self.state.kept / TABLES,
            is_changed=not self.is_for_another_date,
            is_fresh=self.is_fresh and not self.is_for_another_date,
        )

    @property
    def fixed_today(self) -> date | None:
        """The business date where the workspace fixes one; a run may go beyond it."""
        today = self.workspace.company.today
        return None if today is None else max(today, self.as_of)

    def source(self, source_id: str) -> AnySource:
        """Give a source of the workspace."""
        return self.workspace.sources.sources[source_id]

    def loads(self, source_id: str, table_id: str) -> list[LoadManifest]:
        """Give the loads of a table that are known at the moment of knowledge, oldest first."""
        found = lake.loads(self.state.lake, source_id, table_id)
        return [
            load for load in found if self.known_at is None or load.extracted_at <= self.known_at
        ]


def extract_table(
    context: RunContext, source_id: str, table_id: str, *, since: LoadManifest | None, now: datetime
) -> Arrival:
    """Ask a source for one table; an answer that does not come is an outcome, not an error."""
    try:
        extraction = extract(
            source_id,
            table_id,
            source=context.source(source_id),
            root=context.workspace.root,
            lake=context.state.lake,
            environment=context.environment,
            since=since,
            now=now,
            time_zone=context.workspace.company.time_zone,
            today=context.fixed_today,
        )
    except (SourceUnavailable, SourceBroken) as error:
        return Arrival(
            source_id,
            table_id,
            "failed",
            message=str(error),
            may_come_later=isinstance(error, SourceUnavailable),
        )
    rows = extraction.manifest.row_count if extraction.outcome == "loaded" else 0
    return Arrival(source_id, table_id, extraction.outcome, row_count=rows)


def last_accepted(context: RunContext, source_id: str, table_id: str) -> LoadManifest | None:
    """Give the last load of a table that its contract accepted: there its cursor goes on."""
    verdict = judge_table(_landed(context, source_id, table_id), **_judging(context))
    return verdict.accepted[-1] if verdict.accepted else None


def judge(context: RunContext, arrivals: Sequence[Arrival]) -> Judged:
    """Hold every load to its contract, after a look at lake and ledger: nothing is made from what is damaged.

    Raises:
        LakeDamaged: a load is not as it was written.
        LedgerError: so is a part of the ledger; also in a night that would report nothing new.

    """
    published = releases.published_run_ids(context.state)
    parts = ledger.read_parts(context.state.parts, published)
    soundness.require_sound_parts(context.state, parts)
    landed = [_landed(context, each.source_id, each.table_id) for each in arrivals]
    verdicts = judge_tables(landed, **_judging(context))
    return Judged(
        tuple(
            TableNight(arrival, verdict, context.source(arrival.source_id), context.as_of)
            for arrival, verdict in zip(arrivals, verdicts, strict=True)
        )
    )


def _landed(context: RunContext, source_id: str, table_id: str) -> LandedTable:
    loads = tuple(context.loads(source_id, table_id))
    soundness.require_sound_loads(context.state, loads)
    return LandedTable(
        source_id=source_id,
        table_id=table_id,
        table=context.source(source_id).tables[table_id],
        loads=loads,
        contract=context.workspace.contracts.get(f"{source_id}__{table_id}"),
    )


class _Judging(TypedDict):
    lake: Path
    cache: Path
    temporary: Path
    limits: Limits


def _judging(context: RunContext) -> _Judging:
    return {
        "lake": context.state.lake,
        "cache": context.state.verdicts,
        "temporary": context.paths.work / "spill",
        "limits": Limits.of(context.workspace.company),
    }


def measure(context: RunContext, judged: Judged) -> Measured:
    """Create the warehouse, and in it the staging tables and measures of the workspace."""
    if context.keeping is None and context.state.kept.exists():
        shutil.rmtree(context.state.kept)
    built = build.build_measures(
        context.workspace,
        paths=context.paths,
        raw_tables=judged.raw_tables,
        states=judged.states,
        quality=judged.quality,
        as_of=context.as_of,
        keeping=context.keeping,
        engine=engine_of(context.workspace, context.environment),
    )
    with duckdb.connect(str(context.paths.warehouse), read_only=True) as connection:
        unplaced = summary.unplaced(connection)
    return Measured(built, {f"measure.{each.measure_id}": each for each in unplaced})


def score(context: RunContext) -> str:
    """Compute values and scores, write the marts as Parquet, and give the release's name."""
    build.build_marts(context.workspace, paths=context.paths, as_of=context.as_of)
    return build.name_release(
        paths=context.paths, marts=context.building / "marts", as_of=context.as_of
    )


def is_current(context: RunContext, release_id: str) -> bool:
    """Say whether the current release has this content, made by this version of the program."""
    manifest = read_manifest(context.state, releases.current_run_id(context.state))
    return manifest is not None and (manifest.release_id, manifest.program) == (
        release_id,
        program_hash(),
    )


def report(context: RunContext, release_id: str, *, now: datetime) -> tuple[Report, dict[str, int]]:
    """Fill the history tables; give what the run reports, and how many rows it changes.

    A run for another date, unless it is published, is laid beside what stood reported then.
    """
    state = context.state
    parts = ledger.read_parts(state.parts, releases.published_run_ids(state))
    made = Report(
        run_id=context.run_id,
        release_id=release_id,
        base_run_id=_base(context, parts),
        as_of_date=context.as_of,
        period_start_date=build.headline(context.as_of),
        reported_at=now,
    )
    definitions = build.definitions(context.workspace, guard_workspace(context.workspace))
    paths = context.paths
    with open_warehouse(
        paths.warehouse, limits=Limits.of(context.workspace.company), temporary=paths.work / "spill"
    ) as connection:
        changes = ledger.history_tables(
            connection,
            made,
            parts=state.parts,
            moves=releases.pointer_moves(state),
            definitions=definitions,
        )
        ledger.write_marts(connection, context.building / "marts")
    return made, changes


def _base(context: RunContext, parts: Mapping[str, LedgerPart]) -> str | None:
    """Give the release that changes are counted from: for another date, the newest on the reported line that was known then."""
    head = releases.reported_run_id(context.state)
    if context.publishes:
        return head
    moment = context.known_at or context.started_at
    line = line_of(head, bases={run_id: part.base_run_id for run_id, part in parts.items()})
    then = (
        run_id
        for run_id in line
        if parts[run_id].as_of_date <= context.as_of and parts[run_id].reported_at <= moment
    )
    return next(then, None)


def mart_rows(release: Path) -> dict[str, int]:
    """Count the rows of every published table of a release."""
    with duckdb.connect(str(release / "warehouse.duckdb"), read_only=True) as connection:
        return summary.row_counts(connection)


def audit_marts(context: RunContext) -> list[AuditResult]:
    """Audit the marts as they would be published."""
    return audit.audit_marts(context.paths.warehouse)


def draw(context: RunContext, *, spent: dict[str, float]) -> dict[str, int]:
    """Build the site from the warehouse alone; give the number of pages by group, and note in `spent` how long each took."""
    from reports import site  # noqa: PLC0415 - takes a second to import, and a night without change draws nothing

    return site.build(context.paths.warehouse, context.building / "site", spent=spent)


def file_count(pages: Mapping[str, int]) -> int:
    """Count those of what was drawn that are no pages, but files to take away."""
    from reports.site import FILE_GROUPS  # noqa: PLC0415

    return sum(count for group, count in pages.items() if group in FILE_GROUPS)


def audit_pages(context: RunContext) -> list[str]:
    """Audit the site as it would be published; give what is wrong."""
    from reports.audit import audit_site  # noqa: PLC0415

    return audit_site(context.building / "site", context.paths.warehouse)


def headline(context: RunContext) -> HeadlineRecord:
    """Read the scorecard's score from the warehouse that was just built."""
    return read_headline(context.paths.warehouse)


def read_headline(warehouse: Path) -> HeadlineRecord:
    """Read the scorecard's score for the organisation and the headline month."""
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        found = summary.headline(connection)
    return HeadlineRecord(**found)


def finish(context: RunContext, report: Report, *, headline: HeadlineRecord) -> None:
    """Clear the work space, write sums and manifest, and rename the build into a release."""
    shutil.rmtree(context.paths.work)
    manifest = Manifest(
        **report.model_dump(),
        known_at=context.known_at,
        started_at=context.started_at,
        program=program_hash(),
        headline=headline,
        sums_sha256=soundness.write_sums(context.state, context.run_id),
    )
    (context.building / "manifest.json").write_text(sealed(manifest), "utf-8")
    releases.finish_build(context.state, context.run_id)


def publish(context: RunContext, report: Report, *, now: datetime) -> None:
    """Write the ledger's part, then move the pointer, then let old releases go."""
    state = context.state
    warehouse = state.release(context.run_id) / "warehouse.duckdb"
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        ledger.write_part(connection, report, parts=state.parts)
    releases.move_pointer(state, context.run_id, kind="publish", at=now)
    releases.prune(state, keep=context.workspace.company.keep, now=now)


def tidy(context: RunContext) -> None:
    """Remove the build, unless it has become a release or was kept aside."""
    if context.building.is_dir():
        shutil.rmtree(context.building)
