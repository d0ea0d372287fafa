"""What an older version wrote opens in this one: workspace, lake, ledger, records, warehouse and pointer."""

import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from pipelines import releases, runs
from pipelines.state import State
from tests.pipelines.conftest import SALES, Tiny
from tests.torture import older
from tests.torture.kept import Kept
from tests.torture.reader import REVENUE_IN_MARCH
from tests.torture.told import is_long, tell
from transforms import ledger
from transforms.engine import STORAGE_VERSION

OLD_ENGINE = "1.5"
VERSIONS = older.versions()


@pytest.fixture(params=VERSIONS if is_long() else VERSIONS[:1])
def old(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Tiny:
    older.unpack(request.param, tmp_path)
    monkeypatch.setenv("TINY_DATA", str(tmp_path / "data"))
    return Tiny(tmp_path / "workspace", tmp_path / "data", State(tmp_path / "state"))


def test_what_an_older_version_left_is_read_and_goes_on(old: Tiny) -> None:
    kept = Kept(old.state)
    assert kept.faults() == []
    before = runs.read_records(old.state)
    reported = [(200.0,), (210.0,)]
    assert old.query(REVENUE_IN_MARCH) == [(210.0,)]
    done = old.steelyard("status")
    assert (done.exit_code, "Damage" in done.out, before[-1].run_id in done.out) == (0, False, True)
    old.write("shop/sale.csv", SALES + "7,south,2026-03-31,30.00\n")
    record = old.run()
    assert (record.status, record.problems) == ("published", ())
    assert kept.faults() == []
    values = old.query(
        "select actual from history.reported_value inner join history.release using (run_id) "
        "where kpi_id = 'revenue' and unit_id = 'acme' and grain = 'month' "
        "and reported_value.period_start_date = date '2026-03-01' order by reported_at"
    )
    assert values == [*reported, (230.0,)]
    assert old.run().status == "unchanged"
    formats = [part.format for part in ledger.read_parts(old.state.parts, releases.published_run_ids(old.state)).values()]  # fmt: skip
    tell("upgrade", f"ledger of formats {formats}", "read, and gone on with")


def test_one_can_go_back_to_the_release_of_an_older_version(old: Tiny) -> None:
    first, second = releases.published_run_ids(old.state)
    done = old.steelyard("rollback")
    assert (done.exit_code, done.err) == (0, "")
    assert releases.current_run_id(old.state) == first != second
    assert old.query(REVENUE_IN_MARCH) == [(200.0,)]


def test_the_published_warehouse_is_in_the_storage_format_of_duckdb_1_5(published: Tiny) -> None:
    with duckdb.connect() as connection:
        path = published.state.current.resolve() / "warehouse.duckdb"
        connection.execute(f"attach '{path}' as warehouse (read_only)")
        ((tags,),) = connection.execute(
            "select tags from duckdb_databases() where database_name = 'warehouse'"
        ).fetchall()
    assert tags["storage_version"].startswith(STORAGE_VERSION.removesuffix(".0"))


@pytest.mark.skipif(not is_long(), reason="installs another DuckDB: make torture")
def test_the_published_warehouse_opens_in_duckdb_1_5(published: Tiny, tmp_path: Path) -> None:
    environment = tmp_path / "duckdb-1.5"
    subprocess.run([sys.executable, "-m", "uv", "venv", "--quiet", str(environment)], check=True)
    python = environment / "bin" / "python"
    install = [sys.executable, "-m", "uv", "pip", "install", "--quiet", "--python", str(python)]
    subprocess.run([*install, f"duckdb~={OLD_ENGINE}.0"], check=True)
    script = (
        "import duckdb, sys; connection = duckdb.connect(sys.argv[1], read_only=True); "
        "print(duckdb.__version__, *connection.execute(sys.argv[2]).fetchone())"
    )
    warehouse = published.state.current.resolve() / "warehouse.duckdb"
    done = subprocess.run(
        [str(python), "-c", script, str(warehouse), REVENUE_IN_MARCH],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    version, revenue = done.stdout.split()
    assert (version[:3], float(revenue)) == (OLD_ENGINE, 200.0)
    tell("warehouse", f"opened by DuckDB {version}", f"revenue in March {revenue}")
