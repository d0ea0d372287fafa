"""Which work is held against which: one function per group of rows, each running its sides in turn.

Not here: the sides (components, contracts, beside), timing a process, and the table.
"""

import os
import shutil
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from benchmarks.beside.dbt_project import write_project
from benchmarks.equal import DOUBLES, EXACT, require_equal
from benchmarks.organisation import AS_OF, TABLES, Home
from benchmarks.scores import prepare as prepare_scores
from benchmarks.size import Size
from benchmarks.table import Row
from benchmarks.task import Task
from benchmarks.timing import RunFailed, Sample, in_turn, module, time_process
from connectors.lake import loads
from examples.roastery.crm_server import serving
from examples.roastery.generator.build import build
from examples.roastery.stand_in import DEMO_HASH_KEY, DEMO_TOKEN

ROOT = Path(__file__).parents[1]
IMPORTS = "a process that only imports dagster, great_expectations, dlt, pandas and duckdb"


@dataclass(frozen=True)
class Bench:
    """What every measurement needs."""

    home: Home
    runs: int
    dbt: Path
    """dbt's command, in an environment of its own."""
    say: Callable[[str], None]

    @property
    def out(self) -> Path:
        """Where sides put their results."""
        return self.home.root / "out"

    def task(self, side: str) -> Task:
        """Give a side its work, and an empty folder."""
        out = self.out / side
        shutil.rmtree(out, ignore_errors=True)
        out.mkdir(parents=True)
        lake = self.home.lake
        raw = {
            f"{source}__{table}": [
                str(lake / newest.folder / file)
                for newest in (loads(lake, source, table)[-1],)
                for file in newest.files
            ]
            for table, source in TABLES.items()
        }
        return Task(raw, str(self.home.workspace), str(lake), str(out), AS_OF.isoformat())

    def side(self, name: str, of: str) -> Callable[[int], Sample]:
        """Give a side that is a module of ours; its seconds are its own, after its imports."""

        def run(_: int) -> Sample:
            path = self.task(name).write(self.out / f"{name}.json")
            return time_process(module(of, str(path)), folder=ROOT).own()

        return run

    def imports(self, _: int) -> Sample:
        """Import what has to be imported."""
        return time_process(module("benchmarks.beside.imports"), folder=ROOT)


def components(bench: Bench) -> list[Row]:
    """Turn rows into components, beside a script and pandas; what they compute is equal, or nothing is reported."""
    bench.say("Parquet in the lake to components")
    sides = {
        "steelyard": bench.side("steelyard", "benchmarks.components"),
        "script": bench.side("script", "benchmarks.beside.duckdb_script"),
        "pandas": bench.side("pandas", "benchmarks.beside.pandas_script"),
    }
    found = in_turn(bench.runs, sides, say=bench.say)
    workspace, ours = bench.home.read(), bench.out / "steelyard" / "warehouse.duckdb"
    rows = require_equal(workspace, ours, bench.out / "script" / "script.duckdb", tolerance=EXACT)
    require_equal(workspace, ours, bench.out / "pandas", tolerance=DOUBLES)
    bench.say(f"  equal: {rows} rows of components")
    count = len(workspace.measures)
    return [
        Row(
            f"Parquet in the lake to components of {count} measures",
            "a hand-written DuckDB script with the same SQL",
            found["steelyard"],
            found["script"],
            1.15,
        ),
        Row(
            "the same computation",
            "pandas, as an analyst would write it",
            found["steelyard"],
            found["pandas"],
            1 / 3,
            note="pandas computes in doubles, which agree to 1e-9; all else agrees to the last digit.",
        ),
    ]


def contracts(bench: Bench) -> list[Row]:
    """Hold the order lines to their contract, beside the same in pandas; the outcomes have to be equal."""
    bench.say("contracts")
    sides = {
        "contracts": bench.side("contracts", "benchmarks.contracts"),
        "gx_pandas": bench.side("gx_pandas", "benchmarks.beside.gx_pandas"),
    }
    found = in_turn(bench.runs, sides, say=bench.say)
    said = [found[side][-1].said["found"] for side in sides]
    if said[0] != said[1]:
        raise RunFailed(f"The contract's outcomes differ: {said[0]} and {said[1]}.")
    count = len(said[0]["outcomes"])
    ours, theirs = found["contracts"], found["gx_pandas"]
    note = "both start from the Parquet file, after their imports."
    return [Row(f"contracts: {count} expectations on the order lines", "the same suite in pandas", ours, theirs, 0.2, note=note)]  # fmt: skip


def nights(bench: Bench) -> list[Row]:
    """Run whole nights: everything, nothing new, one new load; beside dbt, its start, and the bare imports."""
    bench.say("whole nights")
    state, project, nothing = (bench.out / name for name in ("state", "project", "nothing"))
    task = bench.task("dbt")
    write_project(task, project, with_models=True)
    write_project(task, nothing, with_models=False)

    def full(_: int) -> Sample:
        fresh_state(state, bench.home.lake)
        return run_night(bench.home, state)

    def next_load(_: int) -> Sample:
        add_loads(bench.home.next_loads("service"), state / "lake")
        return run_night(bench.home, state)

    def dbt(folder: Path) -> Callable[[int], Sample]:
        def run(_: int) -> Sample:
            (Path(task.out) / "dbt.duckdb").unlink(missing_ok=True)
            return time_process(
                [str(bench.dbt), "run"],
                environment={"DBT_PROFILES_DIR": str(folder)},
                folder=folder,
            )

        return run

    sides = {
        "imports": bench.imports,
        "full night": full,
        "nothing new": lambda _: run_night(bench.home, state),
        "one new load": next_load,
        "dbt start": dbt(nothing),
        "dbt run": dbt(project),
    }
    found = in_turn(bench.runs, sides, say=bench.say)
    ours = bench.out / "steelyard" / "warehouse.duckdb"
    if not ours.is_file():
        bench.side("steelyard", "benchmarks.components")(0)
    rows = require_equal(bench.home.read(), ours, Path(task.out) / "dbt.duckdb")
    bench.say(f"  equal: {rows} rows of components")
    return _night_rows(found)


def _night_rows(found: Mapping[str, Sequence[Sample]]) -> list[Row]:
    imports, full, start = found["imports"], found["full night"], found["dbt start"]
    whole = "the whole `steelyard run` from a filled lake"
    models = "`dbt run` with dbt-duckdb on the same staging and measure models alone"
    off = "the full night; both without extraction and less the imports"
    return [
        Row(whole, models, full, found["dbt run"], 2.0),
        Row(
            f"{whole}, less import",
            f"{models}, less dbt's own start",
            full,
            found["dbt run"],
            1.5,
            less_ours=imports,
            less_theirs=start,
            note=f"import is {IMPORTS}; dbt's own start is `dbt run` of a project without models.",
        ),
        Row(
            "a night with no new loads and no changed definition",
            off,
            found["nothing new"],
            full,
            0.1,
            imports,
            imports,
        ),
        Row(
            "one source (tickets and answers) has new rows for the current month",
            off,
            found["one new load"],
            full,
            1 / 3,
            imports,
            imports,
        ),
    ]


def example(bench: Bench) -> list[Row]:
    """Run the example organisation, with its sources, beside the bare imports."""
    bench.say("the example organisation")
    folder = bench.out / "example"
    data = folder / "data"
    build(data)

    def run(_: int) -> Sample:
        shutil.rmtree(folder / "state", ignore_errors=True)
        return time_process(
            _steelyard("run", "--workspace", "examples/roastery"),
            environment={**sources, "STEELYARD_HOME": str(folder / "state")},
            folder=ROOT,
            good=(0, 2),
        )

    with serving(data / "crm", token=DEMO_TOKEN) as crm:
        sources = {
            "ROASTERY_DATA": str(data),
            "FINANCE_URL": f"sqlite:///{data / 'finance.db'}",
            "CRM_URL": crm,
            "CRM_TOKEN": DEMO_TOKEN,
            "STEELYARD_HASH_KEY": DEMO_HASH_KEY,
        }
        found = in_turn(bench.runs, {"imports": bench.imports, "example": run}, say=bench.say)
    return [Row("`steelyard run` on the example organisation", IMPORTS, found["example"], found["imports"], 1.8)]  # fmt: skip


def run_night(home: Home, state: Path) -> Sample:
    """Run the night as a person does, without extraction."""
    return time_process(
        _steelyard("run", "--no-extract", "--workspace", str(home.workspace)),
        environment={**home.environment, "STEELYARD_HOME": str(state)},
        folder=ROOT,
    )


def _steelyard(*arguments: str) -> list[str]:
    return [str(Path(sys.executable).with_name("steelyard")), *arguments]


def fresh_state(state: Path, lake: Path) -> None:
    """Make a state folder that holds a lake and nothing else; its files are those of the lake given."""
    shutil.rmtree(state, ignore_errors=True)
    shutil.copytree(lake, state / "lake", copy_function=os.link)


def add_loads(new: Path, lake: Path) -> None:
    """Add loads to a lake that other runs have landed."""
    shutil.copytree(new, lake, copy_function=os.link, dirs_exist_ok=True)


def scores(bench: Bench, size: Size) -> list[Row]:
    """Score and roll up a wide organisation's months, beside reading and writing the table of its KPI scores."""
    bench.say("scoring and roll-up")
    folder = bench.home.root.parent / f"scores-{size.name}"
    prepare_scores(folder, size)

    def side(name: str) -> Callable[[int], Sample]:
        command = module("benchmarks.scores", name, str(folder))
        return lambda _: time_process(command, folder=ROOT).own()

    found = in_turn(bench.runs, {"score": side("score"), "copy": side("copy")}, say=bench.say)
    last = found["score"][-1].said["found"]
    steps = ", ".join(f"{name} {seconds:g}" for name, seconds in list(last["steps"].items())[:8])
    shutil.rmtree(folder)
    work = f"scoring and roll-up of {size.kpis} KPIs x {size.units} units x {size.months} months ({last['rows']:,} scores)"
    note = f"runs of each side: {bench.runs}; all steps from components to contributions; the slowest, in processor seconds of the last run: {steps}."
    return [Row(work, "DuckDB reading and writing that table", found["score"], found["copy"], 4.0, note=note)]  # fmt: skip


def pages(bench: Bench, size: Size) -> list[Row]:
    """Draw pages of KPIs and units."""
    bench.say("pages")
    arguments = {"kpis": size.kpis, "units": size.units, "months": size.months, "seed": size.seed}
    flags = [text for name, number in arguments.items() for text in (f"--{name}", str(number))]
    folder = bench.home.root.parent
    command = module("benchmarks.pages", *flags, "--folder", str(folder), "--groups", "kpis")
    if not (folder / size.name / "warehouse.duckdb").is_file():
        time_process(command, folder=ROOT)  # builds the warehouse, once
    found = in_turn(
        bench.runs, {"pages": lambda _: time_process(command, folder=ROOT)}, say=bench.say
    )
    return [Row(f"{size.pages:,} pages of KPIs and units", "", found["pages"], at_most=20.0)]
