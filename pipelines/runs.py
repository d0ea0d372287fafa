"""Runs: their names, their records, the lock that lets one write at a time, and the nights on which none started.

Not here: what a run does (`pipelines.nightly`).
"""

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

from croniter import croniter
from filelock import FileLock, Timeout
from pydantic import Field, ValidationError

from pipelines.plural import counted
from pipelines.state import State, write_durably
from scorecard.base import Part

NIGHT_GRACE = timedelta(minutes=30)
"""A night counts as missed when nothing has started this long after its hour."""

LOCK_PATIENCE_SECONDS = 0.5
"""Longer than `steelyard status` holds the lock to see whether it is free."""

Status = Literal["running", "published", "unchanged", "built", "partial", "failed", "killed"]


class Locked(Exception):
    """Another process writes in this state folder."""


class RecordUnreadable(Exception):
    """The record of an earlier run cannot be read: which file, and the mend."""


class SourceRecord(Part):
    """What came in from one table of a source."""

    source: str
    table: str
    outcome: Literal["loaded", "unchanged", "failed", "rejected", "skipped"]
    row_count: int
    """Rows that were loaded tonight; 0 unless `loaded`."""
    data_as_of: date | None = None
    message: str = ""


class CheckRecord(Part):
    """How many checks there were, and how they came out."""

    passed: int = 0
    failed: int = 0
    warned: int = 0
    crashed: int = 0

    def __add__(self, other: "CheckRecord") -> "CheckRecord":
        """Count those of two parts of a run together."""
        return CheckRecord(
            passed=self.passed + other.passed,
            failed=self.failed + other.failed,
            warned=self.warned + other.warned,
            crashed=self.crashed + other.crashed,
        )


class TableRecord(Part):
    """One staging table or measure of the workspace: how it came about tonight."""

    name: str
    row_count: int | None
    """None where there is none: it failed, or what it reads has no data."""
    seconds: float
    is_reused: bool
    """Nothing that it depends on had changed, so that its SQL was not run."""
    why_made: str | None = None
    failure: str | None = None


class HeadlineRecord(Part):
    """The scorecard's score for the headline month."""

    period_start_date: date | None = None
    score: float | None = None
    band: str | None = None
    coverage: float | None = None


class RunRecord(Part):
    """`runs/<run_id>.json`: what a run was asked, what it did, how long each part took and how it ended."""

    format: Literal[1] = 1
    run_id: str
    kind: Literal["nightly", "other_date", "partial"]
    """`nightly` may move the pointer; `past` is for an earlier date; `partial` is a part that a person started."""
    status: Status
    started_at: datetime
    finished_at: datetime | None = None
    exit_code: int | None = None
    pid: int
    as_of: date
    known_at: datetime | None = None
    release_id: str | None = None
    sources: tuple[SourceRecord, ...] = ()
    checks: CheckRecord = CheckRecord()
    headline: HeadlineRecord = HeadlineRecord()
    seconds: dict[str, float] = Field(default_factory=dict)
    """By part of the run."""
    tables: tuple[TableRecord, ...] = ()
    """Staging tables and measures."""
    pages: dict[str, float] = Field(default_factory=dict)
    """Seconds by group of pages, as spent by all processes together."""
    problems: tuple[str, ...] = ()
    """What a person needs to know: failed sources, contracts, measures, audits, errors."""
    missed_nights: tuple[date, ...] = ()
    """Nights before this run on which none started."""


class Holder(Part):
    """Who holds the lock."""

    pid: int
    run_id: str
    what: str
    since: datetime

    def __str__(self) -> str:
        """Name the holder as a message needs it."""
        return f"{self.what} {self.run_id} (process {self.pid}, since {self.since:%Y-%m-%d %H:%M:%S} UTC)"


def own_process() -> int:
    """Give this process's id."""
    return os.getpid()


def new_run_id(now: datetime) -> str:
    """Name a run: sorts by start, unique by chance."""
    return f"{now.astimezone(UTC):%Y%m%dT%H%M%SZ}-{secrets.token_hex(3)}"


@contextmanager
def writing(state: State, *, run_id: str, what: str, now: datetime) -> Iterator[None]:
    """Hold the lock of the state folder.

    Raises:
        Locked: naming who holds it.

    """
    state.root.mkdir(parents=True, exist_ok=True)
    lock = FileLock(state.lock)
    try:
        lock.acquire(timeout=LOCK_PATIENCE_SECONDS, poll_interval=0.05)
    except Timeout as error:
        raise Locked(locked_message(state)) from error
    try:
        holder = Holder(pid=own_process(), run_id=run_id, what=what, since=now)
        write_durably(state.holder, holder.model_dump_json(indent=2) + "\n")
        yield
    finally:
        state.holder.unlink(missing_ok=True)
        lock.release()


def lock_holder(state: State) -> Holder | None:
    """Say who holds the lock; None where nobody does (also after a holder was killed)."""
    if not state.holder.exists() or not _is_locked(state):
        return None
    return Holder.model_validate_json(state.holder.read_text("utf-8"))


def records_and_holder(state: State) -> tuple[list[RunRecord], Holder | None]:
    """Read every run's record, and who holds the lock at that moment, so that a run which just began or ended is no dead one."""
    holder, records = lock_holder(state), read_records(state)
    while holder != (seen := lock_holder(state)):
        holder, records = seen, read_records(state)
    return records, holder


def locked_message(state: State) -> str:
    """Say who holds the lock and what to do."""
    holder = lock_holder(state)
    name = str(holder) if holder else "a process that has just started"
    return f"The state folder {state.root} is being written by {name}. Wait until it ends, then start again."


def write_record(state: State, record: RunRecord) -> None:
    """Write a run's record."""
    write_durably(state.runs / f"{record.run_id}.json", record.model_dump_json(indent=2) + "\n")


def read_records(state: State) -> list[RunRecord]:
    """Read every run's record, oldest first; raise RecordUnreadable, with the mend, where one cannot be read."""
    paths = sorted(state.runs.glob("[0-9]*.json"))
    return [_read_record(path) for path in paths]


def _read_record(path: Path) -> RunRecord:
    try:
        return RunRecord.model_validate_json(path.read_text("utf-8"))
    except (ValidationError, UnicodeDecodeError) as error:
        raise RecordUnreadable(
            f"{path}: the record of a run is damaged, or was written by another version. "
            "Mend: move the file away; it only tells what that run did, and nothing is made from it."
        ) from error


def close_killed(state: State) -> list[RunRecord]:
    """Mark runs that never came to their end. Call it with the lock held: then no other run can be alive."""
    killed = [
        record.model_copy(update={"status": "killed", "exit_code": 1})
        for record in read_records(state)
        if record.status == "running"
    ]
    for record in killed:
        write_record(state, record)
    return killed


def missed_nights(
    records: list[RunRecord], *, schedule: str, time_zone: str, now: datetime
) -> tuple[date, ...]:
    """Give the scheduled nights since the last nightly run's start on which none started.

    Before the first run there is no promise to keep, so none is missed.
    """
    starts = [record.started_at for record in records if record.kind == "nightly"]
    if not starts:
        return ()
    ticks = _ticks(schedule, ZoneInfo(time_zone), since=max(starts))
    nights = []
    for tick in ticks:
        if tick + NIGHT_GRACE > now:
            break
        nights.append(tick.astimezone(ZoneInfo(time_zone)).date())
    return tuple(dict.fromkeys(nights))


def missed_message(nights: tuple[date, ...], *, schedule: str) -> str:
    """Say which nights never started."""
    named = ", ".join(night.isoformat() for night in nights)
    return (
        f"{counted(len(nights), 'night')} never started: {named} (schedule {schedule}). "
        "Is the machine up, and the Dagster daemon or the cron entry that starts the run?"
    )


def _ticks(schedule: str, zone: ZoneInfo, *, since: datetime) -> Iterator[datetime]:
    """Yield the schedule's moments after `since`, in UTC.

    Counted on the wall clock, so that each night has one, whatever daylight saving does; an hour that the clock leaves out
    comes as much later as the clock jumps, as in Dagster's own scheduler.
    """
    wall = croniter(schedule, since.astimezone(zone).replace(tzinfo=None), ret_type=datetime)
    while True:
        moment = wall.get_next(datetime).replace(tzinfo=zone).astimezone(UTC)
        if moment > since:
            yield moment


def _is_locked(state: State) -> bool:
    lock = FileLock(state.lock)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        return True
    lock.release()
    return False
