"""Dagster's launcher of runs, which can tell a run whose process was killed.

Dagster's own cannot: a run that was killed together with the server that started it, or that `steelyard run` had started,
counts as running for ever, and holds the one place that there is. Here the lock of the state folder tells who lives.

Not here: the lock (runs).
"""

import time
from pathlib import Path
from typing import Any

import dagster as dg
from dagster._core.launcher import CheckRunHealthResult, WorkerStatus
from dagster._core.launcher.default_run_launcher import DefaultRunLauncher

from pipelines import runs
from pipelines.state import State

GRACE_SECONDS = 60.0
"""So long a run may go without the lock, before it takes it and after it has let it go."""


class WatchedRunLauncher(DefaultRunLauncher):
    """Starts runs as Dagster's own does, and asks the lock of the state folder whether they live."""

    def __init__(self, inst_data: Any = None, *, home: str, grace: float = GRACE_SECONDS) -> None:
        """Watch the lock of the state folder in which `home` (DAGSTER_HOME) lies."""
        super().__init__(inst_data)
        self._state = State(Path(home).parent)
        self.grace = grace
        self._without_lock: dict[str, float] = {}

    @classmethod
    def config_type(cls) -> Any:
        """Say what may stand in `dagster.yaml`."""
        return {"home": dg.StringSource, "grace": dg.Field(float, default_value=GRACE_SECONDS)}

    @classmethod
    def from_config_value(cls, inst_data: Any, config_value: Any) -> "WatchedRunLauncher":
        """Make one as `dagster.yaml` says."""
        return cls(inst_data=inst_data, **config_value)

    @property
    def supports_check_run_worker_health(self) -> bool:
        """Have Dagster's daemon ask."""
        return True

    def check_run_worker_health(self, run: dg.DagsterRun) -> CheckRunHealthResult:
        """Say that a run has failed where it has not held the lock for some time, while it is said to be at work."""
        holder = runs.lock_holder(self._state)
        if holder is not None and holder.dagster_run_id == run.run_id:
            self._without_lock.pop(run.run_id, None)
            return CheckRunHealthResult(WorkerStatus.RUNNING)
        since = self._without_lock.setdefault(run.run_id, time.monotonic())
        if time.monotonic() - since < self.grace:
            return CheckRunHealthResult(WorkerStatus.RUNNING)
        return CheckRunHealthResult(
            WorkerStatus.NOT_FOUND,
            "The run does not hold the lock of the state folder: its process was killed.",
        )
