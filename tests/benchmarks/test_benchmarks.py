"""The benchmark at a tiny size: it runs, and what it holds against each other is equal work."""

from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import duckdb
import pytest

from benchmarks import growth, machine, table
from benchmarks.beside.dbt_project import write_project
from benchmarks.chart import Line, draw
from benchmarks.equal import DOUBLES, Unequal, require_equal
from benchmarks.measurements import Bench, add_loads, components, contracts, fresh_state, scores
from benchmarks.organisation import Extent, Home, prepare, write_rows
from benchmarks.table import Row
from benchmarks.timing import RunFailed, Sample, module, time_process
from benchmarks.workspace import Size
from scorecard.check import check_workspace

TINY = Extent(lines=9_000, tickets=2_000, work_orders=1_000, people=100, units=4, months=14)
DBT = Path(__file__).parents[2] / "build/benchmarks/dbt-venv/bin/dbt"


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Home:
    return prepare(tmp_path_factory.mktemp("benchmark"), TINY)


@pytest.fixture(scope="module")
def bench(home: Home) -> Bench:
    return Bench(home, 1, DBT, lambda _: None)


@pytest.fixture(scope="module")
def compared(bench: Bench) -> list[Row]:
    return components(bench)


def test_the_workspace_is_sound(home: Home) -> None:
    assert [each for each in check_workspace(home.read()) if each.severity == "error"] == []


def test_the_same_seed_makes_the_same_rows_and_another_makes_others(tmp_path: Path) -> None:
    def rows(folder: str, extent: Extent) -> list[bytes]:
        write_rows(tmp_path / folder, extent, tables={"order": "sales"}, is_next=False)
        return [path.read_bytes() for path in (tmp_path / folder).rglob("*.parquet")]

    assert rows("once", TINY) == rows("again", TINY)
    assert rows("other", replace(TINY, seed=2)) != rows("once", TINY)


def test_a_script_and_pandas_compute_what_we_compute(compared: list[Row]) -> None:
    assert [row.beside.split()[0] for row in compared] == ["a", "pandas,"]
    assert all(row.ratio > 0 and row.processor_ratio > 0 for row in compared)


def test_a_changed_number_is_found(bench: Bench, compared: list[Row]) -> None:
    assert compared
    script = bench.out / "script" / "script.duckdb"
    with duckdb.connect(str(script)) as connection:
        connection.execute(
            "update measure.revenue set numerator = numerator + 0.01 where rowid = 0"
        )
    ours = bench.out / "steelyard" / "warehouse.duckdb"
    with pytest.raises(Unequal, match="revenue: 1 rows differ"):
        require_equal(bench.home.read(), ours, script)
    with pytest.raises(Unequal, match="revenue: 1 rows differ"):
        require_equal(bench.home.read(), ours, script, tolerance=DOUBLES)


def test_dbt_models_hold_the_workspaces_sql_with_references(bench: Bench, tmp_path: Path) -> None:
    write_project(bench.task("dbt"), tmp_path, with_models=True)
    models = {path.stem for path in (tmp_path / "models").rglob("*.sql")}
    workspace = bench.home.read()
    assert models == {f"staging_{name}" for name in workspace.staging} | {
        f"measure_{name}" for name in workspace.measures
    }
    text = (tmp_path / "models/staging/staging_sales__order_line.sql").read_text()
    assert "{{ source('raw', 'sales__order_line') }}" in text
    assert "{{ ref('staging_sales__order') }}" in text


@pytest.mark.skipif(not DBT.is_file(), reason="`make bench` has not set up dbt's environment")
def test_dbt_computes_what_we_compute(bench: Bench, compared: list[Row], tmp_path: Path) -> None:
    assert compared
    task = bench.task("dbt")
    write_project(task, tmp_path, with_models=True)
    time_process(
        [str(DBT), "run"], environment={"DBT_PROFILES_DIR": str(tmp_path)}, folder=tmp_path
    )
    ours = bench.out / "steelyard" / "warehouse.duckdb"
    assert require_equal(bench.home.read(), ours, Path(task.out) / "dbt.duckdb") > 0


def test_contracts_come_out_as_in_pandas(bench: Bench) -> None:
    (row,) = contracts(bench)
    assert row.ours[0].said["found"] == {"outcomes": ["passed"] * 8}
    assert row.theirs[0].said["found"] == {"outcomes": ["passed"] * 8}


def test_a_next_load_brings_rows_of_the_current_month(home: Home, tmp_path: Path) -> None:
    fresh_state(tmp_path / "state", home.lake)
    add_loads(home.next_loads("service"), tmp_path / "state" / "lake")
    files = str(tmp_path / "state/lake/service/ticket/*/*.parquet")
    counted = duckdb.sql(
        f"select count(*), max(opened_at)::date::varchar from '{files}' group by filename order by 1"
    ).fetchall()
    assert [day for _, day in counted] == ["2026-09-30", "2026-10-04"]
    assert counted[0][0] == TINY.tickets < counted[1][0]


def test_months_alone_are_scored_at_every_unit(bench: Bench) -> None:
    (row,) = scores(bench, Size(4, 12, 13, nights=1, kinds=("ratio",)))
    assert row.ours[0].said["found"]["rows"] == row.theirs[0].said["found"]["rows"] == 4 * 12 * 13


def test_growth_measures_each_size_and_draws_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(growth, "WORK", {"components": growth.WORK["components"]})
    found = growth.grow(tmp_path / "work", [3_000, 9_000], runs=1, say=lambda _: None)
    growth.charts(found, tmp_path)
    assert [each.lines for each in found] == [3_000, 9_000]
    (said,) = growth.judged(found)
    assert said.startswith("rows to components: time per row grew at most 0.")
    drawn = ElementTree.fromstring((tmp_path / "growth-time.svg").read_text())  # noqa: S314 - our own
    assert len([each for each in drawn.iter() if each.tag.endswith("polyline")]) == 1


def test_a_chart_follows_the_page_and_says_its_numbers() -> None:
    text = draw("Time", [Line("work & more", ((1e6, 2.0), (1e8, 1.5)))], unit="s")
    assert "prefers-color-scheme: dark" in text
    assert "work &amp; more: 1 M 2 s, 100 M 1.5 s" in text


def _samples(*seconds: float) -> list[Sample]:
    return [Sample(each, each, 100, {}) for each in seconds]


@pytest.mark.parametrize(("at_most", "verdict"), [(2.0, "reached"), (1.9, "**missed**")])
def test_a_row_compares_medians_and_says_whether_it_is_reached(
    at_most: float, verdict: str
) -> None:
    row = Row("this", "that", _samples(9, 4, 4), _samples(1, 2, 2), at_most)
    _, _, line = table.lines([row])
    assert row.ratio == 2.0
    assert f"4.00 (4.00 to 9.00) | 2.00 (1.00 to 2.00) | 2.00 | {at_most:g} | {verdict}" in line


def test_what_is_taken_off_is_taken_off_both_sides() -> None:
    row = Row("this", "that", _samples(6), _samples(4), 2.0, _samples(2), _samples(3))
    assert row.ratio == 4.0


def test_a_process_that_fails_is_no_measurement() -> None:
    with pytest.raises(RunFailed, match="ended with 1"):
        time_process(module("benchmarks.no_such_module"))


def test_the_machine_is_described_without_its_name(tmp_path: Path) -> None:
    said = dict(machine.describe(tmp_path, beside="dbt 1"))
    assert set(said) == {
        "processor",
        "cores",
        "memory",
        "disk",
        "system",
        "Python",
        "packages",
        "dbt",
    }
    assert machine.platform.node() not in " ".join(said.values())
