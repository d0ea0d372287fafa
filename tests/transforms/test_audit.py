"""The audit of finished marts: of a small warehouse as it should be, and of the same one spoilt."""

import shutil
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.transforms.small_scorecard import SmallScorecard, kpi, months
from transforms.audit import AuditResult, audit_marts
from transforms.checker import CheckerCrashed
from transforms.strategy_tables import insert_rows


@pytest.fixture(scope="module")
def good(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make a warehouse with two KPIs, one of which never had data."""
    folder = tmp_path_factory.mktemp("good")
    card = SmallScorecard(
        kpis=[kpi("sales"), kpi("returns")],
        targets=[{"kpi": "sales", "unit": "all", "red": 10, "target": 20}],
    )
    card.add("sales", [("n1", month, 15) for month in months(date(2025, 1, 1), 21)])
    with card.scored(folder) as connection:
        release = {"release_id": "r-0", "as_of_date": date(2026, 10, 5)}
        insert_rows(
            connection, "scorecard.release", [release | {"period_start_date": date(2026, 9, 1)}]
        )
    return folder / "warehouse.duckdb"


def spoil(good: Path, folder: Path, *statements: str) -> dict[tuple[str, str], AuditResult]:
    """Copy the good warehouse, run statements in it, and give what the audit finds."""
    copy = Path(shutil.copy(good, folder / "warehouse.duckdb"))
    with duckdb.connect(str(copy)) as connection:
        for statement in statements:
            connection.execute(statement)
    return {
        (result.table, result.name): result for result in audit_marts(copy) if not result.passed
    }


def test_a_warehouse_as_it_should_be_passes(good: Path) -> None:
    results = audit_marts(good)
    assert [str(result) for result in results if not result.passed] == []
    assert len({(result.table, result.name) for result in results}) == len(results) > 200


SPOILT: list[list[tuple[str, str, str]]] = [
    [
        ("insert into scorecard.kpi_value by name select * from scorecard.kpi_value limit 1", "scorecard.kpi_value",
         "kpi_id_and_unit_id_and_period_start_date_and_grain_is_unique"),
        ("insert into scorecard.dim_unit by name select * from scorecard.dim_unit limit 1", "scorecard.dim_unit",
         "unit_id_is_unique"),
        ("insert into scorecard.unit_closure by name select * from scorecard.unit_closure limit 1",
         "scorecard.unit_closure", "ancestor_unit_id_and_unit_id_and_valid_from_date_is_unique"),
        ("update scorecard.kpi_score set score = 100.5 where score is not null", "*", "every_score_is_within_its_cap"),
        ("update scorecard.objective_score set score = -0.5", "scorecard.objective_score", "score_is_at_least_0"),
        ("update scorecard.objective_score set coverage = 1.01", "scorecard.objective_score",
         "coverage_is_between_0_and_1"),
        ("update scorecard.scorecard_score set coverage = null", "scorecard.scorecard_score", "coverage_is_not_null"),
        ("update scorecard.kpi_value set actual = 'inf'", "scorecard.kpi_value", "actual_is_finite"),
        ("update scorecard.kpi_score set change_previous = '-inf'", "scorecard.kpi_score", "change_previous_is_finite"),
        ("update scorecard.kpi_score set target = 'nan'", "scorecard.kpi_score", "target_is_finite"),
        ("update scorecard.target set red = 'nan'", "scorecard.target", "red_is_finite"),
        ("create table measure.x as select 'nan'::double as hours", "measure.x", "hours_is_finite"),
        ("update scorecard.perspective_score set band = 'green'", "scorecard.perspective_score", "band_is_in_set"),
        ("update scorecard.dim_kpi set direction = 'up'", "scorecard.dim_kpi", "direction_is_in_set"),
        ("comment on table scorecard.kpi_score is null", "*", "every_table_and_column_is_commented"),
        ("delete from scorecard.kpi_score where kpi_id = 'returns'", "*",
         "every_kpi_has_a_score_or_a_state_that_explains"),
        ("delete from scorecard.release", "scorecard.release", "row_count_is_1"),
        ("update scorecard.dim_kpi set frequency = 'week'", "scorecard.dim_kpi", "frequency_is_in_set"),
        ("update scorecard.kpi_score set value_period_start_date = '1999-01-01'", "*", "every_period_exists"),
        ("update scorecard.unit_closure set valid_to_date = '2026-01-31' where unit_id = 'n1' and distance = 1", "*",
         "every_unit_has_one_parent_at_a_time"),
        ("drop table history.release", "history.release", "columns_are_those_of_the_catalogue"),
    ],
    [
        ("update scorecard.kpi_score set score = 'nan' where score is not null", "scorecard.kpi_score",
         "score_is_at_least_0"),
        ("update scorecard.child_cost set weight_share = 'inf'", "scorecard.child_cost", "weight_share_is_between_0_and_1"),
        ("update scorecard.kpi_score set data_state = 'fine'", "scorecard.kpi_score", "data_state_is_in_set"),
        ("update scorecard.kpi_value set kpi_id = 'ghost' where kpi_id = 'sales'", "scorecard.kpi_value",
         "kpi_id_is_in_dim_kpi"),
        ("update scorecard.objective_score set weakest_child_id = 'ghost'", "scorecard.objective_score",
         "weakest_child_id_is_in_dim_kpi"),
        ("update scorecard.kpi_unit set unit_id = 'atlantis' where kpi_id = 'sales'", "scorecard.kpi_unit",
         "unit_id_is_in_dim_unit"),
        ("update scorecard.kpi_value set period_start_date = '1999-01-01'", "*", "every_period_exists"),
        ("update scorecard.dim_period set grain = null", "scorecard.dim_period", "grain_is_not_null"),
        ("update scorecard.perspective_score set grain = null", "scorecard.perspective_score", "grain_is_not_null"),
        ("delete from scorecard.unit_closure where unit_id = 'n2' and distance = 1", "*",
         "every_unit_has_one_parent_at_a_time"),
        ("comment on column scorecard.kpi_score.score is ''", "*", "every_table_and_column_is_commented"),
        ("alter table scorecard.balance drop column result_balance", "scorecard.balance",
         "columns_are_those_of_the_catalogue"),
    ],
    [
        ("update scorecard.kpi_score set data_state = 'current' where score is null", "*",
         "every_kpi_has_a_score_or_a_state_that_explains"),
        ("alter table scorecard.kpi_value drop column actual", "scorecard.kpi_value",
         "columns_are_those_of_the_catalogue"),
        ("insert into scorecard.unit_closure values ('south', 'n1', 1, '2026-02-01', '9999-12-31')", "*",
         "every_unit_has_one_parent_at_a_time"),
    ],
]  # fmt: skip


@pytest.fixture(scope="module")
def found_in_spoilt(
    good: Path, tmp_path_factory: pytest.TempPathFactory
) -> list[dict[tuple[str, str], AuditResult]]:
    return [
        spoil(good, tmp_path_factory.mktemp("spoilt"), *(statement for statement, _, _ in group))
        for group in SPOILT
    ]


@pytest.mark.parametrize(
    ("group", "table", "name"),
    [
        pytest.param(number, table, name, id=statement)
        for number, group in enumerate(SPOILT)
        for statement, table, name in group
    ],
)
def test_what_is_wrong_is_found_by_name_and_place(
    found_in_spoilt: list[dict[tuple[str, str], AuditResult]], group: int, table: str, name: str
) -> None:
    found = found_in_spoilt[group]
    assert (table, name) in found, list(found)
    assert not found[table, name].crashed
    assert found[table, name].message not in ("", "As expected.")


def test_a_checker_that_does_not_work_lets_nothing_pass(
    good: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def open_broken(connection: duckdb.DuckDBPyConnection) -> Any:
        raise CheckerCrashed("no engine")

    monkeypatch.setattr("transforms.audit.open_checker", open_broken)
    (crash,) = [result for result in audit_marts(good) if not result.passed]
    assert (crash.name, crash.crashed, crash.message) == (
        "great_expectations_works",
        True,
        "no engine",
    )


def test_a_check_that_cannot_run_is_a_crash_and_no_finding(good: Path, tmp_path: Path) -> None:
    found = spoil(good, tmp_path, "drop table scorecard.kpi_unit")
    assert found["*", "every_kpi_has_a_score_or_a_state_that_explains"].crashed


def test_the_warehouse_is_only_read(good: Path) -> None:
    before = good.read_bytes()
    audit_marts(good)
    assert good.read_bytes() == before
