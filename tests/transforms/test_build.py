"""Building a warehouse from a lake: definitions in order, failures kept apart, equal content with an equal name."""

import hashlib
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from scorecard.load import LoadManifest
from scorecard.sources import ColumnarTable, Sources
from scorecard.strategy import Strategy
from scorecard.workspace import SqlFile, Workspace
from tests.transforms.small_scorecard import SmallScorecard, kpi
from transforms.build import BuildPaths, build_marts, build_measures, name_release
from transforms.engine import Limits
from transforms.measures import Built, TableState
from transforms.raw import RawTable

AS_OF = date(2026, 10, 5)
STAGED = "-- Sales, typed.\n-- Grain: one row per sale.\nselect shop, day, amount, product from raw.till__sale"
SOLD = (
    "-- Sales by shop.\n-- Grain: one row per shop, month and product.\n"
    "select shop as unit, date_trunc('month', day) as period, product, sum(amount) as numerator from staging.sale group by all"
)


def land(lake: Path, sql: str, *, table: str = "sale") -> RawTable:
    """Land one load of a table, as a connector would."""
    load_id = "20261001T000000000000Z"
    folder = lake / "till" / table / load_id
    folder.mkdir(parents=True)
    path = folder / "part-0000.parquet"
    with duckdb.connect() as connection:
        connection.execute(f"copy ({sql}) to '{path}' (format parquet)")
        described = connection.execute(f"describe ({sql})").fetchall()
        ((count,),) = connection.execute(f"select count(*) from ({sql})").fetchall()
    manifest = LoadManifest(
        source="till", table=table, load_id=load_id, row_count=count,
        byte_count=path.stat().st_size, columns={name: kind for name, kind, *_ in described},
        primary_key=("id",), is_snapshot=True, extracted_at=datetime(2026, 10, 1, tzinfo=UTC),
        data_as_of=date(2026, 10, 1), content_hash=hashlib.sha256(path.read_bytes()).hexdigest(),
        files=("part-0000.parquet",),
    )  # fmt: skip
    (folder / "manifest.json").write_text(manifest.model_dump_json())
    model = ColumnarTable(primary_key=("id",), files="sale.parquet")
    return RawTable("till", table, model, (manifest,), newest=manifest)


def workspace(**sql: str) -> Workspace:
    """Give a workspace with one KPI, `sold`, and these SQL files (`staging__x`, `measure__x`)."""
    card = SmallScorecard(
        kpis=[kpi("sold")], targets=[{"kpi": "sold", "unit": "all", "red": 10, "target": 20}]
    )
    files = {"staging__sale": STAGED, "measure__sold": SOLD} | sql
    by_kind: dict[str, dict[str, SqlFile]] = {"staging": {}, "measure": {}}
    for name, text in files.items():
        kind, short = name.split("__", 1)
        by_kind[kind][short] = SqlFile(short, f"{kind}/{short}.sql", text)
    sources = Sources.model_validate({"sources": {"till": {
        "kind": "columnar", "name": "Till", "owner": "Owner", "folder": "data",
        "tables": {"sale": {"primary_key": ["id"], "files": "sale.parquet"}}}}})  # fmt: skip
    return replace(
        card.workspace(), staging=by_kind["staging"], measures=by_kind["measure"], sources=sources
    )


SALES = (
    "select i as id, ['n1', 'n2', 'south'][1 + i % 3] as shop, date '2026-07-01' + (i % 92)::integer as day, "
    "(i % 7)::decimal(18, 2) as amount, 'p' || i % 2 as product from range(300) as t(i)"
)


def build(
    tmp_path: Path, spec: Workspace, *, sql: str = SALES, name: str = "a", **changes: Any
) -> tuple[BuildPaths, dict[str, Built]]:
    """Build measures and marts over one landed table."""
    lake = tmp_path / f"lake-{name}"
    paths = BuildPaths(lake, tmp_path / f"{name}.duckdb", tmp_path / f"work-{name}")
    raw = land(lake, sql)
    built = build_measures(
        spec, paths=paths, raw_tables=[raw] if changes.get("has_load", True) else [],
        states=[TableState("till", "sale", date(2026, 10, 1), changes.get("is_rejected", False))],
        quality={}, as_of=AS_OF, limits=Limits(memory="1GB", threads=2),
    )  # fmt: skip
    build_marts(spec, paths=paths, as_of=AS_OF)
    return paths, built


def ask(path: Path, sql: str) -> list[tuple[Any, ...]]:
    """Ask a finished warehouse."""
    with duckdb.connect(str(path), read_only=True) as connection:
        return connection.execute(sql).fetchall()


def test_rows_become_scores(tmp_path: Path) -> None:
    paths, built = build(tmp_path, workspace())
    assert built["measure.sold"].row_count == 18
    total = ask(paths.warehouse, "select sum(numerator) from measure.component")
    value = ask(
        paths.warehouse,
        "select numerator from scorecard.kpi_value where unit_id = 'all' and grain = 'quarter'"
        " and period_start_date = '2026-07-01'",
    )
    assert value == total
    assert ask(paths.warehouse, "select dimensions from measure.dim_measure") == [(["product"],)]


def test_equal_content_has_an_equal_name_and_equal_parquet(tmp_path: Path) -> None:
    names = []
    for name in ("a", "b"):
        paths, _ = build(tmp_path, workspace(), name=name)
        names.append(name_release(paths=paths, marts=tmp_path / f"marts-{name}", as_of=AS_OF))
    assert names[0] == names[1]
    files = sorted(path.name for path in (tmp_path / "marts-a").iterdir())
    assert "scorecard.kpi_value.parquet" in files
    for file in files:
        one, other = (tmp_path / f"marts-{name}" / file for name in ("a", "b"))
        assert one.read_bytes() == other.read_bytes()


def test_every_table_names_its_release_and_every_column_is_commented(tmp_path: Path) -> None:
    paths, _ = build(tmp_path, workspace())
    release = name_release(paths=paths, marts=tmp_path / "marts", as_of=AS_OF)
    comments = ask(paths.warehouse, "select table_name, comment from duckdb_tables()")
    assert len(comments) > 30
    assert [
        name for name, comment in comments if f"Release {release}." not in (comment or "")
    ] == []
    assert ask(paths.warehouse, "select table_name, column_name from duckdb_columns() "
               "where not internal and comment is null") == []  # fmt: skip


def test_a_changed_row_changes_the_name(tmp_path: Path) -> None:
    names = set()
    for name, sql in {"a": SALES, "b": SALES.replace("i % 7", "i % 8")}.items():
        paths, _ = build(tmp_path, workspace(), sql=sql, name=name)
        names.add(name_release(paths=paths, marts=tmp_path / f"marts-{name}", as_of=AS_OF))
    assert len(names) == 2


def test_floating_sums_do_not_depend_on_threads(tmp_path: Path) -> None:
    """Sums of doubles on two threads were seen to differ from run to run in the last digit."""
    sql = (
        "select i as id, 'south' as shop, date '2026-09-01' as day, 'p' as product, "
        "(sin(i) * 1e6)::double as amount from range(1000000) as t(i)"
    )
    sums = set()
    for name in "abc":
        paths, _ = build(tmp_path, workspace(), sql=sql, name=name)
        sums.add(ask(paths.warehouse, "select numerator from measure.component")[0])
    assert len(sums) == 1


@pytest.mark.parametrize(
    ("key", "published", "third"),
    [
        ("product::integer", "BIGINT", 2),
        ("product::uinteger", "BIGINT", 2),
        ("product::varchar", "VARCHAR", "10"),
        ("product::hugeint", "VARCHAR", "10"),
        ("product::decimal(9, 1)", "VARCHAR", "10.0"),
    ],
)
def test_a_key_of_whole_numbers_stays_one_and_others_become_text(
    tmp_path: Path, key: str, published: str, third: int | str
) -> None:
    counted = (
        "-- Products.\n-- Grain: one row per unit, month and product.\n"
        f"select distinct shop as unit, day as period, {key} as key from staging.sale"
    )
    sales = SALES.replace("'p' || i % 2 as product", "i % 20 as product")
    paths, _ = build(tmp_path, workspace(measure__counted=counted), sql=sales)
    assert ask(
        paths.warehouse,
        "select data_type from duckdb_columns() where table_name = 'counted' and column_name = 'key'",
    ) == [(published,)]
    keys = ask(
        paths.warehouse,
        "select key from measure.counted where unit_id = 'n1' and period_start_date = '2026-07-01'",
    )
    assert keys == sorted(keys)
    assert list(dict.fromkeys(keys))[2] == (third,), "in the order of numbers, or of texts"


def test_rows_of_unknown_units_are_kept_and_named(tmp_path: Path) -> None:
    paths, _ = build(tmp_path, workspace(), sql=SALES.replace("'n2'", "'n9'"))
    assert {row[0] for row in ask(paths.warehouse, "select unit_id from measure.unplaced")} == {
        "n9"
    }
    assert ask(paths.warehouse, "select distinct data_state from scorecard.kpi_score "
               "where grain = 'month' and unit_id = 'all'") == [("unverified",)]  # fmt: skip


def test_a_catch_all_unit_takes_rows_of_unknown_units(tmp_path: Path) -> None:
    spec = workspace()
    spec = replace(spec, company=spec.company.model_copy(update={"catch_all": "south"}))
    paths, _ = build(tmp_path, spec, sql=SALES.replace("'n2'", "null"))
    assert ask(paths.warehouse, "select count(*) from measure.unplaced") == [(0,)]
    assert ask(paths.warehouse, "select sum(numerator) > 0 from measure.component "
               "where unit_id = 'south'") == [(True,)]  # fmt: skip


def test_parts_of_a_measure_that_rest_on_too_few_answers_are_held_back(tmp_path: Path) -> None:
    sql = SOLD.replace(
        "sum(amount) as numerator", "sum(amount) as numerator, count(*) as observations"
    )
    spec = workspace(measure__sold=sql)
    strategy = spec.strategy.model_dump(mode="json")
    strategy["perspectives"][0]["objectives"][0]["kpis"][0]["min_observations"] = 18
    spec = replace(spec, strategy=Strategy.model_validate(strategy))
    paths, _ = build(tmp_path, spec)
    rows = ask(paths.warehouse, "select numerator, observations_count from measure.sold")
    shown = [count for amount, count in rows if amount is not None]
    assert len(shown) < len(rows)
    assert min(shown, default=18) >= 18


def test_published_staging_is_commented_like_every_other_table(tmp_path: Path) -> None:
    """Publishing staging once failed the audit, and with it every release."""
    spec = workspace(
        staging__sale=STAGED.replace("-- Grain", "-- amount: What was paid.\n-- Grain")
    )
    spec = replace(spec, company=spec.company.model_copy(update={"publish_staging": "all"}))
    paths, _ = build(tmp_path, spec)
    comments = dict(
        ask(
            paths.warehouse,
            "select column_name, comment from duckdb_columns() where schema_name = 'staging'",
        )
    )
    assert comments["amount"] == "What was paid."
    assert all(comments.values())
    assert len(comments) == 4


class TestFailures:
    """One definition that fails takes only what reads it along."""

    def test_a_failing_measure_is_named_and_its_kpi_unverified(self, tmp_path: Path) -> None:
        spec = workspace(measure__sold=SOLD.replace("sum(amount)", "sum(product::integer)"))
        paths, built = build(tmp_path, spec)
        assert "Could not convert" in (built["measure.sold"].error or "")
        assert ask(paths.warehouse, "select distinct data_state from scorecard.kpi_score") == [
            ("unverified",)
        ]
        message = ask(paths.warehouse, "select error_message from measure.dim_measure")[0][0]
        assert message.startswith("measure.sold: ")

    def test_a_failing_staging_table_fails_the_measures_that_read_it(self, tmp_path: Path) -> None:
        spec = workspace(staging__sale=STAGED.replace("amount,", "product::integer as amount,"))
        paths, built = build(tmp_path, spec)
        assert built["measure.sold"].missing == "staging.sale"
        assert ask(paths.warehouse, "select is_broken, kind from measure.dim_measure") == [
            (True, None)
        ]

    def test_without_any_load_there_is_no_data(self, tmp_path: Path) -> None:
        paths, built = build(tmp_path, workspace(), has_load=False)
        assert built["staging.sale"].missing == "raw.till__sale"
        assert ask(paths.warehouse, "select distinct data_state from scorecard.kpi_score") == [
            ("no_data",)
        ]

    @pytest.mark.parametrize(
        ("column", "said"),
        [("date_trunc('month', day) as period", "no column period"), ("sum(amount) as numerator", "neither numerator nor key")],
    )  # fmt: skip
    def test_a_measure_without_its_columns_says_which(
        self, tmp_path: Path, column: str, said: str
    ) -> None:
        spec = workspace(
            measure__sold=SOLD.replace(column, column.split(" as ", maxsplit=1)[0] + " as other")
        )
        _, built = build(tmp_path, spec)
        assert said in (built["measure.sold"].error or "")

    def test_nan_never_reaches_a_table(self, tmp_path: Path) -> None:
        spec = workspace(measure__sold=SOLD.replace("sum(amount)", "sum(amount::double / 0)"))
        paths, built = build(tmp_path, spec)
        assert built["measure.sold"].error
        assert ask(paths.warehouse, "select count(*) from scorecard.kpi_value") == [(0,)]
