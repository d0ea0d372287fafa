"""Runs: one writer at a time, records that survive a kill, and nights that never started."""

import errno
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from pipelines import runs
from pipelines.runs import Locked, RunRecord, Status
from pipelines.state import State

HOLD = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from pipelines.runs import writing
from pipelines.state import State
with writing(State(Path(sys.argv[1])), run_id="run1", what="run", now=datetime(2026, 11, 23, 3, tzinfo=UTC)):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def state(tmp_path: Path) -> State:
    return State(tmp_path)


@pytest.fixture
def other_process(state: State) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-c", HOLD, str(state.root)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        yield process
        process.kill()


def record(
    started_at: datetime, *, kind: str = "nightly", status: Status = "published"
) -> RunRecord:
    return RunRecord.model_validate(
        {
            "run_id": runs.new_run_id(started_at),
            "kind": kind,
            "status": status,
            "started_at": started_at,
            "pid": 1,
            "as_of": started_at.date(),
        }
    )


def test_a_record_that_cannot_be_written_is_named(
    state: State, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A write into an open file that fails names none: "File too large", said a run, and nobody knew which."""

    def fails(_: int) -> None:
        raise OSError(errno.EFBIG, os.strerror(errno.EFBIG))

    monkeypatch.setattr(os, "fsync", fails)
    night = record(datetime(2026, 11, 23, 3, tzinfo=UTC))
    with pytest.raises(OSError, match=rf"File too large: '{state.runs}/{night.run_id}\.json'"):
        runs.write_record(state, night)


def test_a_second_writer_is_told_who_holds_the_lock(
    state: State, other_process: subprocess.Popen[str]
) -> None:
    with (
        pytest.raises(
            Locked,
            match=rf"run run1 \(process {other_process.pid}, since 2026-11-23 03:00:00 UTC\)",
        ),
        runs.writing(state, run_id="run2", what="run", now=datetime(2026, 11, 23, 4, tzinfo=UTC)),
    ):
        pytest.fail("two writers at once")


def test_a_killed_holder_holds_nothing(state: State, other_process: subprocess.Popen[str]) -> None:
    holder = runs.lock_holder(state)
    assert holder is not None
    assert holder.run_id == "run1"
    other_process.kill()
    other_process.wait()
    assert runs.lock_holder(state) is None
    with runs.writing(state, run_id="run2", what="run", now=datetime(2026, 11, 23, 4, tzinfo=UTC)):
        pass


def test_the_record_of_a_killed_run_says_so_at_the_next_start(state: State) -> None:
    started = datetime(2026, 11, 23, 3, tzinfo=UTC)
    runs.write_record(state, record(started, status="running"))
    assert [each.status for each in runs.close_killed(state)] == ["killed"]
    assert [each.status for each in runs.read_records(state)] == ["killed"]
    assert runs.close_killed(state) == []


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("schedule", "zone", "last", "now", "missed"),
    [
        ("0 3 * * *", "UTC", "2026-11-20T03:00:05", "2026-11-20T23:00", []),
        ("0 3 * * *", "UTC", "2026-11-20T03:00:05", "2026-11-21T03:10", []),
        ("0 3 * * *", "UTC", "2026-11-20T03:00:05", "2026-11-21T04:00", ["2026-11-21"]),
        ("0 3 * * *", "UTC", "2026-11-20T03:00:05", "2026-11-23T03:00:05", ["2026-11-21", "2026-11-22"]),
        ("0 3 * * *", "UTC", "2026-11-21T14:00:00", "2026-11-22T02:00", []),
        ("0 3 * * 1-5", "UTC", "2026-11-20T03:00:05", "2026-11-23T02:00", []),
        # the night's date is that of the organisation's own clock
        ("0 1 * * *", "Europe/Berlin", "2026-11-20T00:00:05", "2026-11-21T12:00", ["2026-11-21"]),
        # 02:30 does not exist on 29 March 2026 in Berlin: the night is there all the same, once
        ("30 2 * * *", "Europe/Berlin", "2026-03-28T01:30:05", "2026-03-29T12:00", ["2026-03-29"]),
        ("30 2 * * *", "Europe/Berlin", "2026-03-29T01:30:05", "2026-03-29T12:00", []),
        # 02:30 comes twice on 25 October 2026 in Berlin: one night, and a run in the first of the two is enough
        ("30 2 * * *", "Europe/Berlin", "2026-10-24T00:30:05", "2026-10-25T12:00", ["2026-10-25"]),
        ("30 2 * * *", "Europe/Berlin", "2026-10-25T00:30:05", "2026-10-25T12:00", []),
    ],
)  # fmt: skip
def test_nights_without_a_start_are_missed(
    schedule: str, zone: str, last: str, now: str, missed: list[str]
) -> None:
    nights = runs.missed_nights([record(at(last))], schedule=schedule, time_zone=zone, now=at(now))
    assert [night.isoformat() for night in nights] == missed


def test_before_the_first_run_no_night_is_missed() -> None:
    nights = runs.missed_nights(
        [], schedule="0 3 * * *", time_zone="UTC", now=at("2026-11-23T12:00")
    )
    assert nights == ()


def test_a_run_for_the_past_is_no_night() -> None:
    records = [record(at("2026-11-20T03:00:05")), record(at("2026-11-21T10:00"), kind="other_date")]
    nights = runs.missed_nights(
        records, schedule="0 3 * * *", time_zone="UTC", now=at("2026-11-21T12:00")
    )
    assert nights == (date(2026, 11, 21),)
