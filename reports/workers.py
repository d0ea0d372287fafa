"""Shares pieces of work out over processes, each with the warehouse open read-only and no more in memory than its piece.

Not here: what a piece is (groups), what is done with it (site).
"""

import atexit
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import cached_property
from multiprocessing import Pipe, get_context, parent_process
from multiprocessing.connection import Connection, wait
from threading import Thread
from typing import Any, TypeVar

Job = TypeVar("Job")
Done = TypeVar("Done")


def available() -> int:
    """Return how many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def shared_out(
    begin: Callable[[], Callable[[Job], Done]], jobs: Sequence[Job], *, workers: int
) -> Iterator[Done]:
    """Yield what comes of every job, in their order; `begin` makes, once in each process, what does them.

    Processes are started anew rather than forked: a fork of a process with threads may hang. What goes wrong in one comes
    out here, and ends the others after the job that they are at.
    """
    context = get_context("spawn")
    with ProcessPoolExecutor(
        workers, mp_context=context, initializer=_start, initargs=(_Begun(begin),)
    ) as pool:
        try:
            yield from pool.map(_run, jobs)
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise


class _Begun:
    """What does the jobs of this process, made when the first comes."""

    def __init__(self, begin: Callable[[], Callable[[Any], Any]]) -> None:
        self._begin = begin

    @cached_property
    def do(self) -> Callable[[Any], Any]:
        return self._begin()


_does: list[_Begun] = []


def _start(begun: _Begun) -> None:
    _does.append(begun)
    ended, end = Pipe(duplex=False)
    watch = Thread(target=_end_with_parent, args=(ended,), daemon=True)
    watch.start()
    atexit.register(_stop_watching, watch, end)


def _end_with_parent(ended: Connection) -> None:
    """End when the run is no more: one that was killed has told nobody to stop, and its processes would wait for ever."""
    run = parent_process()
    if run is not None and ended not in wait([run.sentinel, ended]):
        os._exit(1)


def _stop_watching(watch: Thread, end: Connection) -> None:
    """Let the thread go at a process's own end: one that still runs keeps all modules, and the engine complains of it."""
    end.close()
    watch.join()


def _run(job: Any) -> Any:
    return _does[0].do(job)
