"""How costs grow with the work: rows to components, and contracts, over ever more order lines; time per row and memory, as charts.

Everything but order lines and orders stays small. Lakes are filled by DuckDB, one load of one file for each table: landing a
snapshot through a connector holds all of its rows in memory, and is not what is measured here.

Not here: the table of comparisons (measurements), drawing (chart).
"""

import argparse
import json
import shutil
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import duckdb

from benchmarks.chart import Line, draw
from benchmarks.measurements import Bench
from benchmarks.organisation import (
    LAST_DAY,
    TABLES,
    Extent,
    Home,
    write_table,
    write_workspace,
    writing,
)
from benchmarks.timing import median
from connectors.lake import MANIFEST
from scorecard.load import LoadManifest
from transforms.engine import literal

SIZES = (1_000_000, 10_000_000, 100_000_000)
MOST_MEGABYTES = 4096
MOST_GROWTH = 1.1
LOAD = "20261005T010000000000Z"
PART = "part-0000.parquet"
WORK = {
    "components": ("benchmarks.components", "rows to components"),
    "contracts": ("benchmarks.contracts", "contract of 8 expectations"),
}


@dataclass(frozen=True)
class Grown:
    """What one piece of work took over so many order lines."""

    work: str
    lines: int
    seconds: float
    processor: float
    megabytes: float

    @property
    def per_million(self) -> float:
        """Seconds of the processors for a million order lines."""
        return self.processor / self.lines * 1e6


def grow(
    folder: Path, sizes: Sequence[int], *, runs: int, say: Callable[[str], None]
) -> list[Grown]:
    """Measure each piece of work at each size; lakes are removed afterwards."""
    found = []
    for lines in sizes:
        home = _prepared(folder, Extent(lines, 100_000, 100_000, 10_000))
        bench = Bench(home, runs, Path(), say)
        for work, (module, _) in WORK.items():
            side = bench.side(work, module)
            samples = [side(number) for number in range(runs)]
            took = Grown(
                work,
                lines,
                median(samples),
                median(samples, lambda each: each.processor),
                max(each.megabytes for each in samples),
            )
            found.append(took)
            say(
                f"  {lines:,} lines, {work}: {took.seconds:.1f} s, processor {took.processor:.1f} s "
                f"({took.per_million:.2f} s a million), {took.megabytes:.0f} MB"
            )
        shutil.rmtree(home.root)
    return found


def judged(found: Sequence[Grown]) -> Iterator[str]:
    """Say of each piece of work whether time per row is flat or falls, within 10 %, and whether memory stays below the limit."""
    for work, (_, name) in WORK.items():
        mine = sorted((each for each in found if each.work == work), key=lambda each: each.lines)
        if not mine:
            continue
        steps = [after.per_million / before.per_million for before, after in pairwise(mine)]
        worst = max(steps, default=1.0)
        most = max(each.megabytes for each in mine)
        yield (
            f"{name}: time per row grew at most {worst:.2f} times from one size to the next "
            f"({'reached' if worst <= MOST_GROWTH else '**missed**'}: {MOST_GROWTH}); largest memory {most:.0f} MB "
            f"({'reached' if most <= MOST_MEGABYTES else '**missed**'}: {MOST_MEGABYTES})."
        )


def charts(found: Sequence[Grown], folder: Path) -> None:
    """Draw time per row and memory against the number of order lines."""
    series = {
        name: [each for each in found if each.work == work] for work, (_, name) in WORK.items()
    }
    folder.mkdir(parents=True, exist_ok=True)
    shown: tuple[tuple[str, str, str, Callable[[Grown], float]], ...] = (
        ("growth-time", "Processor seconds per million order lines", "s", _time),
        ("growth-memory", "Largest memory", "MB", _memory),
    )
    for file, title, unit, of in shown:
        drawn = [
            Line(name, tuple((each.lines, of(each)) for each in points))
            for name, points in series.items()
            if points
        ]
        (folder / f"{file}.svg").write_text(draw(title, drawn, unit=unit), "utf-8")


def _time(grown: Grown) -> float:
    return grown.per_million


def _memory(grown: Grown) -> float:
    return grown.megabytes


def _prepared(folder: Path, extent: Extent) -> Home:
    """Write the workspace, and a lake of one load a table."""
    home = Home(folder / f"growth-{extent.lines}")
    shutil.rmtree(home.root, ignore_errors=True)
    write_workspace(home.workspace, extent)
    workspace = home.read()
    with writing(extent) as connection:
        for table, source in TABLES.items():
            key = workspace.sources.sources[source].tables[table].primary_key
            load = home.lake / source / table / LOAD
            load.mkdir(parents=True)
            write_table(connection, table, load / PART, extent=extent, is_next=False)
            manifest = _manifest(connection, load, source=source, table=table, key=key)
            (load / MANIFEST).write_text(manifest.model_dump_json(indent=1) + "\n", "utf-8")
    return home


def _manifest(
    connection: duckdb.DuckDBPyConnection,
    load: Path,
    *,
    source: str,
    table: str,
    key: tuple[str, ...],
) -> LoadManifest:
    rows = f"read_parquet({literal(str(load / PART))})"
    ((count,),) = connection.execute(f"select count(*) from {rows}").fetchall()
    columns = connection.execute(f"describe from {rows}").fetchall()
    return LoadManifest(
        source=source,
        table=table,
        load_id=LOAD,
        row_count=count,
        byte_count=(load / PART).stat().st_size,
        columns={name: kind for name, kind, *_ in columns},
        primary_key=key,
        is_snapshot=True,
        extracted_at=datetime(2026, 10, 5, 1, tzinfo=UTC),
        data_as_of=LAST_DAY,
        content_hash=f"{table}-{count}",
        files=(PART,),
    )


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, and keep the figures beside the charts."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES)
    parser.add_argument("--runs", type=int, default=1)
    parser.add_argument(
        "--folder", type=lambda given: Path(given).resolve(), default="build/benchmarks"
    )
    parser.add_argument("--figures", type=Path, default="benchmarks/results/growth.json")
    parser.add_argument("--charts", type=Path, default="docs/benchmarks")
    given = parser.parse_args(arguments)

    def say(text: str) -> None:
        sys.stdout.write(text + "\n")
        sys.stdout.flush()

    found = grow(given.folder, given.sizes, runs=given.runs, say=say)
    given.figures.parent.mkdir(parents=True, exist_ok=True)
    given.figures.write_text(json.dumps([asdict(each) for each in found], indent=1) + "\n", "utf-8")
    charts(found, given.charts)
    for line in judged(found):
        say(line)


if __name__ == "__main__":
    main()
