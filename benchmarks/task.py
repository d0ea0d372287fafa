"""What both sides of a comparison are given, and how each says what it took: a JSON file in, a JSON line out.

A side is a process of its own. It times its work after its imports, so that a script is not charged for an interpreter's start.

Not here: the sides themselves (components, beside), and how processes are run (timing).
"""

import json
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path


@dataclass(frozen=True)
class Task:
    """The same work for every side: Parquet files of each raw table, the workspace with the SQL, where results go."""

    raw: Mapping[str, list[str]]
    """Parquet files by `<source>__<table>`."""
    workspace: str
    lake: str
    out: str
    """A folder of the side's own."""
    as_of: str
    memory: str = "4GB"

    def write(self, path: Path) -> Path:
        """Write it as JSON."""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(asdict(self), indent=1), "utf-8")
        return path


def carry_out(work: Callable[[Task], Mapping[str, object] | None]) -> None:
    """Do the work on the task whose file the command line names; print what it took."""
    task = Task(**json.loads(Path(sys.argv[1]).read_text("utf-8")))
    tell(lambda: work(task))


def tell(work: Callable[[], Mapping[str, object] | None]) -> None:
    """Do the work; print what it took, and what it found."""
    clock, processor = time.perf_counter(), time.process_time()
    found = work()
    took = {
        "seconds": time.perf_counter() - clock,
        "processor": time.process_time() - processor,
        "found": found,
    }
    sys.stdout.write(json.dumps(took) + "\n")
