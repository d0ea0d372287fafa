"""What tests of several packages share: the example organisation, run once from its sources to a published release.

Not here: fixtures of one package.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from filelock import FileLock
from hypothesis import settings
from playwright.sync_api import Browser, sync_playwright

from tests.reports.browsing import CHROMIUM

ROOT = Path(__file__).parents[1]

# Examples are the same on every machine, and a slow machine is no failure.
settings.register_profile("steady", deadline=None, derandomize=True)
settings.load_profile("steady")


@dataclass(frozen=True)
class ExampleRelease:
    """What `make run` leaves behind."""

    state: Path
    exit_code: int
    output: str

    @property
    def release(self) -> Path:
        """The published release's folder."""
        return (self.state / "current").resolve()

    @property
    def warehouse(self) -> Path:
        """The published warehouse: open it read-only."""
        return self.release / "warehouse.duckdb"

    @property
    def site(self) -> Path:
        """The published site."""
        return self.release / "site"


@pytest.fixture(scope="session")
def example_release(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> ExampleRelease:
    """Run the example organisation as `make run` does, once for all tests of all processes; they must change nothing of it."""
    own = tmp_path_factory.getbasetemp()
    folder = (own if worker_id == "master" else own.parent) / "example"
    state, told = folder / "state", folder / "told.json"
    with FileLock(folder.with_suffix(".lock")):
        if not told.exists():
            done = _run_example(state)
            told.write_text(json.dumps([done.returncode, done.stdout + done.stderr]), "utf-8")
    exit_code, output = json.loads(told.read_text("utf-8"))
    assert (state / "current").exists(), f"nothing was published:\n{output}"
    return ExampleRelease(state, exit_code, output)


def _run_example(state: Path) -> subprocess.CompletedProcess[str]:
    state.mkdir(parents=True)
    steelyard = [sys.executable, "-m", "pipelines.cli", "run", "--workspace", "examples/roastery"]
    return subprocess.run(
        [sys.executable, "-m", "examples.roastery.stand_in", "--", *steelyard],
        cwd=ROOT,
        env={**os.environ, "STEELYARD_HOME": str(state)},
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Return a real browser, for one file of tests: while it is open, no test of that process can run a loop of its own."""
    with sync_playwright() as playwright:
        made = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield made
        made.close()
