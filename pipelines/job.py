"""The nightly job, run in this process: the very same that the schedule starts.

Not here: its definitions, and the command line around it.
"""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import dagster as dg
from dagster_shared.error import SerializableErrorInfo

import pipelines
from pipelines.definitions import JOB, build_definitions, run_config
from pipelines.event_log import write_in_batches
from pipelines.night import Order
from pipelines.progress import Progress
from pipelines.state import State

SETTINGS = "dagster.yaml"


class JobFailed(Exception):
    """The job failed; the text says in which step and why."""


def run_nightly(workspace_root: Path, state: State, order: Order, *, progress: Progress) -> None:
    """Run the nightly job and wait for its end; `progress` is told how it goes and gets the run's record.

    Raises:
        JobFailed: if a step failed, or the run could not begin.

    """
    definitions = build_definitions(workspace_root, state.root, progress=progress)
    quiet = {"loggers": {"console": {"config": {"log_level": "CRITICAL"}}}}
    with dagster_instance(state) as instance:
        result = definitions.resolve_job_def(JOB).execute_in_process(
            instance=instance, run_config={**run_config(order), **quiet}, raise_on_error=False
        )
    if not result.success:
        raise JobFailed("\n".join(_failures(result)))


@contextmanager
def dagster_instance(state: State) -> Iterator[dg.DagsterInstance]:
    """Open the Dagster instance of the state folder, and close it again."""
    home = prepare_home(state)
    os.environ["DAGSTER_HOME"] = str(home)
    write_in_batches(os.environ)
    with dg.DagsterInstance.from_config(str(home)) as instance:
        yield instance


def prepare_home(state: State) -> Path:
    """Put Dagster's settings where alone it reads them: into DAGSTER_HOME."""
    state.dagster.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(_settings(), state.dagster / SETTINGS)
    return state.dagster


def _settings() -> Path:
    """Find the settings: at the top of a checkout, or inside an installed package."""
    package = Path(pipelines.__path__[0])
    return next(
        folder / SETTINGS for folder in (package, package.parent) if (folder / SETTINGS).exists()
    )


def _failures(result: dg.ExecuteInProcessResult) -> Iterator[str]:
    """Tell of each failure the error under Dagster's own, not that one's causes; a failed step's run only repeats it.

    What our errors say replaces what they were raised from: `Locked` names the holder, the Timeout below it does not.
    """
    steps = [event for event in result.all_events if event.is_step_failure]
    for event in steps or [event for event in result.all_events if event.is_failure]:
        data = event.event_specific_data
        error = getattr(data, "error", None)
        while error and error.cause and (error.cls_name or "").startswith("Dagster"):
            error = error.cause
        yield f"{event.step_key or JOB}: {_said(error) if error else event.message}"


def _said(error: SerializableErrorInfo) -> str:
    """Give an error's kind and text, without the module that it is defined in."""
    name = error.cls_name or ""
    _, found, text = error.message.strip().partition(f"{name}: ")
    return f"{name}: {text}" if found else error.message.strip()
