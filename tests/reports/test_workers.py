"""Processes that draw pages: how they end when all is well.

Not here: that they end with a run that is killed (tests/torture), and that they draw the same pages (test_slices).
"""

import subprocess
import sys
from pathlib import Path

RUN = """
import duckdb
from reports.workers import shared_out

def begin():
    connection = duckdb.connect()
    return lambda number: connection.execute("select $1 + 1", [number]).fetchall()

if __name__ == "__main__":
    print(list(shared_out(begin, [1, 2, 3], workers=2)))
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
