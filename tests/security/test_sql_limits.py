"""No definition takes more of the machine than it may: it is stopped, named with its KPI, and the rest of the night goes on."""

import subprocess
import sys
from dataclasses import replace
from datetime import date
from pathlib import Path

import duckdb
import pytest

from scorecard.company import Company
from scorecard.company import Limits as Allowed
from scorecard.contracts import Contract, RowRule
from scorecard.workspace import Workspace
from tests.transforms.test_build import SALES, ask, land, workspace
from transforms.build import BuildPaths, build_measures
from transforms.contracts import LandedTable, judge_table
from transforms.engine import Limits, open_warehouse
from transforms.limits import LimitReached, _size, bytes_of, within
from transforms.measures import Built

ROOT = Path(__file__).parents[2]
GROWING = {
    "a long list": "select len(range(400000000)) as numerator",
    "a long text": "select len(repeat('x', 4000000000)) as numerator",
    "a padded text": "select len(format('{:>2000000000}', 'x')) as numerator",
    "a list of lists": "select len(list_resize([1], 10000000000)) as numerator",
    "a text that doubles": (
        "with recursive r as (select 'x' as s, 0 as n union all select s || s, n + 1 from r where n < 40) "
        "select max(len(s)) as numerator from r"
    ),
    "a list of all rows": "select len(list(i)) as numerator from range(1000000000) as t(i)",
    "texts put together": "select len(string_agg(repeat('x', 1000000), '')) as numerator from range(100000)",
    "nested JSON": "select len(json_pretty(repeat('[', 5000000) || repeat(']', 5000000))) as numerator",
}  # fmt: skip
ENDLESS = {
    "a series": "select sum(i) as numerator from generate_series(1, 1000000000000) as t(i)",
    "a cross join": "select count(*) as numerator from range(10000000) as a(x), range(10000000) as b(y) where x * y % 7 = 3",
    "a recursion": "with recursive r as (select 1 as n union all select n + 1 from r) select max(n) as numerator from r",
    "a fold": "select list_reduce(range(5000000), lambda x, y: x + y) as numerator",
    "a regular expression": "select count(*) as numerator from range(100000000) as t(i) where regexp_matches(repeat('a', 1000) || i, '(a+)+$b')",
}  # fmt: skip


def _limited(sql: str, **limits: object) -> Workspace:
    """Give a workspace whose one measure is `sql`, and what it may take."""
    spec = workspace(measure__sold=f"-- Sold.\n-- Grain: one row.\nselect 'all' as unit, date '2026-09-01' as period, numerator from ({sql})")  # fmt: skip
    allowed = Allowed.model_validate({"memory": "500MB", "seconds": 2} | limits)
    return replace(spec, company=spec.company.model_copy(update={"limits": allowed}))


def _built(tmp_path: Path, spec: Workspace) -> dict[str, Built]:
    """Build staging and measures within the workspace's own limits."""
    raw = land(tmp_path / "lake", SALES)
    paths = BuildPaths(tmp_path / "lake", tmp_path / "warehouse.duckdb", tmp_path / "work")
    return build_measures(
        spec, paths=paths, raw_tables=[raw], states=[], quality={}, as_of=date(2026, 10, 5)
    )


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux bounds a process's memory")
@pytest.mark.parametrize("sql", GROWING.values(), ids=GROWING)
def test_what_needs_too_much_memory_is_stopped_and_named(tmp_path: Path, sql: str) -> None:
    """DuckDB's own limit knows nothing of a single value: a list of 200 million numbers took 14 GB under a limit of 500 MB."""
    built = _built(tmp_path, _limited(sql, seconds=60))
    error = built["measure.sold"].error or ""
    assert "measure.sold (KPI sold) needs more than the 500MB of memory" in error
    assert "Mend:" in error
    assert "limits.memory" in error
    assert built["staging.sale"].row_count == 300


@pytest.mark.parametrize("sql", ENDLESS.values(), ids=ENDLESS)
def test_what_takes_too_long_is_stopped_and_named(tmp_path: Path, sql: str) -> None:
    built = _built(tmp_path, _limited(sql, seconds=1))
    error = built["measure.sold"].error or ""
    assert "measure.sold (KPI sold) ran longer than 1 seconds and was stopped. Mend:" in error
    assert "limits.seconds" in error
    assert built["staging.sale"].row_count == 300


def test_what_fills_the_disk_is_stopped_and_named(tmp_path: Path) -> None:
    rows = "select i as numerator, hash(i) as h, repeat('z', 300) || hash(i * 7) as s from range(3000000) as t(i)"
    text = f"-- Sold.\nselect 'all' as unit, date '2026-09-01' as period, * from ({rows})"
    spec = _limited(rows, seconds=120, memory="100MB", disk="20MB")
    spec = replace(spec, measures={"sold": replace(spec.measures["sold"], text=text)})
    error = _built(tmp_path, spec)["measure.sold"].error or ""
    assert "measure.sold (KPI sold) filled the 20MB of disk" in error
    assert "limits.disk" in error


def test_what_is_spilled_is_limited_too(tmp_path: Path) -> None:
    limits = Limits(memory="100MB", disk="20MB")
    with open_warehouse(tmp_path / "w.duckdb", limits=limits, temporary=tmp_path) as connection:
        (found,) = connection.execute(
            "select current_setting('max_temp_directory_size')"
        ).fetchall()
    assert found == ("19.0 MiB",)


BOUND = """
import resource
from transforms.check import _Binder
from transforms.engine import Limits

binder = _Binder({}, Limits(memory="300MB", seconds=60))
print(binder.describe("select len(range(400000000)) as a, len(repeat('x', 4000000000)) as b"))
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1000)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux bounds a process's memory")
def test_the_check_is_held_to_the_limits_too() -> None:
    """DuckDB computes while it binds what needs no row: these two took 7 GB of `steelyard check`."""
    said, megabytes = _run(BOUND, code=0).stdout.splitlines()
    assert said == "[('a', 'BIGINT'), ('b', 'BIGINT')]"
    assert int(megabytes) < 2000


def test_a_row_rule_is_held_to_the_limits_too(tmp_path: Path) -> None:
    raw = land(tmp_path / "lake", SALES)
    rule = RowRule(name="greedy", condition="len(range(400000000)) > id", reason="None.")
    landed = LandedTable("till", "sale", raw.table, raw.loads, Contract(row_rules=(rule,)))
    verdict = judge_table(
        landed,
        lake=tmp_path / "lake",
        cache=tmp_path / "cache",
        temporary=tmp_path / "spill",
        limits=Limits(memory="500MB", seconds=60),
    )
    said = [check.message for check in verdict.verdicts[0].results]
    assert "The row rule greedy needs more than the 500MB of memory" in str(said)


def test_a_stopped_measure_leaves_its_kpi_unverified_and_the_rest_scored(tmp_path: Path) -> None:
    spec = _limited("select count(*) as numerator from range(10000000) as a(x), range(10000000) as b(y) where x * y % 7 = 3")  # fmt: skip
    spec = replace(spec, company=spec.company.model_copy(update={"limits": Allowed(seconds=1)}))
    raw = land(tmp_path / "lake", SALES)
    paths = BuildPaths(tmp_path / "lake", tmp_path / "w.duckdb", tmp_path / "work")
    build_measures(
        spec, paths=paths, raw_tables=[raw], states=[], quality={}, as_of=date(2026, 10, 5)
    )
    told = ask(paths.warehouse, "select is_broken, error_message from measure.dim_measure")
    assert told[0][0] is True
    assert "KPI sold" in told[0][1]


def test_the_connection_serves_on_after_it_was_stopped() -> None:
    with duckdb.connect(config={"memory_limit": "500MB"}) as connection:
        for sql in (ENDLESS["a recursion"], GROWING["a long list"]):
            with (
                pytest.raises(LimitReached, match="the definition"),
                within(connection, Limits(memory="500MB", seconds=1), what="the definition"),
            ):
                connection.execute(sql).fetchall()
            assert connection.execute("select 1").fetchall() == [(1,)]


def test_an_interruption_by_a_person_is_none_by_a_limit() -> None:
    with (
        duckdb.connect() as connection,
        pytest.raises(duckdb.InterruptException),
        within(connection, Limits(), what="it"),
    ):
        raise duckdb.InterruptException("a person did it")


def _run(program: str, *, code: int) -> subprocess.CompletedProcess[str]:
    """Run a program in a process of its own, and see how it ends."""
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == code, done.stderr
    return done


STUBBORN = """
import time
import duckdb
from transforms import limits
from transforms.engine import Limits

limits.GRACE = 0.5
with duckdb.connect() as connection, limits.within(connection, Limits(seconds=0.5), what="measure.stubborn"):
    time.sleep(20)
print("never said")
"""


def test_what_does_not_heed_ends_the_run_and_says_which_definition() -> None:
    """One value can take hours, and DuckDB looks for an interruption only between values."""
    done = _run(STUBBORN, code=70)
    assert "measure.stubborn ran longer than 0.5 seconds" in done.stderr
    assert "never said" not in done.stdout


def test_a_file_that_vanishes_while_it_is_watched_takes_no_room(tmp_path: Path) -> None:
    """DuckDB removes its log once that is written back; the watch once died of it, and nobody kept the limits."""
    (tmp_path / "w.duckdb").write_bytes(b"x" * 7)
    assert [_size(tmp_path / name) for name in ("w.duckdb", "w.duckdb.wal")] == [7, 0]


@pytest.mark.parametrize(
    ("size", "expected"), [("500MB", 5 * 10**8), ("4GB", 4 * 10**9), ("1TB", 10**12)]
)
def test_sizes_are_read_as_duckdb_reads_them(size: str, expected: int) -> None:
    assert bytes_of(size) == expected


@pytest.mark.parametrize(
    "limits", [{"memory": "lots"}, {"memory": "0GB"}, {"seconds": 0}, {"disk": "-1GB"}]
)
def test_limits_that_are_none_are_refused(limits: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="limits"):
        Company.model_validate(
            {"organisation": {"id": "a", "name": "A"}, "currency": "EUR", "limits": limits}
        )
