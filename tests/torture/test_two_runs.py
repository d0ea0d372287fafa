"""Two runs at once, by command and by Dagster; and locks and places that a dead process has left."""

import time
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import dagster as dg
import pytest
from dagster._core.workspace.context import IWorkspaceProcessContext
from dagster._daemon.monitoring.run_monitoring import execute_run_monitoring_iteration

from pipelines import runs
from pipelines.job import JobFailed, dagster_instance, run_nightly
from pipelines.launcher import WatchedRunLauncher
from pipelines.night import Order
from pipelines.progress import LogProgress
from pipelines.runs import RunRecord
from pipelines.state import State
from tests.pipelines.conftest import SALES, Tiny
from tests.torture.kills import nights
from tests.torture.told import is_long, tell

IN_PROGRESS = dg.RunsFilter(statuses=[dg.DagsterRunStatus.STARTED])


def in_progress(state: State) -> list[str]:
    with dagster_instance(state) as instance:
        return list(instance.get_run_ids(filters=IN_PROGRESS))


def at_work(state: State) -> bool:
    return any(record.status == "running" for record in runs.read_records(state))


def monitor(state: State, *, grace: float) -> list[str]:
    """Let Dagster's daemon look after its runs once; give those that it still counts as running."""
    with dagster_instance(state) as instance:
        assert isinstance(instance.run_launcher, WatchedRunLauncher)
        instance.run_launcher.grace = grace
        context = SimpleNamespace(instance=instance, create_request_context=lambda: None)
        logger = dg.get_dagster_logger()
        assert list(execute_run_monitoring_iteration(cast(IWorkspaceProcessContext, context), logger)) == [None]  # fmt: skip
        return list(instance.get_run_ids(filters=IN_PROGRESS))


def test_a_run_of_dagster_says_who_holds_what_and_frees_its_place(published: Tiny) -> None:
    now = datetime.now(tz=UTC)
    with (
        runs.writing(published.state, run_id="run1", what="rollback", now=now),
        pytest.raises(JobFailed, match=r"Locked: The state folder .* rollback run1 \(process"),
    ):
        run_nightly(published.workspace, published.state, Order(), progress=LogProgress())
    assert in_progress(published.state) == []


def test_a_dagster_run_that_was_killed_holds_its_place_no_longer(tmp_path: Path) -> None:
    """Dagster's own launcher cannot tell: such a run counted as running for ever, and no night began any more."""
    with nights(tmp_path) as made:
        state = made.tiny.state
        answer = made.ask(by="dagster", at=["contracts begins", 1])
        assert answer["killed"]
        (dead,) = in_progress(state)
        assert monitor(state, grace=60) == [dead]
        assert monitor(state, grace=0) == []
        with dagster_instance(state) as instance:
            run = instance.get_run_by_id(dead)
        assert run is not None
        assert run.status == dg.DagsterRunStatus.FAILURE
        assert runs.lock_holder(state) is None
        # and without the daemon, the next night sees to it
        made.ask(by="dagster", at=["contracts begins", 1])
        assert len(in_progress(state)) == 1
        assert made.again(by="dagster")["status"] == "published"
        assert in_progress(state) == []
    tell("dagster", "killed with its one place held", "The run does not hold the lock of the state folder: its process was killed.")  # fmt: skip


def test_a_run_that_holds_the_lock_is_alive(published: Tiny) -> None:
    launcher = WatchedRunLauncher(home=str(published.state.dagster), grace=0)
    run = dg.DagsterRun(job_name="nightly", run_id="alive")
    now = datetime.now(tz=UTC)
    with runs.writing(published.state, run_id="run1", what="run", now=now, dagster_run_id="alive"):
        assert launcher.check_run_worker_health(run).status.value == "RUNNING"
    assert launcher.check_run_worker_health(run).status.value == "NOT_FOUND"


def test_records_of_the_first_versions_are_read(published: Tiny) -> None:
    (record,) = runs.read_records(published.state)
    told = record.model_dump(mode="json", exclude={"dagster_run_id"}) | {"kind": "past"}
    assert RunRecord.model_validate(told).kind == "other_date"


@pytest.mark.skipif(not is_long(), reason="two commands, each of which imports all: make torture")
def test_of_two_commands_at_once_one_publishes_and_the_other_says_who_does(published: Tiny) -> None:
    published.write("shop/sale.csv", SALES + "7,south,2026-03-31,10.00\n")
    both = [published.start("run") for _ in range(2)]
    ended = sorted(
        (each.returncode, out + err)
        for each in both
        for out, err in [each.communicate(timeout=300)]
    )
    (first, published_said), (second, refused_said) = ended
    assert (first, second) == (0, 1)
    assert "is published" in published_said
    assert "is being written by run" in refused_said
    tell("command", "two at once", refused_said)


@pytest.mark.skipif(not is_long(), reason="a whole command: make torture")
def test_a_command_after_one_that_was_killed_needs_no_hand(published: Tiny) -> None:
    published.write("shop/sale.csv", SALES + "7,south,2026-03-31,10.00\n")
    with published.start("run") as killed:
        until = time.monotonic() + 300
        # it has a record a little after the lock: killed before, it has left nothing to tell of
        while not at_work(published.state) and time.monotonic() < until:
            time.sleep(0.05)
        killed.kill()
    done = published.steelyard("run")
    assert done.exit_code == 0, done.err
    # a line is broken where the screen ends
    _, is_said, _ = " ".join(done.out.split()).partition(told := "was killed before its end; what it left half written has been removed")  # fmt: skip
    assert is_said
    tell("command", "after one that was killed", f"The run {told}.")
