"""What one definition of a workspace may take of the machine, and how it is held to that: time, memory and room on disk.

DuckDB keeps to its memory limit for tables, sorts and joins, but not for one value: `repeat('x', 4000000000)` is made beside
it, and cannot be interrupted half-way. So there are three walls: DuckDB's own limits (`engine`), a watch that interrupts, and
a bound on the memory of the whole process while a definition runs, which the operating system keeps (Linux).

Not here: which definitions run (measures), and what they may say (sql_guard).
"""

import os
import re
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb

from transforms.engine import Limits

TICK = 0.2
"""Seconds between two looks at the clock and the disk."""
GRACE = 60.0
"""Seconds, at least, that a definition which does not heed an interruption is left before the process ends."""
HEAP_SHARE = 1.5
HEAP_ROOM = 1 << 30
"""What a process may take beyond what it has, while a definition runs: more than the memory limit, for DuckDB does not count everything."""
ENDED = 70
"""Exit code of a process that was ended because a definition could not be stopped."""
_UNITS = {"MB": 10**6, "GB": 10**9, "TB": 10**12}


class LimitReached(Exception):
    """A definition took more than it may: which limit, of which definition, and the mend."""


def bytes_of(size: str) -> int:
    """Read a size as it is written in company.yaml: `4GB`, `500MB`."""
    found = re.fullmatch(r"(\d+) ?([MGT]B)", size)
    if found is None:
        raise ValueError(f"{size} is no size: write 500MB, 4GB or 1TB.")
    return int(found[1]) * _UNITS[found[2]]


@contextmanager
def within(connection: duckdb.DuckDBPyConnection, limits: Limits, *, what: str) -> Iterator[None]:
    """Hold what runs inside to the limits; `what` names it in messages.

    Raises:
        LimitReached: it took too long, too much memory, or too much room; it has been stopped.

    """
    watch = _Watch(connection, limits, what)
    try:
        with _bounded_heap(limits), watch:
            yield
    except (duckdb.OutOfMemoryException, MemoryError) as error:
        raise LimitReached(_memory_message(what, limits, str(error))) from None
    except duckdb.InterruptException:
        if watch.reached is None:
            raise
        raise LimitReached(watch.reached) from None


class _Watch:
    """A thread that interrupts the connection when time or room is used up, until it heeds."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, limits: Limits, what: str) -> None:
        self.reached: str | None = None
        self._connection = connection
        self._limits = limits
        self._what = what
        self._done = threading.Event()
        self._files = _files(connection)
        self._room = bytes_of(limits.disk)
        self._end = time.monotonic() + limits.seconds
        self._thread = threading.Thread(target=self._look, daemon=True)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()

    def _look(self) -> None:
        while not self._done.wait(TICK):
            self.reached = self.reached or self._over()
            if self.reached:
                self._connection.interrupt()
                if time.monotonic() > self._end + max(GRACE, self._limits.seconds):
                    _end_process(self.reached)

    def _over(self) -> str | None:
        if time.monotonic() > self._end:
            return (
                f"{self._what} ran longer than {self._limits.seconds:g} seconds and was stopped. "
                "Mend: look for a join without a condition, or a series or recursion without an end; "
                "if it needs the time, raise `limits.seconds` in company.yaml."
            )
        if sum(map(_size, self._files)) > self._room:
            self._end = min(self._end, time.monotonic())
            return _room_message(self._what, self._limits)
        return None


def _files(connection: duckdb.DuckDBPyConnection) -> list[Path]:
    """List the database files that a definition can make grow."""
    rows = connection.execute(
        "select path from duckdb_databases() where path is not null"
    ).fetchall()
    return [Path(name + ending) for (name,) in rows for ending in ("", ".wal")]


def _size(path: Path) -> int:
    """Give a file's size; DuckDB may remove one at any time, such as its log once that is written back."""
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0


def _room_message(what: str, limits: Limits) -> str:
    return (
        f"{what} filled the {limits.disk} of disk that the working files of a run may take, and was stopped. "
        "Mend: look for a join without a condition, or yield fewer rows; "
        "if it needs the room, raise `limits.disk` in company.yaml."
    )


def _memory_message(what: str, limits: Limits, error: str) -> str:
    if "max_temp_directory_size" in error:
        return _room_message(what, limits)
    return (
        f"{what} needs more than the {limits.memory} of memory that it may take, and was stopped. "
        "Mend: aggregate before joining, make no long lists or texts; "
        "if it needs the memory, raise `limits.memory` in company.yaml."
    )


def _end_process(message: str) -> None:
    """End the process: one value is being made that DuckDB does not leave off, and the next run heals what this one leaves."""
    sys.stderr.write(
        f"\n{message}\nIt did not heed that, so the run is ended here; nothing is published.\n"
    )
    sys.stderr.flush()
    os._exit(ENDED)


# --- the memory of the whole process ----------------------------------------------------------------------------------


@contextmanager
def _bounded_heap(limits: Limits) -> Iterator[None]:
    """Bound what the process may allocate beyond what it has; where the system cannot, DuckDB's own limit stands alone."""
    before = _heap_limits()
    if before is None:
        yield
        return
    soft, hard, taken = before
    wanted = taken + int(HEAP_SHARE * bytes_of(limits.memory)) + HEAP_ROOM
    bounds = [each for each in (soft, hard) if each >= 0]
    _set_heap_limit(min([wanted, *bounds]), hard)
    try:
        yield
    finally:
        _set_heap_limit(soft, hard)


def _heap_limits() -> tuple[int, int, int] | None:
    """Give the soft and the hard limit (negative: none), and what is taken; None off Linux, where nobody keeps such a limit."""
    if sys.platform != "linux":
        return None
    import resource  # noqa: PLC0415 - there is none on Windows

    status = Path("/proc/self/status").read_text("ascii", "replace")
    found: Any = re.search(r"^VmData:\s+(\d+) kB", status, re.MULTILINE)
    return (*resource.getrlimit(resource.RLIMIT_DATA), int(found[1]) * 1024) if found else None


def _set_heap_limit(soft: int, hard: int) -> None:
    import resource  # noqa: PLC0415 - there is none on Windows

    resource.setrlimit(resource.RLIMIT_DATA, (soft, hard))
