"""Runs a command and writes what it took: a process of its own, small, whose memory does not count as the command's.

A process starts with the largest memory of the one that it was forked from. Run as a script, without this package.

Not here: what is done with the figures (timing).
"""

import json
import os
import sys
import time
from pathlib import Path


def main() -> None:
    """Run the command after the report's path; end with its exit code."""
    report, *command = sys.argv[1:]
    start = time.perf_counter()
    child = os.posix_spawnp(command[0], command, os.environ)
    _, status, usage = os.wait4(child, 0)
    took = {
        "seconds": time.perf_counter() - start,
        "processor": usage.ru_utime + usage.ru_stime,
        "memory": usage.ru_maxrss,
    }
    Path(report).write_text(json.dumps(took), "utf-8")
    code = os.waitstatus_to_exitcode(status)
    sys.exit(128 - code if code < 0 else code)


if __name__ == "__main__":
    main()
