"""`make bench`: everything that is measured, beside what people would use instead, in one run: a table and its machine.

Not here: the measurements themselves, and how costs grow with the work (growth).
"""

import argparse
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime
from pathlib import Path

from benchmarks import machine, table
from benchmarks.measurements import Bench, components, contracts, example, nights, pages, scores
from benchmarks.organisation import Extent, prepare
from benchmarks.size import Size
from benchmarks.table import Row

ROOT = Path(__file__).parents[1]
SMALL = Extent(100_000, 25_000, 20_000, 1_000, units=4, months=14)


@dataclass(frozen=True)
class Asked:
    """What a run is to measure."""

    extent: Extent
    scored: Size
    scored_runs: int
    """Runs of each side of the scores: at full size one takes longer than all else together."""
    paged: Size
    rows: Sequence[str]


MEASUREMENTS: dict[str, Callable[[Bench, Asked], list[Row]]] = {
    "components": lambda bench, _: components(bench),
    "contracts": lambda bench, _: contracts(bench),
    "nights": lambda bench, _: nights(bench),
    "example": lambda bench, _: example(bench),
    "scores": lambda bench, asked: scores(replace(bench, runs=asked.scored_runs), asked.scored),
    "pages": lambda bench, asked: pages(bench, asked.paged),
}


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, print the table, and write it."""
    given = _parser().parse_args(arguments)
    asked = _asked(given)
    _say("data from the seed")
    home = prepare(given.folder, asked.extent)
    bench = Bench(home, given.runs, given.dbt, _say)
    given.results.mkdir(parents=True, exist_ok=True)
    found: list[Row] = []
    for name in asked.rows:  # what was measured is kept even where what follows fails
        found += MEASUREMENTS[name](bench, asked)
        text = "\n".join(_page(bench, asked, found)) + "\n"
        (given.results / f"{given.name}.md").write_text(text, "utf-8")
    _say(f"\n{text}")


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def _asked(given: argparse.Namespace) -> Asked:
    if given.small:
        return Asked(SMALL, _scored(4, 30, 24), given.scored_runs, Size(4, 10, 24), given.rows)
    counts = {each.name: getattr(given, each.name) for each in fields(Extent)}
    return Asked(
        Extent(**counts),
        _scored(given.scored_kpis, given.scored_units, given.scored_months),
        given.scored_runs,
        Size(given.paged_kpis, given.units, given.months),
        given.rows,
    )


def _scored(kpis: int, units: int, months: int) -> Size:
    return Size(kpis, units, months, nights=1, kinds=("ratio",))


def _page(bench: Bench, asked: Asked, rows: Sequence[Row]) -> Iterator[str]:
    extent, missed = asked.extent, [row for row in rows if not row.is_reached]
    yield "# What was measured"
    yield ""
    yield (
        f"{extent.lines:,} order lines, {extent.tickets:,} tickets, {extent.work_orders:,} work orders, {extent.people:,} people, "
        f"{extent.units} units, {extent.months} months, seed {extent.seed}. Runs of each side, in turn: {bench.runs}. "
        "Seconds on the clock: median (least to greatest)."
    )
    yield f"{len(rows) - len(missed)} of {len(rows)} targets reached."
    yield ""
    yield from table.lines(rows)
    yield ""
    yield "| machine | |"
    yield "|---|---|"
    for name, value in machine.describe(bench.home.root, beside=_dbt(bench.dbt)):
        yield f"| {name} | {value} |"
    yield f"| wanting to run, over the last quarter of an hour | {machine.load()} |"
    yield f"| day | {datetime.now(tz=UTC):%Y-%m-%d} |"


def _dbt(command: Path) -> str:
    """Give the versions in dbt's environment."""
    if not command.is_file():
        return "not installed"
    asked = "import importlib.metadata as m; print(', '.join(f'{n} {m.version(n)}' for n in ('dbt-core', 'dbt-duckdb', 'duckdb')))"
    done = subprocess.run(  # noqa: S603 - our own command
        [command.with_name("python"), "-c", asked], capture_output=True, text=True, check=True
    )
    return done.stdout.strip()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="benchmarks", description=(__doc__ or "").split("\n", maxsplit=1)[0]
    )
    for each in fields(Extent):
        parser.add_argument(f"--{each.name.replace('_', '-')}", type=int, default=each.default)
    parser.add_argument("--scored-kpis", type=int, default=500)
    parser.add_argument("--scored-units", type=int, default=1000)
    parser.add_argument("--scored-months", type=int, default=60)
    parser.add_argument("--scored-runs", type=int, default=1)
    parser.add_argument("--paged-kpis", type=int, default=100)
    parser.add_argument("--runs", type=int, default=5, help="of each side; medians are compared")
    parser.add_argument("--small", action="store_true", help="sizes that take a minute or two")
    parser.add_argument("--rows", nargs="+", choices=MEASUREMENTS, default=list(MEASUREMENTS))
    parser.add_argument("--name", default="latest", help="of the file in --results")
    parser.add_argument("--results", type=Path, default=ROOT / "benchmarks" / "results")
    parser.add_argument("--dbt", type=Path, default=ROOT / "build/benchmarks/dbt-venv/bin/dbt")
    parser.add_argument(
        "--folder", type=lambda text: Path(text).resolve(), default=ROOT / "build/benchmarks"
    )
    return parser


if __name__ == "__main__":
    main()
