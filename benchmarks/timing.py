"""Processes timed in turn: what each took on the clock, of the processors, and in memory.

Not here: what they do (components, contracts, beside), and which are held against each other (measurements).
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

LAUNCH = Path(__file__).with_name("launch.py")


@dataclass(frozen=True)
class Sample:
    """One run of a process."""

    seconds: float
    """On the clock, of the whole process."""
    processor: float
    """Of all processors, with the processes that it started."""
    megabytes: float
    """The largest memory of it, or of one that it started."""
    said: Mapping[str, Any]
    """What it printed of itself: a side's own seconds, and what it found."""

    def own(self) -> "Sample":
        """Give the sample with the seconds that the side itself measured, after its imports."""
        return Sample(self.said["seconds"], self.said["processor"], self.megabytes, self.said)


class RunFailed(Exception):
    """A process that was to be timed ended with a failure."""


def time_process(
    command: Sequence[str],
    *,
    environment: Mapping[str, str] | None = None,
    folder: Path | None = None,
    good: Sequence[int] = (0,),
) -> Sample:
    """Run a process to its end.

    Raises:
        RunFailed: it ended with another code than the good ones; with the end of what it said.

    """
    with tempfile.TemporaryDirectory() as kept:
        report = Path(kept) / "took.json"
        done = subprocess.run(  # noqa: S603 - our own commands
            [sys.executable, "-I", "-S", str(LAUNCH), str(report), *command],
            env={**os.environ, **_QUIET, **(environment or {})},
            cwd=folder,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            check=False,
        )
        if done.returncode not in good:
            raise RunFailed(
                f"{' '.join(command)} ended with {done.returncode}:\n{done.stdout[-4000:]}"
            )
        took = json.loads(report.read_text("utf-8"))
    megabytes = took["memory"] / (1024 if sys.platform != "darwin" else 1024**2)
    return Sample(took["seconds"], took["processor"], megabytes, _last_line(done.stdout))


_QUIET = {
    "DO_NOT_TRACK": "1",
    "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
    "GX_ANALYTICS_ENABLED": "false",
}
"""No program that is measured sends anything anywhere."""


def _last_line(text: str) -> Mapping[str, Any]:
    lines = [line for line in text.splitlines() if line.startswith('{"seconds"')]
    return json.loads(lines[-1]) if lines else {}


def in_turn(
    runs: int, sides: Mapping[str, Callable[[int], Sample]], *, say: Callable[[str], None]
) -> dict[str, list[Sample]]:
    """Run every side once, then every side again, as often as asked: what else the machine does hits all alike."""
    found: dict[str, list[Sample]] = {name: [] for name in sides}
    for number in range(runs):
        for name, side in sides.items():
            sample = side(number)
            found[name].append(sample)
            say(
                f"  {number + 1}/{runs} {name}: {sample.seconds:.2f} s, processor {sample.processor:.2f} s, "
                f"{sample.megabytes:.0f} MB"
            )
    return found


def module(name: str, *arguments: str) -> list[str]:
    """Give the command that runs a module of ours."""
    return [sys.executable, "-m", name, *arguments]


def median(
    samples: Sequence[Sample], of: Callable[[Sample], float] = lambda each: each.seconds
) -> float:
    """Give the median of what samples took."""
    return statistics.median(map(of, samples))
