"""One run while it goes on: the lock, the parts as they are asked for, how long each took, and the record of it all.

Every part is made once, when it is first asked for, and asks for the parts that it needs. So the nightly job runs them in
order, and a person who materialises one table in the Dagster UI gets that table and what it rests on, and nothing more.

Not here: what a part does (`nightly`).
"""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Literal
from zoneinfo import ZoneInfo

from pipelines import nightly, releases, remembered, runs
from pipelines.measured import Measured
from pipelines.nightly import RunContext
from pipelines.plural import counted
from pipelines.progress import Progress
from pipelines.quality import Arrival, Judged
from pipelines.remembered import Unchanged
from pipelines.runs import CheckRecord, HeadlineRecord, RunRecord, Status
from pipelines.state import State
from scorecard.load import LoadManifest
from scorecard.workspace import Workspace
from transforms.audit import AuditResult
from transforms.ledger import Report


@dataclass(frozen=True)
class Order:
    """What a person, or the schedule, asks of a run."""

    as_of: date | None = None
    """Business date; the workspace's own, or today, where left out."""
    known_at: datetime | None = None
    publish: bool = False
    """Publish also a run for another date than the present one."""
    extract: bool = True
    fresh: bool = False
    """Compute everything anew, whatever is kept of earlier nights."""
    is_partial: bool = False
    """Only some assets, asked for by a person: nothing is published."""


class AuditFailed(Exception):
    """The release must not be published: its audit found what it lists."""


class Night:
    """A run that holds the lock."""

    def __init__(
        self,
        context: RunContext,
        *,
        is_partial: bool,
        progress: Progress,
        clock: Callable[[], datetime],
    ) -> None:
        """Start with nothing made."""
        self.context = context
        self.progress = progress
        self.status: Status | None = None
        self.problems: list[str] = []
        self.missed: tuple[date, ...] = ()
        self._is_partial = is_partial
        self._clock = clock
        self._seconds: dict[str, float] = {}
        self._drawing: dict[str, float] = {}
        self._arrivals: dict[tuple[str, str], Arrival] = {}

    # --- the parts, in the order of a night --------------------------------------------------------------------------

    def extract(self, source_id: str, *, is_last: bool) -> bool:
        """Ask a source for its tables; say whether one did not come that is worth another try.

        Tables that have come are not asked for again. With `is_last` there is no other try.
        """
        with self._part(f"extract {source_id}") as say:
            for table_id in self.context.source(source_id).tables:
                known = self._arrivals.get((source_id, table_id))
                if known is None or known.may_come_later:
                    self._arrivals[source_id, table_id] = self._ask(source_id, table_id)
            arrivals = self.arrivals(source_id)
            say(_came(arrivals))
        return not is_last and any(arrival.may_come_later for arrival in arrivals)

    def arrivals(self, source_id: str) -> list[Arrival]:
        """Give what came from a source; tables that were not asked for are skipped."""
        return [
            self._arrivals.get((source_id, table), Arrival(source_id, table, "skipped"))
            for table in self.context.source(source_id).tables
        ]

    @cached_property
    def judged(self) -> Judged:
        """Contract verdicts on all loads, and with them the selection of what staging reads."""
        sources = self.context.workspace.sources.sources
        arrivals = [arrival for source in sources for arrival in self.arrivals(source)]
        with self._part("contracts") as say:
            judged = nightly.judge(self.context, arrivals)
            checks = judged.checks
            say(
                f"{counted(checks.passed, 'check')} passed, {checks.failed} failed, {checks.warned} warned"
            )
        self.problems.extend(judged.problems)
        return judged

    @cached_property
    def unchanged(self) -> Unchanged | None:
        """The current release, where it is known before computing anything that tonight's would equal it."""
        judged = self.judged
        with self._part("comparison") as say:
            found = remembered.recall(self.context, judged)
            say("nothing is new" if found else "something is new")
        return found

    @cached_property
    def measured(self) -> Measured:
        """Staging tables and measures."""
        judged = self.judged
        if self.unchanged:
            measured = self.unchanged.measured
        else:
            with self._part("staging and measures") as say:
                measured = nightly.measure(self.context, judged)
                say(measured.summary)
        self.problems.extend(measured.problems)
        return measured

    @cached_property
    def release_id(self) -> str:
        """Scores, the marts as Parquet, and the release's name, which says what is in them."""
        _ = self.measured  # scores rest on measures
        if self.unchanged:
            return self.unchanged.manifest.release_id
        with self._part("scores") as say:
            release_id = nightly.score(self.context)
            say(release_id)
        return release_id

    @cached_property
    def is_unchanged(self) -> bool:
        """Everything is as in the current release, so that there is nothing to publish."""
        release_id = self.release_id
        if self.unchanged:
            return True
        return self.context.publishes and nightly.is_current(self.context, release_id)

    @cached_property
    def report(self) -> Report:
        """The history tables, and what this run reports."""
        release_id = self.release_id
        with self._part("history") as say:
            report, changes = nightly.report(self.context, release_id, now=self._clock())
            values = counted(changes["reported_value"], "value")
            say(f"{values} and {counted(changes['reported_score'], 'score')} changed")
        return report

    @cached_property
    def mart_rows(self) -> Mapping[str, int]:
        """How many rows each published table has."""
        if self.unchanged:
            return self.unchanged.mart_rows
        if not self.is_unchanged:
            _ = self.report  # history belongs to the marts
        return nightly.mart_rows(self.context.building)

    @cached_property
    def audited(self) -> list[AuditResult]:
        """The audit of the marts."""
        _ = self.report  # history is audited too
        with self._part("audit of the marts") as say:
            found = nightly.audit_marts(self.context)
            say(f"{counted(len(found), 'check')}, {sum(not each.passed for each in found)} failed")
        return found

    @cached_property
    def pages(self) -> dict[str, int]:
        """The site, built and audited, after the marts have been audited: pages and files by group."""
        self._stop_on([str(each) for each in self.audited if not each.passed])
        with self._part("pages") as say:
            pages = nightly.draw(self.context, spent=self._drawing)
            files = nightly.file_count(pages)
            taken = f", {counted(files, 'file')} to take away" if files else ""
            say(counted(sum(pages.values()) - files, "page") + taken)
        with self._part("audit of the site") as say:
            self._stop_on(nightly.audit_pages(self.context))
            say("passed")
        return pages

    def publish(self) -> None:
        """Finish the release and, unless the run is for another date or nothing changed, move the pointer to it."""
        _ = self.headline  # read while the warehouse is there
        if self.is_unchanged:
            self._remember()
            self.status = "unchanged"
            return
        _ = self.pages  # built and audited before anything is renamed
        with self._part("publish") as say:
            nightly.finish(self.context, self.report, headline=self.headline)
            if self.context.publishes:
                nightly.publish(self.context, self.report, now=self._clock())
                self._remember()
            self.status = "published" if self.context.publishes else "built"
            say(f"{self.release_id} {self.status}")

    def failed(self, step: str, error: BaseException) -> None:
        """Note that a step failed; its part may have said so already."""
        self.status = "failed"
        if not any(str(error) in problem for problem in self.problems):
            self.problems.append(f"{step}: {type(error).__name__}: {error}")

    # --- what is known of it -----------------------------------------------------------------------------------------

    @cached_property
    def headline(self) -> HeadlineRecord:
        """The scorecard's score."""
        _ = self.release_id  # scores come first
        return (
            self.unchanged.manifest.headline if self.unchanged else nightly.headline(self.context)
        )

    def seconds(self, part: str) -> float | None:
        """Give how long a part took; None where it was not needed."""
        return self._seconds.get(part)

    def seconds_of_pages(self, group: str) -> float | None:
        """Give how long a group of pages took, all processes together; None where it was not drawn."""
        return self._drawing.get(group)

    @property
    def exit_code(self) -> int:
        """0 good; 1 failed, nothing published; 2 published, but a source, contract, measure or check failed."""
        if self.status is None or self.status == "failed":
            return 1
        return 2 if self.problems else 0

    def record(self, status: Status, *, finished_at: datetime | None = None) -> RunRecord:
        """Give the run's record as it stands."""
        made = self.__dict__
        judged: Judged | None = made.get("judged")
        measured: Measured | None = made.get("measured")
        checks = [each.checks for each in (judged, measured) if each]
        return RunRecord(
            run_id=self.context.run_id,
            kind=self._kind,
            status=status,
            started_at=self.context.started_at,
            finished_at=finished_at,
            exit_code=self.exit_code if finished_at else None,
            pid=runs.own_process(),
            as_of=self.context.as_of,
            known_at=self.context.known_at,
            release_id=made.get("release_id"),
            sources=judged.sources if judged else (),
            checks=sum(checks, CheckRecord()),
            headline=made.get("headline", HeadlineRecord()),
            tables=measured.records if measured else (),
            pages={group: round(seconds, 3) for group, seconds in self._drawing.items()},
            seconds={part: round(seconds, 3) for part, seconds in self._seconds.items()},
            problems=tuple(self.problems),
            missed_nights=self.missed,
        )

    @property
    def _kind(self) -> Literal["nightly", "other_date", "partial"]:
        if self._is_partial:
            return "partial"
        return "other_date" if self.context.is_for_another_date else "nightly"

    # --- the machinery -----------------------------------------------------------------------------------------------

    def _ask(self, source_id: str, table_id: str) -> Arrival:
        if not self.context.extracts:
            return Arrival(source_id, table_id, "skipped")
        return nightly.extract_table(
            self.context,
            source_id,
            table_id,
            since=self._since(source_id, table_id),
            now=self._clock(),
        )

    def _since(self, source_id: str, table_id: str) -> LoadManifest | None:
        """Give the last accepted load of a table with a cursor: rejected increments are asked for again."""
        if self.context.source(source_id).tables[table_id].cursor is None:
            return None
        return nightly.last_accepted(self.context, source_id, table_id)

    @contextmanager
    def _part(self, name: str) -> Iterator[Callable[[str], None]]:
        """Time a part, show it, and note its failure; the value takes the part's summary."""
        summary: list[str] = []
        start = time.perf_counter()
        self.progress.begin(name)
        try:
            yield summary.append
        except Exception as error:
            summary[:] = ["failed"]
            self.status = "failed"
            self.problems.append(f"{name}: {error}")
            raise
        finally:
            seconds = time.perf_counter() - start
            self._seconds[name] = self._seconds.get(name, 0.0) + seconds
            self.progress.end(name, seconds=seconds, summary=" ".join(summary) or "interrupted")

    def _remember(self) -> None:
        """Remember what the current release follows from, unless that is known already."""
        if self.unchanged is None:
            remembered.remember(self.context, self.judged, self.measured)

    def _stop_on(self, findings: list[str]) -> None:
        if findings:
            releases.set_build_aside(self.context.state, self.context.run_id)
            raise AuditFailed(
                f"{counted(len(findings), 'finding')}, so that nothing is published; the build is kept in "
                f"releases/.failed-{self.context.run_id}:\n" + "\n".join(findings)
            )


@contextmanager
def open_night(
    workspace: Workspace,
    state: State,
    order: Order,
    *,
    environment: Mapping[str, str],
    progress: Progress,
    clock: Callable[[], datetime],
) -> Iterator[Night]:
    """Take the lock, put right what killed runs left, and give the run; its record is written at both ends.

    Raises:
        Locked: another process writes.

    """
    context = begin_context(workspace, state, order, environment=environment, now=clock())
    with runs.writing(state, run_id=context.run_id, what="run", now=context.started_at):
        night = Night(context, is_partial=order.is_partial, progress=progress, clock=clock)
        _recover(night)
        runs.write_record(state, night.record("running"))
        context.building.mkdir(parents=True)
        try:
            yield night
        except BaseException:
            night.status = "failed"
            raise
        finally:
            _close(night, at=clock())


def begin_context(
    workspace: Workspace,
    state: State,
    order: Order,
    *,
    environment: Mapping[str, str],
    now: datetime,
) -> RunContext:
    """Settle the dates of a run.

    One for the past, or for a day that has not come, is not published: neither a look back nor a mistyped year replaces
    what people read. Where `known_at` is past, nothing is extracted.
    """
    company = workspace.company
    present = now.astimezone(ZoneInfo(company.time_zone)).date()
    today = company.today or present
    as_of = order.as_of or today
    knows_less = order.known_at is not None and order.known_at < now
    is_for_another_date = as_of < today or as_of > max(today, present) or knows_less
    return RunContext(
        workspace=workspace,
        state=state,
        run_id=runs.new_run_id(now),
        started_at=now,
        as_of=as_of,
        known_at=order.known_at,
        is_for_another_date=is_for_another_date,
        publishes=not order.is_partial and (order.publish or not is_for_another_date),
        extracts=order.extract and not knows_less,
        environment=environment,
        is_fresh=order.fresh,
    )


def _recover(night: Night) -> None:
    context = night.context
    killed = runs.close_killed(context.state)
    releases.heal_moves(context.state, at=context.started_at)
    releases.remove_leftovers(context.state)
    for record in killed:
        night.progress.say(
            f"The run {record.run_id} was killed before its end; what it left half written has been removed."
        )
    company = context.workspace.company
    night.missed = runs.missed_nights(
        runs.read_records(context.state),
        schedule=company.schedule,
        time_zone=company.time_zone,
        now=context.started_at,
    )
    if night.missed:
        night.progress.say(runs.missed_message(night.missed, schedule=company.schedule))


def _close(night: Night, *, at: datetime) -> None:
    nightly.tidy(night.context)
    status: Status = night.status or ("partial" if night._is_partial else "failed")
    night.status = status
    record = night.record(status, finished_at=at)
    runs.write_record(night.context.state, record)
    night.progress.finished(record)


def _came(arrivals: list[Arrival]) -> str:
    rows = sum(arrival.row_count for arrival in arrivals)
    counts = {
        outcome: sum(arrival.outcome == outcome for arrival in arrivals)
        for outcome in ("loaded", "unchanged", "failed", "skipped")
    }
    said = [f"{count} {outcome}" for outcome, count in counts.items() if count]
    return f"{counted(rows, 'row')}; tables: {', '.join(said)}"
