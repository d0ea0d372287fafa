"""Measures how long the pages of a release take, and how much memory: `python -m benchmarks.pages --kpis 100 --units 50`.

Prints one line per run: pages written, seconds on the clock, seconds of processor time (this process and its workers) and the
largest memory of this process and of a worker. The warehouse is built once and kept in `--folder`. Where other work shares the
machine, compare the processor time.

Not here: the workspace, the warehouse.
"""

import argparse
import resource
import shutil
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from tempfile import mkdtemp

from benchmarks.size import Size
from reports.site import GROUPS, build


def main(arguments: Sequence[str] | None = None) -> None:
    """Build the warehouse where it is not there yet, then the pages, and print what they took."""
    given = _parser().parse_args(arguments)
    size = Size(given.kpis, given.units, given.months, nights=given.nights, seed=given.seed)
    warehouse = given.folder / size.name / "warehouse.duckdb"
    if not warehouse.is_file():
        _build_apart(given.folder, size)
    # A release goes into a folder of its own. Right after thousands of files have gone, the file system takes long to make others.
    out = Path(mkdtemp(prefix="site-", dir=given.folder / size.name))
    began, spent = time.perf_counter(), time.process_time()
    counts = build(warehouse, out, groups=given.groups or None, workers=given.workers)
    clock, own = time.perf_counter() - began, time.process_time() - spent
    below = resource.getrusage(resource.RUSAGE_CHILDREN)
    shutil.rmtree(out)
    sys.stdout.write(
        f"{size.name}: {size.pages} KPI-and-unit pages, {sum(counts.values())} pages and files; "
        f"{clock:.1f} s, processor {own + below.ru_utime + below.ru_stime:.1f} s; "
        f"memory {_megabytes(resource.RUSAGE_SELF)} MB, worker {_megabytes(resource.RUSAGE_CHILDREN)} MB\n"
    )


def _build_apart(folder: Path, size: Size) -> None:
    """Build the warehouse in a process of its own, so that its memory does not count."""
    from multiprocessing import get_context  # noqa: PLC0415 - only where there is something to build

    from benchmarks.warehouse import build_warehouse  # noqa: PLC0415 - imports the engine's side

    built = get_context("spawn").Process(target=build_warehouse, args=(folder, size))
    built.start()
    built.join()
    if built.exitcode:
        raise SystemExit("The warehouse was not built: see above.")


def _megabytes(who: int) -> int:
    """Return the largest memory so far; Linux counts in kB, macOS in bytes."""
    most = resource.getrusage(who).ru_maxrss
    return most // 1024 if sys.platform != "darwin" else most // 1024**2


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--kpis", type=int, default=100)
    parser.add_argument("--units", type=int, default=50)
    parser.add_argument("--months", type=int, default=46)
    parser.add_argument("--nights", type=int, default=2, help="loads that follow one another")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--workers", type=int, help="processes; by default one per processor")
    parser.add_argument("--groups", nargs="*", choices=GROUPS, help="by default all")
    parser.add_argument(
        "--folder", type=lambda given: Path(given).resolve(), default="build/benchmarks"
    )
    return parser


if __name__ == "__main__":
    main()
