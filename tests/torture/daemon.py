"""Dagster's daemon and code server of an organisation, driven by hand: a turn of the queue or of the schedule at a word.

Not here: what they are expected to do (test_queue, test_clock).
"""

import logging
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from unittest.mock import patch

import dagster as dg
from dagster._cli.job import _create_run
from dagster._core.workspace.context import WorkspaceProcessContext
from dagster._core.workspace.load_target import ModuleTarget
from dagster._daemon.controller import create_daemon_grpc_server_registry
from dagster._daemon.monitoring.run_monitoring import execute_run_monitoring_iteration
from dagster._daemon.run_coordinator.queued_run_coordinator_daemon import QueuedRunCoordinatorDaemon
from dagster._scheduler.scheduler import launch_scheduled_runs

from pipelines.definitions import JOB
from pipelines.job import dagster_instance
from tests.pipelines.conftest import Tiny

ROOT = Path(__file__).parents[2]


class Daemon:
    """What `steelyard dev` keeps running, one turn at a time."""

    def __init__(self, instance: dg.DagsterInstance, context: WorkspaceProcessContext) -> None:
        """Take an instance and its code server."""
        self.instance = instance
        self._context = context

    def ask(self) -> str:
        """Ask for a night, as a person does in the UI; give its run's id."""
        request = self._context.create_request_context()
        (location,) = request.code_locations
        (repository,) = location.get_repositories().values()
        run = _create_run(
            instance=self.instance,
            code_location=location,
            remote_repo=repository,
            remote_job=repository.get_full_job(JOB),
            run_config={},
            tags={},
            op_selection=None,
            run_id=None,
        )
        self.instance.submit_run(run.run_id, request)
        return run.run_id

    def turn_the_queue(self) -> None:
        """Let the queue launch what it has a place for."""
        with QueuedRunCoordinatorDaemon(interval_seconds=1) as queue:
            for _ in queue.run_iteration(self._context):
                pass

    def look_after_runs(self) -> None:
        """Let the daemon look whether the runs that are said to be at work are alive."""
        looked = execute_run_monitoring_iteration(self._context, logging.getLogger())
        assert [error for error in looked if error] == []

    def turn_the_schedule(self, moment: datetime) -> None:
        """Let the schedule ask for what is due."""
        for _ in launch_scheduled_runs(self._context, logging.getLogger(), moment, {}):
            pass

    def status(self, run_id: str) -> dg.DagsterRunStatus:
        """Say how far a run is."""
        return self._run(run_id).status

    def has_ended(self, run_id: str) -> bool:
        """Say whether a run has come to an end, good or bad."""
        return self._run(run_id).is_finished

    def _run(self, run_id: str) -> dg.DagsterRun:
        run = self.instance.get_run_by_id(run_id)
        assert run is not None
        return run


@contextmanager
def daemon(tiny: Tiny) -> Iterator[Daemon]:
    """Start the code server of an organisation; it ends with the block, and its runs with it."""
    told = {"STEELYARD_WORKSPACE": str(tiny.workspace), "STEELYARD_HOME": str(tiny.state.root)}
    target = ModuleTarget("pipelines.definitions_entry", None, str(ROOT), "steelyard")
    with patch.dict(os.environ, told), dagster_instance(tiny.state) as instance:
        servers = create_daemon_grpc_server_registry(instance)
        with servers, WorkspaceProcessContext(instance, target, grpc_server_registry=servers) as context:  # fmt: skip
            yield Daemon(instance, context)
        servers.wait_for_processes()
