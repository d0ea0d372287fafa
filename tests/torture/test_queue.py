"""Two nights at once by Dagster: the second waits in the queue until the first has given up the one place that there is."""

import os
import signal
import time
from collections.abc import Callable

import dagster as dg
import pytest

from pipelines import runs
from tests.pipelines.conftest import SALES, Tiny
from tests.torture.daemon import Daemon, daemon
from tests.torture.reader import REVENUE_IN_MARCH
from tests.torture.told import is_long, tell

PATIENCE_SECONDS = 300
QUEUED, SUCCESS, FAILURE = (
    dg.DagsterRunStatus.QUEUED,
    dg.DagsterRunStatus.SUCCESS,
    dg.DagsterRunStatus.FAILURE,
)

pytestmark = pytest.mark.skipif(not is_long(), reason="starts a server of Dagster: make torture")


def wait_until(comes: Callable[[], bool], meanwhile: Callable[[], None] = lambda: None) -> None:
    end = time.monotonic() + PATIENCE_SECONDS
    while not comes():
        assert time.monotonic() < end, "it never came"
        meanwhile()
        time.sleep(0.2)


def holder(tiny: Tiny) -> str | None:
    """Give the run of Dagster that holds the lock of the state folder."""
    held = runs.lock_holder(tiny.state)
    return held.dagster_run_id if held else None


def two_asked_for(tiny: Tiny, server: Daemon) -> tuple[str, str]:
    """Ask for two nights, and give their runs when the first is at work and the queue has seen the second."""
    tiny.write("shop/sale.csv", SALES + "7,south,2026-03-31,10.00\n")
    first, second = server.ask(), server.ask()
    assert (server.status(first), server.status(second)) == (QUEUED, QUEUED)
    server.turn_the_queue()
    wait_until(lambda: holder(tiny) == first)
    server.turn_the_queue()
    assert server.status(second) == QUEUED
    return first, second


def test_of_two_nights_asked_of_dagster_the_second_waits_and_then_has_nothing_to_do(
    published: Tiny,
) -> None:
    with daemon(published) as server:
        first, second = two_asked_for(published, server)

        def waits() -> None:
            server.turn_the_queue()
            # asked before the lock: the first may end in between
            waiting = server.status(second) == QUEUED
            assert waiting or server.status(first) == SUCCESS

        wait_until(lambda: server.has_ended(first), waits)
        assert server.status(first) == SUCCESS
        assert published.query(REVENUE_IN_MARCH) == [(210.0,)]
        wait_until(lambda: server.has_ended(second), server.turn_the_queue)
        assert server.status(second) == SUCCESS
    ended = {
        each.dagster_run_id: (each.status, each.problems)
        for each in runs.read_records(published.state)
    }
    assert (ended[first], ended[second]) == (("published", ()), ("unchanged", ()))
    tell("dagster", "two at once", "the second waits in the queue until the first has ended")


def test_the_second_begins_after_the_first_was_killed(published: Tiny) -> None:
    with daemon(published) as server:
        first, second = two_asked_for(published, server)
        held = runs.lock_holder(published.state)
        assert held is not None
        os.kill(held.pid, signal.SIGKILL)

        def turn() -> None:
            server.look_after_runs()
            server.turn_the_queue()

        wait_until(lambda: server.has_ended(second), turn)
        assert (server.status(first), server.status(second)) == (FAILURE, SUCCESS)
    assert published.query(REVENUE_IN_MARCH) == [(210.0,)]
    tell(
        "dagster",
        "killed while another waits",
        "the daemon ends the first as failed, and the second begins",
    )
