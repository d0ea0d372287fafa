"""Whole organisations on DuckDB and on a Spark cluster: the same lake, and equal measures, components and answers.

Counts, decimals, dates and text are equal to the last digit, floating numbers to 1e-9.
"""

import importlib
import importlib.util
import math
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import duckdb
import pytest

from connectors import lake as loads_of
from scorecard.workspace import Workspace, read_workspace
from tests.conftest import ExampleRelease
from tests.test_northwind import DATA, run_night
from tests.transforms.engines.proof import CLUSTER, in_order, is_long, needs_spark
from transforms.build import BuildPaths, build_measures
from transforms.contracts import LandedTable, judge_tables
from transforms.engine import Limits
from transforms.engines.spark import Spark, started
from transforms.measures import Built, TableState
from transforms.raw import RawTable

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

pytestmark = [needs_spark, is_long]
PROJECT = Path(__file__).parents[3]
LIMITS = Limits(memory="1GB", threads=2)
NEAR = 1e-9


@pytest.fixture(scope="module")
def session(tmp_path_factory: pytest.TempPathFactory) -> Iterator["SparkSession"]:
    log = tmp_path_factory.mktemp("spark") / "spark.log"
    with started(CLUSTER, {"spark.sql.shuffle.partitions": "2"}, log=log) as opened:
        yield opened


def selected(workspace: Workspace, lake: Path, work: Path) -> list[RawTable]:
    """Give the raw tables as contracts let them through."""
    landed = [
        LandedTable(
            source_id=source_id,
            table_id=table_id,
            table=table,
            loads=tuple(loads_of.loads(lake, source_id, table_id)),
            contract=workspace.contracts.get(f"{source_id}__{table_id}"),
        )
        for source_id, source in workspace.sources.sources.items()
        for table_id, table in source.tables.items()
    ]
    verdicts = judge_tables(landed, lake=lake, cache=work / "verdicts", temporary=work / "spill")
    return [verdict.raw_table for verdict in verdicts if verdict.raw_table.newest is not None]


def built(
    workspace: Workspace,
    raw: list[RawTable],
    *,
    lake: Path,
    folder: Path,
    as_of: date,
    session: "SparkSession | None",
) -> tuple[Path, dict[str, Built]]:
    """Build the measures on one engine; give the warehouse."""
    paths = BuildPaths(lake, folder / "warehouse.duckdb", folder / "work")
    folder.mkdir()
    found = build_measures(
        workspace,
        paths=paths,
        raw_tables=raw,
        states=[TableState(table.source_id, table.table_id, as_of, False) for table in raw],
        quality={},
        as_of=as_of,
        limits=LIMITS,
        engine=Spark(CLUSTER, session=session) if session else None,
    )
    return paths.warehouse, found


def compare(
    workspace: Workspace, *, lake: Path, work: Path, as_of: date, session: "SparkSession"
) -> int:
    """Build on both engines and compare every table of the schema `measure`; give how many rows there are."""
    raw = selected(workspace, lake, work)
    here, found = built(
        workspace, raw, lake=lake, folder=work / "duckdb", as_of=as_of, session=None
    )
    there, other = built(
        workspace, raw, lake=lake, folder=work / "spark", as_of=as_of, session=session
    )
    assert {each.error for each in found.values()} == {None}
    assert [(each.error, each.missing) for each in other.values() if each.error] == []
    assert {name: each.row_count for name, each in found.items()} == {
        name: each.row_count for name, each in other.items()
    }
    one, two = tables(here), tables(there)
    assert one.keys() == two.keys()
    rows = 0
    for name, (columns, given) in one.items():
        assert two[name][0] == columns, name
        assert len(given) == len(two[name][1]), name
        for left, right in zip(in_order(given), in_order(two[name][1]), strict=True):
            assert all(map(equal, left, right)), (name, left, right)
        rows += len(given)
    return rows


def tables(warehouse: Path) -> dict[str, tuple[Any, list[tuple[Any, ...]]]]:
    with duckdb.connect(str(warehouse), read_only=True) as connection:
        names = connection.execute(
            "select table_name from duckdb_tables() where schema_name = 'measure' order by all"
        ).fetchall()
        found = {}
        for (name,) in names:
            relation = connection.execute(f'select * from measure."{name}"')
            found[name] = (relation.description, relation.fetchall())
    return found


def equal(one: Any, other: Any) -> bool:
    if isinstance(one, float) and isinstance(other, float):
        return math.isclose(one, other, rel_tol=NEAR, abs_tol=NEAR)
    return bool(one == other)


def test_the_example_organisation_has_equal_components(
    session: "SparkSession", example_release: ExampleRelease, tmp_path: Path
) -> None:
    workspace = read_workspace(PROJECT / "examples" / "roastery")
    today = workspace.company.today
    assert today is not None
    rows = compare(
        workspace, lake=example_release.state / "lake", work=tmp_path, as_of=today, session=session
    )
    assert rows > 10_000


@pytest.mark.skipif(not DATA.is_dir(), reason="the Northwind data are not here")
def test_northwind_has_equal_components(session: "SparkSession", tmp_path: Path) -> None:
    night = run_night(tmp_path / "state")
    assert night.exit_code == 0, night.output
    workspace = read_workspace(PROJECT / "examples" / "northwind")
    as_of = workspace.company.today or date(1998, 5, 6)
    lake = night.state / "lake"
    assert compare(workspace, lake=lake, work=tmp_path, as_of=as_of, session=session) > 1_000


@pytest.mark.skipif(
    importlib.util.find_spec("benchmarks.organisation") is None,
    reason="the organisation of the benchmark is not here",
)
def test_the_benchmark_has_equal_components(session: "SparkSession", tmp_path: Path) -> None:
    organisation: Any = importlib.import_module("benchmarks.organisation")
    extent = organisation.Extent(
        lines=6000, tickets=2000, work_orders=1000, people=200, units=12, months=14
    )
    home = organisation.prepare(tmp_path, extent)
    rows = compare(
        home.read(), lake=home.lake, work=tmp_path, as_of=organisation.AS_OF, session=session
    )
    assert rows > 1_000
