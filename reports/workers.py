"""Shares pieces of work out over processes, each with the warehouse open read-only and no more in memory than its piece.

Not here: what a piece is (groups), what is done with it (site).
"""

import atexit
import os
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from functools import cached_property
from multiprocessing import Pipe, get_context, parent_process
from multiprocessing.connection import Connection, wait
from threading import Lock, Thread
from typing import Any, Generic, TypeVar

Job = TypeVar("Job")
Done = TypeVar("Done")


def available() -> int:
    """Return how many processors this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def shared_out(
    begin: Callable[[], Callable[[Job], Done]],
    jobs: Sequence[Job],
    *,
    here: Callable[[Job], Done],
    workers: int,
) -> Iterator[Done]:
    """Yield what comes of every job, in their order; `begin` makes, once in each process, what does them.

    This process is one of the workers, for it has what the others have to load first: its jobs are done by `here`. The
    others are started anew rather than forked: a fork of a process with threads may hang. What goes wrong in one comes out
    here, and ends the others after the job that they are at.
    """
    context = get_context("spawn")
    with ProcessPoolExecutor(
        workers - 1, mp_context=context, initializer=_start, initargs=(_Begun(begin),)
    ) as pool:
        shared: _Shared[Job, Done] = _Shared(pool, jobs)
        try:
            for _ in range(workers - 1):
                shared.hand_out()
            for at, job in shared:
                shared.keep(at, here(job))
            yield from shared.results()
        except BaseException:
            shared.drop()
            pool.shutdown(wait=False, cancel_futures=True)
            raise


class _Shared(Generic[Job, Done]):
    """Jobs that are left, which this process takes one after the other, and another process as soon as it has none."""

    def __init__(self, pool: ProcessPoolExecutor, jobs: Sequence[Job]) -> None:
        self._pool = pool
        self._count = len(jobs)
        self._left = deque(enumerate(jobs))
        self._done: dict[int, Future[Done]] = {}
        self._lock = Lock()

    def __iter__(self) -> Iterator[tuple[int, Job]]:
        """Yield the jobs that nobody has taken, each with its place."""
        while True:
            with self._lock:
                if not self._left:
                    return
                taken = self._left.popleft()
            yield taken

    def hand_out(self) -> None:
        """Give the next job to another process, and one more when it has done it."""
        with self._lock:
            if not self._left:
                return
            at, job = self._left.popleft()
            handed: Future[Done] = self._pool.submit(_run, job)
            self._done[at] = handed
        handed.add_done_callback(self._next)

    def _next(self, handed: "Future[Done]") -> None:
        if handed.cancelled() or handed.exception() is not None:
            self.drop()
        else:
            self.hand_out()

    def keep(self, at: int, done: Done) -> None:
        """Keep what came of a job that was done here."""
        self._done[at] = Future()
        self._done[at].set_result(done)

    def drop(self) -> None:
        """Leave the jobs that nobody has taken."""
        with self._lock:
            self._left.clear()

    def results(self) -> Iterator[Done]:
        """Yield what came of each job, in their order; a job that failed raises here."""
        for at in range(self._count):
            yield self._done[at].result()


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
