"""The ledger: changes only, folded along the line of releases that they were reported after."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from transforms.build import Definition
from transforms.catalogue import create_tables
from transforms.ledger import (
    LedgerError,
    PointerMove,
    Report,
    history_tables,
    read_parts,
    write_part,
)
from transforms.standing import line_of

MONTH = date(2026, 9, 1)
Values = dict[str, int | None]
"""Actual by KPI."""


def report(run_id: str, base: str | None) -> Report:
    return Report(
        run_id=run_id,
        release_id=f"r-{run_id}",
        base_run_id=base,
        as_of_date=date(2026, 10, 5),
        period_start_date=MONTH,
        reported_at=datetime(2026, 10, 5, 3, int(run_id), tzinfo=UTC),
    )


def warehouse(values: Values, *, definition: str = "d1") -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    create_tables(connection)
    connection.execute(
        "insert into scorecard.dim_period values ('month', $m, $m, date '2026-09-30', true, true)",
        {"m": MONTH},
    )
    for kpi, actual in values.items():
        connection.execute(
            "insert into scorecard.dim_kpi by name select $kpi as kpi_id, $d as definition_id",
            {"kpi": kpi, "d": definition},
        )
        connection.execute(
            "insert into scorecard.kpi_value by name select $kpi as kpi_id, 'all' as unit_id, $m as period_start_date, "
            "'month' as grain, $v as numerator, 1 as denominator, $v as actual",
            {"kpi": kpi, "m": MONTH, "v": actual},
        )
        connection.execute(
            "insert into scorecard.kpi_score by name select $kpi as kpi_id, 'all' as unit_id, $m as period_start_date, "
            "'month' as grain, $v as actual, $v as score, 'current' as data_state, 1 as coverage",
            {"kpi": kpi, "m": MONTH, "v": actual},
        )
        connection.execute(
            "insert into scorecard.weight values ('kpi', $kpi, date '0001-01-01', 2)", {"kpi": kpi}
        )
        connection.execute(
            "insert into scorecard.weight values ('kpi', $kpi, date '2026-10-01', 9)", {"kpi": kpi}
        )
    return connection


class Ledger:
    """A ledger on the disk, and the runs that were published."""

    def __init__(self, parts: Path) -> None:
        self.parts = parts
        self.published: list[str] = []

    def run(
        self,
        run_id: str,
        values: Values,
        *,
        base: str | None,
        definition: str = "d1",
        publish: bool = True,
    ) -> tuple[dict[str, int], duckdb.DuckDBPyConnection]:
        connection = warehouse(values, definition=definition)
        changes = history_tables(
            connection,
            report(run_id, base),
            parts=self.parts,
            moves=[
                PointerMove(each, "publish", report(each, None).reported_at)
                for each in self.published
            ],
            definitions=[Definition(kpi, definition, "{}") for kpi in values],
        )
        write_part(connection, report(run_id, base), parts=self.parts)
        if publish:
            self.published.append(run_id)
        return changes, connection


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    return Ledger(tmp_path / "parts")


def reported(connection: duckdb.DuckDBPyConnection, run_id: str) -> list[tuple[object, ...]]:
    return connection.execute(
        "select kpi_id, actual, is_withdrawn from history.reported_value where run_id = ? order by 1",
        [run_id],
    ).fetchall()


def test_the_first_run_reports_everything(ledger: Ledger) -> None:
    changes, connection = ledger.run("1", {"a": 10, "b": None}, base=None)
    assert (changes["reported_value"], changes["reported_score"], changes["definition"]) == (
        2,
        2,
        2,
    )
    assert reported(connection, "1") == [("a", 10.0, False), ("b", None, False)]


def test_a_run_reports_only_what_changed(ledger: Ledger) -> None:
    ledger.run("1", {"a": 10, "b": 20}, base=None)
    changes, connection = ledger.run("2", {"a": 10, "b": 21}, base="1")
    assert (changes["reported_value"], changes["reported_score"], changes["definition"]) == (
        1,
        1,
        0,
    )
    assert reported(connection, "2") == [("b", 21.0, False)]


def test_an_equal_run_reports_nothing(ledger: Ledger) -> None:
    ledger.run("1", {"a": 10}, base=None)
    changes, _ = ledger.run("2", {"a": 10}, base="1")
    assert sum(changes.values()) == 0


def test_what_is_no_more_is_withdrawn_and_can_come_back(ledger: Ledger) -> None:
    ledger.run("1", {"a": 10, "b": 20}, base=None)
    _, second = ledger.run("2", {"a": 10}, base="1")
    assert reported(second, "2") == [("b", None, True)]
    third_changes, _ = ledger.run("3", {"a": 10}, base="2")
    assert third_changes["reported_value"] == 0
    _, fourth = ledger.run("4", {"a": 10, "b": 20}, base="3")
    assert reported(fourth, "4") == [("b", 20.0, False)]


def test_a_value_that_turned_null_is_reported_and_not_withdrawn(ledger: Ledger) -> None:
    ledger.run("1", {"a": 10}, base=None)
    _, connection = ledger.run("2", {"a": None}, base="1")
    assert reported(connection, "2") == [("a", None, False)]


def test_after_a_rollback_changes_count_from_the_release_rolled_back_to(ledger: Ledger) -> None:
    """A wrong night, taken back, must not make the next night look like a correction of it."""
    ledger.run("1", {"a": 10}, base=None)
    ledger.run("2", {"a": 999}, base="1")
    changes, connection = ledger.run("3", {"a": 10}, base="1")
    assert changes["reported_value"] == 0
    lines = connection.execute(
        "select run_id, is_current_line from history.release order by 1"
    ).fetchall()
    assert lines == [("1", True), ("2", False), ("3", True)]


def test_a_part_without_the_pointer_was_never_reported(ledger: Ledger) -> None:
    """A run killed between its ledger part and the pointer reported nothing to anybody."""
    ledger.run("1", {"a": 10}, base=None)
    ledger.run("2", {"a": 11}, base="1", publish=False)
    _, connection = ledger.run("3", {"a": 11}, base="1")
    assert reported(connection, "2") == []
    assert reported(connection, "3") == [("a", 11.0, False)]


def test_a_definition_is_kept_once_with_the_run_that_first_reported_with_it(ledger: Ledger) -> None:
    ledger.run("1", {"a": 10}, base=None)
    changes, _ = ledger.run("2", {"a": 10}, base="1", definition="d2")
    assert (changes["reported_value"], changes["reported_score"], changes["definition"]) == (
        1,
        1,
        1,
    )
    _, connection = ledger.run("3", {"a": 10}, base="2", definition="d1")
    rows = connection.execute(
        "select kpi_id, definition_id, run_id from history.definition order by 2"
    ).fetchall()
    assert rows == [("a", "d1", "1"), ("a", "d2", "2")]


def test_the_weight_reported_is_that_at_the_periods_end(ledger: Ledger) -> None:
    _, connection = ledger.run("1", {"a": 10}, base=None)
    assert connection.execute("select weight from history.reported_score").fetchall() == [(2.0,)]


def test_components_keep_their_decimals(ledger: Ledger) -> None:
    ledger.run("1", {"a": 10}, base=None)
    _, connection = ledger.run("2", {"a": 10}, base="1")
    rows = connection.execute("select numerator from history.reported_value").fetchall()
    assert rows == [(Decimal("10.000000000"),)]


def test_a_damaged_part_stops_the_run_and_names_itself(ledger: Ledger) -> None:
    ledger.run("1", {"a": 10}, base=None)
    (ledger.parts / "1" / "reported_value.parquet").write_bytes(b"PAR1")
    with pytest.raises(LedgerError, match=r"reported_value\.parquet is damaged .*as long"):
        read_parts(ledger.parts, ["1"])


def test_a_missing_part_stops_the_run_and_names_itself(ledger: Ledger) -> None:
    with pytest.raises(LedgerError, match=r"part .*9 is missing"):
        read_parts(ledger.parts, ["9"])


def test_a_line_ends_with_the_first_release() -> None:
    assert line_of("3", bases={"1": None, "2": "1", "3": "1"}) == ["3", "1"]
