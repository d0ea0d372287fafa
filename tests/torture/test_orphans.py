"""Processes that a run has started end with it, however it ends."""

import os
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

RUN = """
import os, time
from reports.workers import shared_out

def begin():
    return lambda seconds: (print(os.getpid(), flush=True), time.sleep(seconds))

if __name__ == "__main__":
    for _ in shared_out(begin, [60, 60, 60], here=begin(), workers=3):
        pass
"""


def is_alive(process: int) -> bool:
    """Say whether a process is there; one that waits for its end to be read is not."""
    with suppress(ProcessLookupError, FileNotFoundError, IndexError):
        os.kill(process, 0)
        done = subprocess.run(["ps", "-o", "stat=", "-p", str(process)], capture_output=True, text=True, check=False)  # fmt: skip
        return done.stdout.strip()[:1] not in ("Z", "")
    return False


def test_workers_that_draw_pages_end_when_the_run_is_killed(tmp_path: Path) -> None:
    """They once waited for ever for work that nobody would give them."""
    script = tmp_path / "run.py"
    script.write_text(RUN, "utf-8")
    with subprocess.Popen([sys.executable, str(script)], stdout=subprocess.PIPE, text=True) as run:
        assert run.stdout is not None
        workers = [int(run.stdout.readline()) for _ in range(3)]
        run.send_signal(signal.SIGKILL)
        until = time.monotonic() + 30
        while any(map(is_alive, workers)) and time.monotonic() < until:
            time.sleep(0.05)
        assert [each for each in workers if is_alive(each)] == []
