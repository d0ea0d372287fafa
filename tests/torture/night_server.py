"""Nights at a word: a process that has imported everything once, and forks a child for every night.

    python -m tests.torture.night_server FOLDER

Reads orders as lines of JSON and answers each with one line. A child is killed with SIGKILL by this process after a delay, or
something befalls it at a named boundary: before the n-th time that it does a thing to a file of the state folder, or begins or
ends a part of the night. It is killed there (`kill`), the disk runs full (`fill FOLDER`) or becomes read-only
(`readonly FOLDER`), or it gets no more of something (`limit FSIZE|NOFILE|AS NUMBER`). The fork comes before any thread or database, so that a child is as good as a process of its own, and
300 nights need not import Dagster 300 times.

Not here: which nights are started and when they are killed (kills).
"""

import contextlib
import gc
import importlib
import json
import os
import pkgutil
import re
import resource
import select
import signal
import subprocess
import sys
import time
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tests.pipelines.conftest import Tiny
from tests.torture.organisation import found

PATIENCE_SECONDS = 300
"""A night that takes longer hangs."""
FILLER = ".filler"
"""The file that fills a disk."""
_IDS = re.compile(
    r"\d{8}T\d{6,12}Z(-[0-9a-f]{6})?|\b[0-9a-f-]{32,64}\b|\d{8}(?=\.json)|(?<=working-)\d+|(?<=json\.)\d+"
)
_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT
_EVENTS = {"os.rename", "os.mkdir", "os.remove", "os.rmdir", "os.symlink", "open"}
_FIRST_OF_MANY = re.compile(
    r"(releases/\.building-#/(site|marts)|lake/\w+/\w+/\.working-#/\w+|dagster)/.*"
)
_IMPORTED = (
    "connectors.columnar", "connectors.files", "connectors.dlt_pipeline", "connectors.draft", "dlt", "dlt.destinations",
    "dlt.extract.extract", "dlt.normalize.normalize", "dlt.load.load", "dlt.destinations.impl.filesystem.filesystem",
    "dlt.normalize.items_normalizers", "great_expectations", "transforms.pushdown", "duckdb_engine", "pyarrow.dataset",
    "pipelines.job", "pandas", "typst", "xlsxwriter", "dagster", "dlt.sources", "fsspec.implementations.local",
    "sqlglot.dialects.duckdb", "sqlglot.generators.duckdb", "sqlglot.parsers.duckdb", "igraph",
    "dlt.common.libs.pyarrow", "dlt.sources.helpers.requests",
)  # fmt: skip


class _Watch:
    """Told of every boundary: writes down how far the night is, and ends it where it was told to."""

    def __init__(
        self, pipe: int, root: Path, at: tuple[str, int] | None, *, fate: str, traces: bool
    ) -> None:
        self._pipe, self._root, self._at, self._fate = pipe, f"{root}/", at, fate
        self._seen: Counter[str] = Counter()
        self.part = "before it began"
        if at or traces:
            sys.addaudithook(self._audited)

    def passes(self, boundary: str) -> None:
        """Pass a boundary, unless this is where the night is to end."""
        self._seen[boundary] += 1
        if self._at == (boundary, self._seen[boundary]):
            self.tell({"boundary": boundary})
            befall(self._fate)

    def tell(self, what: dict[str, Any]) -> None:
        os.write(self._pipe, (json.dumps(what) + "\n").encode())

    def trace(self) -> dict[str, int]:
        """Give every boundary, and how often it was passed."""
        return dict(self._seen)

    def _audited(self, event: str, arguments: tuple[Any, ...]) -> None:
        if event not in _EVENTS or (event == "open" and not arguments[2] & _WRITES):
            return
        place = arguments[1] if event in ("os.rename", "os.symlink") else arguments[0]
        if isinstance(place, str | os.PathLike) and str(place).startswith(self._root):
            path = _IDS.sub("#", str(place)[len(self._root) :])
            short = _FIRST_OF_MANY.sub(r"\1/…", path)
            self.passes(f"{event.removeprefix('os.')} {short}")


class _Progress:
    """A run's progress, as boundaries."""

    def __init__(self, watch: _Watch) -> None:
        self._watch = watch
        self.record: Any = None

    def begin(self, part: str) -> None:
        self._watch.passes(f"{part} begins")
        self._watch.tell({"part": part})

    def end(self, part: str, *, seconds: float, summary: str) -> None:
        del seconds, summary
        self._watch.tell({"part": f"after {part}"})
        self._watch.passes(f"{part} ends")

    def say(self, message: str) -> None:
        self._watch.tell({"said": message})

    def finished(self, record: Any) -> None:
        self.record = record


def befall(fate: str) -> None:
    """Let something happen to this process, or to the disk that it writes on."""
    what, *given = fate.split()
    if what == "kill":
        os.kill(os.getpid(), signal.SIGKILL)
    elif what == "fill":
        fill(Path(given[0]))
    elif what == "readonly":
        subprocess.run(["mount", "-o", "remount,ro", given[0]], check=True)
    elif what == "limit":
        _limit(given[0], int(given[1]))
    else:
        raise ValueError(fate)


def fill(disk: Path) -> None:
    """Write until nothing goes any more."""
    piece = bytes(1 << 16)
    with contextlib.suppress(OSError), (disk / FILLER).open("wb", buffering=0) as file:
        while True:
            file.write(piece)


def import_everything() -> None:
    """Import what a night imports, so that no child has to."""
    import pipelines  # noqa: PLC0415
    import reports  # noqa: PLC0415
    import transforms  # noqa: PLC0415

    for name in _IMPORTED:
        importlib.import_module(name)
    for package in (pipelines, transforms, reports):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if not module.name.endswith(("__main__", "definitions_entry")):
                importlib.import_module(module.name)
    # what is there now stays: no child looks through it for rubbish, nor copies its memory by looking
    gc.collect()
    gc.freeze()


def serve(folder: Path) -> None:
    """Answer orders until standard input is closed."""
    tiny = found(folder)
    os.environ["TINY_DATA"] = str(tiny.data)
    import_everything()
    print("ready", flush=True)  # noqa: T201 - the protocol
    for line in sys.stdin:
        print(json.dumps(_night(tiny, json.loads(line))), flush=True)  # noqa: T201


def _night(tiny: Tiny, order: dict[str, Any]) -> dict[str, Any]:
    read, write = os.pipe()
    began = time.monotonic()
    child = os.fork()
    if child == 0:
        os.close(read)
        _be_the_night(tiny, order, write)
    os.close(write)
    wait = order.get("kill_after") or PATIENCE_SECONDS
    told, ended = _listen(read, until=began + wait)
    if not ended:
        os.kill(child, signal.SIGKILL)
        told += _listen(read, until=time.monotonic() + PATIENCE_SECONDS)[0]
    _, status = os.waitpid(child, 0)
    os.close(read)
    answer = _answer(told, status, seconds=time.monotonic() - began)
    return answer | {"hung": not ended and not order.get("kill_after")}


def _listen(pipe: int, *, until: float) -> tuple[list[dict[str, Any]], bool]:
    """Read what the child tells until it ends or the time is over."""
    text = b""
    while (left := until - time.monotonic()) > 0:
        if select.select([pipe], [], [], left)[0]:
            piece = os.read(pipe, 65536)
            if not piece:
                return _lines(text), True
            text += piece
    return _lines(text), False


def _lines(text: bytes) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines() if line.endswith(b"}")]


def _answer(told: list[dict[str, Any]], status: int, *, seconds: float) -> dict[str, Any]:
    answer: dict[str, Any] = {"part": "before it began", "said": [], "seconds": round(seconds, 3)}
    for each in told:
        answer["said"] += [each.pop("said")] if "said" in each else []
        answer |= each
    killed = os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL
    return answer | {"killed": killed, "wait_status": status}


def _be_the_night(tiny: Tiny, order: dict[str, Any], pipe: int) -> None:
    """Run one night in this child, and end."""
    code = 1
    try:
        _silence(Path(order["log"]) if order.get("log") else None)
        at = order.get("at")
        watch = _Watch(
            pipe,
            tiny.state.root,
            (at[0], at[1]) if at else None,
            fate=order.get("fate", "kill"),
            traces=bool(order.get("trace")),
        )
        progress = _Progress(watch)
        error = _run(tiny, order, progress)
        record = progress.record
        watch.tell(
            {
                "status": record.status if record else None,
                "problems": list(record.problems) if record else [],
                "error": error,
                "trace": watch.trace() if order.get("trace") else None,
            }
        )
        code = 0
    except BaseException as error:
        os.write(pipe, (json.dumps({"error": f"{type(error).__name__}: {error}"}) + "\n").encode())
    finally:
        os._exit(code)


def _silence(log: Path | None) -> None:
    target = os.open(log or os.devnull, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(target, 1)
    os.dup2(target, 2)


def _limit(name: str, value: int) -> None:
    """Set a limit of this process; memory and open files are given beyond what is taken already."""
    kind = getattr(resource, f"RLIMIT_{name}")
    taken = 0
    if name == "AS":
        pages = int(Path("/proc/self/statm").read_text("ascii").split()[0])
        taken = pages * resource.getpagesize()
    elif name == "NOFILE":
        taken = os.dup(0)  # the lowest that is free
        os.close(taken)
    resource.setrlimit(kind, (taken + value, taken + value))


def _run(tiny: Tiny, order: dict[str, Any], progress: _Progress) -> str | None:
    from pipelines.job import run_nightly  # noqa: PLC0415 - imported before the fork
    from pipelines.night import Order  # noqa: PLC0415

    try:
        if order.get("by") == "dagster":
            run_nightly(tiny.workspace, tiny.state, Order(), progress=progress)
        else:
            _run_parts(tiny, progress)
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    return None


def _run_parts(tiny: Tiny, progress: _Progress) -> None:
    from pipelines.night import Order, open_night  # noqa: PLC0415 - imported before the fork
    from scorecard.workspace import read_workspace  # noqa: PLC0415

    workspace = read_workspace(tiny.workspace)
    with open_night(
        workspace,
        tiny.state,
        Order(),
        environment=tiny.environment,
        progress=progress,
        clock=lambda: datetime.now(tz=UTC),
    ) as night:
        for source_id in workspace.sources.sources:
            night.extract(source_id, is_last=True)
        night.publish()


if __name__ == "__main__":
    serve(Path(sys.argv[1]))
