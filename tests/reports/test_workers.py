"""Processes that draw pages: how they end when all is well.

Not here: that they end with a run that is killed (tests/torture), and that they draw the same pages (test_slices).
"""

import os
import subprocess
import sys
from pathlib import Path

import pytest

RUN = """
import duckdb
from reports.workers import shared_out

def begin():
    connection = duckdb.connect()
    return lambda number: connection.execute("select $1 + 1", [number]).fetchall()

if __name__ == "__main__":
    print(list(shared_out(begin, [1, 2, 3], here=begin(), workers=2)))
"""


def test_they_end_without_a_word(tmp_path: Path) -> None:
    """A thread of theirs that outlived them once made the engine list all that it took for lost, hundreds of lines a night."""
    script = tmp_path / "run.py"
    script.write_text(RUN, "utf-8")
    done = subprocess.run(
        [sys.executable, str(script)], capture_output=True, text=True, timeout=120, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "[[(2,)], [(3,)], [(4,)]]\n"


FAILS = """
import os, time
from reports.workers import shared_out

def begin():
    return do

done_here = []

def do(job):
    done_here.append(job)
    where = "here" if os.getppid() == PARENT else "there"
    if job == where:
        raise ValueError(f"failed {where}")
    time.sleep(0.05)
    return job

PARENT = int(os.environ["PARENT"])
if __name__ == "__main__":
    try:
        print(list(shared_out(begin, [None] * 5 + [os.environ["FAILS"]] * 1000, here=do, workers=3)))
    except ValueError as error:
        print(error, len(done_here) < 1000)
"""


@pytest.mark.parametrize("where", ["here", "there"])
def test_what_goes_wrong_in_one_comes_out_and_ends_the_others(tmp_path: Path, where: str) -> None:
    """Jobs that nobody has begun are left, in the run's own process as in the others."""
    script = tmp_path / "run.py"
    script.write_text(FAILS, "utf-8")
    done = subprocess.run(
        [sys.executable, str(script)],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
        env={**os.environ, "PARENT": str(os.getpid()), "FAILS": where},
    )
    assert (done.returncode, done.stderr, done.stdout) == (0, "", f"failed {where} True\n")
