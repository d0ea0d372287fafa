"""SQL of a workspace gets at nothing but its tables: each way out is tried on the first wall, and on the second without the first.

Not here: what SQL may say otherwise (tests/transforms/test_sql_guard), and how much of the machine it may take (test_sql_limits).
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import duckdb
import pytest

from scorecard.workspace import Workspace
from tests.transforms.test_build import workspace
from transforms.engine import Limits, open_sandbox, quoted
from transforms.kept import Kept
from transforms.keys import Key
from transforms.measures import Built, DuckDbMaker, run_definitions
from transforms.sql_guard import GuardedSelect, SqlRefused, guard

SECRET = "planted-in-a-file"
TABLES = ("raw.till__sale", "raw.till__sale__loads")

FILES = (
    "select * from read_text('{outside}/secret.csv')",
    "select * from read_blob('{outside}/secret.csv')",
    "select * from read_csv('{outside}/secret.csv')",
    "select * from '{outside}/secret.csv'",
    "select * from \"{outside}/secret.csv\"",
    "select * from read_text('{lake}/../secret.csv')",
    "select * from read_csv('{lake}/link.csv')",
    "select * from read_text('{lake}/folder/secret.csv')",
    "select * from read_csv('/proc/self/environ')",
    "select * from read_csv('/dev/stdin')",
    "select * from glob('{outside}/*')",
    "select * from sniff_csv('{outside}/secret.csv')",
    "select * from read_json('{outside}/secret.csv')",
    "select * from parquet_metadata('{outside}/secret.csv')",
    "select * from read_duckdb('{outside}/other.duckdb')",
    "select * from query('select * from read_text(''{outside}/secret.csv'')')",
    "select (select max(content) from read_text('{outside}/secret.csv')) as a",
    "with x as (from read_text('{outside}/secret.csv')) select * from x",
    "attach '{outside}/other.duckdb' as other",
    "import database '{outside}'",
    "copy raw.till__sale from '{outside}/secret.csv'",
)  # fmt: skip
NETWORK = (
    "select * from read_csv('http://127.0.0.1:9/x.csv')",
    "select * from read_text('https://example.org/x')",
    "select * from 's3://bucket/x.parquet'",
    "select * from read_parquet('gcs://bucket/x.parquet')",
    "select * from 'hf://datasets/x/y.parquet'",
    "attach 'postgres:host=127.0.0.1' as p (type postgres)",
    "attach 'https://example.org/x.duckdb'",
)
EXTENSIONS = (
    "install httpfs",
    "force install spatial from community",
    "load httpfs",
    "load '{outside}/evil.duckdb_extension'",
    "update extensions",
)
SETTINGS = (
    "set memory_limit='64GB'",
    "set enable_external_access=true",
    "set lock_configuration=false",
    "set allowed_directories=['/']",
    "set temp_directory='{outside}'",
    "set secret_directory='{outside}'",
    "set python_enable_replacements=true",
    "reset max_temp_directory_size",
    "call enable_logging()",
    "select getenv('HOME') as a",
)
SECRETS = (
    "select * from duckdb_secrets()",
    "select * from duckdb_secrets(redact = false)",
    "create persistent secret leak (type http, bearer_token 'x')",
    "select * from which_secret('s3://x', 's3')",
)
WRITES = (
    "copy raw.till__sale to '{outside}/out.csv'",
    "copy (select 1) to '/dev/stderr'",
    "export database '{outside}/out'",
    "create table x as with w as (delete from warehouse.scorecard.dim_unit returning unit_id) from w",
    "create table x as from (with w as (delete from raw.till__sale returning id) from w)",
)
REFUSED_BY_BOTH = (*FILES, *NETWORK, *EXTENSIONS, *SETTINGS, *SECRETS, *WRITES)

RIDERS = (
    "select 1 as a; copy raw.till__sale to '{lake}/out.csv'",
    "select 1 as a; drop table raw.till__sale",
    "select 1 as a; update warehouse.scorecard.dim_unit set unit_id = 'x'",
    "select 1 as a; attach ':memory:' as m",
    "select 1 as a; set variable x = 1",
    "copy raw.till__sale to '{lake}/out.csv'",
    "drop table raw.till__sale",
    "delete from warehouse.scorecard.dim_unit",
    "detach warehouse",
    "set threads = 1",
    "with w as (insert into raw.till__sale values (9, 's')) select 1 as a",
)
"""What the sandbox itself would let through, by a statement of its own; a definition has none to give."""
FIRST_WALL_ONLY = (
    "select current_setting('temp_directory') as a",
    "select name, value from duckdb_settings()",
    "select * from query('select * from duckdb_settings()')",
    "select * from duckdb_databases()",
    "select * from information_schema.tables",
    "select * from warehouse.scorecard.dim_unit",
    "select * from read_parquet('{lake}/**/*.parquet')",
    "select * from query_table('warehouse.scorecard.dim_unit')",
    "select version() as a",
)
"""Reading what lies inside the sandbox: paths, settings, other tables of the release. No secret is among them."""


@dataclass(frozen=True)
class Cage:
    """A sandbox as the build opens it, with things to get at around it."""

    connection: duckdb.DuckDBPyConnection
    lake: Path
    outside: Path

    def written(self, sql: str) -> str:
        return sql.replace("{lake}", str(self.lake)).replace("{outside}", str(self.outside))

    def files(self) -> set[str]:
        """Name the files outside the sandbox's own, and those of the lake."""
        own = {"work.duckdb", "work.duckdb.wal", "warehouse.duckdb", "warehouse.duckdb.wal"}
        found = {path.relative_to(self.outside).as_posix() for path in self.outside.rglob("*")}
        return {name for name in found - own if not name.startswith("spill")}


@pytest.fixture
def cage(tmp_path: Path) -> Iterator[Cage]:
    lake = tmp_path / "lake"
    lake.mkdir()
    (tmp_path / "secret.csv").write_text(f"a\n{SECRET}\n")
    (lake / "link.csv").symlink_to(tmp_path / "secret.csv")
    (lake / "folder").symlink_to(tmp_path, target_is_directory=True)
    duckdb.connect(str(tmp_path / "other.duckdb")).close()
    with open_sandbox(
        tmp_path / "work.duckdb",
        warehouse=tmp_path / "warehouse.duckdb",
        readable=lake,
        limits=Limits(memory="500MB", threads=1),
        temporary=tmp_path / "spill",
    ) as connection:
        for statement in (
            "create schema raw",
            "create schema measure",
            "create schema staging",
            "create table raw.till__sale as select 1 as id, 'south' as shop",
            "create schema warehouse.scorecard",
            "create table warehouse.scorecard.dim_unit as select 'south' as unit_id",
        ):
            connection.execute(statement)
        yield Cage(connection, lake, tmp_path)


@pytest.mark.parametrize("sql", [*REFUSED_BY_BOTH, *RIDERS, *FIRST_WALL_ONLY])
def test_the_first_wall_refuses(cage: Cage, sql: str) -> None:
    with pytest.raises(SqlRefused):
        guard(cage.written(sql), name="measure.x", tables=TABLES)


@pytest.mark.parametrize("sql", REFUSED_BY_BOTH)
def test_the_second_wall_refuses_where_the_first_is_taken_away(cage: Cage, sql: str) -> None:
    before = cage.files()
    with pytest.raises(duckdb.Error) as refused:
        cage.connection.execute(cage.written(sql)).fetchall()
    assert SECRET not in str(refused.value)
    assert cage.files() == before
    assert cage.connection.execute("select id from raw.till__sale").fetchall() == [(1,)]


def _unguarded(sql: str) -> GuardedSelect:
    """Give what the guard would give, had it let the text through."""
    harmless = guard("select 1 as a", name="measure.x", tables=())
    return replace(harmless, name="staging.x", sql=sql)


def _run(cage: Cage, sql: str, spec: Workspace) -> Built:
    """Run a definition as the build does, past the first wall."""
    built = run_definitions(
        cage.connection,
        {"staging.x": _unguarded(cage.written(sql))},
        available=(),
        as_of=date(2026, 10, 5),
        workspace=spec,
        limits=Limits(memory="500MB"),
        kept=Kept(cage.connection, {"staging.x": Key("x", {})}),
        maker=DuckDbMaker(),
        progress=lambda _: None,
    )
    return built["staging.x"]


@pytest.mark.parametrize("sql", [*RIDERS, *REFUSED_BY_BOTH])
def test_nothing_rides_along_with_a_definition(cage: Cage, sql: str) -> None:
    """The sandbox may be told to write into the lake, or to drop a table: but a definition is run as the rest of one statement."""
    before = cage.files()
    built = _run(cage, sql, workspace())
    assert built.error
    assert built.row_count is None
    assert cage.files() == before
    for table, row in {
        "raw.till__sale": (1, "south"),
        "warehouse.scorecard.dim_unit": ("south",),
    }.items():
        assert cage.connection.execute(f"from {quoted(table)}").fetchall() == [row]


@pytest.mark.parametrize("sql", FIRST_WALL_ONLY)
def test_what_lies_inside_the_sandbox_holds_no_secret(
    cage: Cage, sql: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PLANTED", SECRET)
    duckdb.connect(str(cage.lake / "made.duckdb")).close()
    try:
        told = str(cage.connection.execute(cage.written(sql)).fetchall())
    except duckdb.Error as refused:
        told = str(refused)
    assert SECRET not in told


def test_variables_of_the_program_are_no_tables(cage: Cage) -> None:
    """DuckDB takes a name that it does not know for a Python variable."""
    planted = duckdb.sql("select 1 as a").to_arrow_table()
    with pytest.raises(duckdb.CatalogException):
        cage.connection.execute("select * from planted").fetchall()
    assert planted.num_rows == 1
