"""The planted stories, found again in the files and the database as the source systems hand them out."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import duckdb
import pytest

FILES = {
    "roast": "read_parquet('{data}/operations/roast_batches/*.parquet')",
    "orders": "read_json('{data}/crm/orders.json', maximum_object_size = 50000000)",
    "response": "read_json('{data}/crm/survey-responses.json', maximum_object_size = 50000000)",
    "ticket": "read_json('{data}/crm/tickets.json', maximum_object_size = 50000000)",
    "absence": "read_csv('{data}/hr/absence_*.csv', delim = ';', all_varchar = true)",
    "employee": "read_csv('{copy}/employees.csv', delim = ';', dateformat = '%d.%m.%Y')",
}
SOUTH = "('S07', 'S08', 'S09', 'W-S')"


@pytest.fixture(scope="module")
def files(
    roastery_data: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[duckdb.DuckDBPyConnection]:
    """Give a database with the files as tables."""
    copy = tmp_path_factory.mktemp("utf-8")
    text = (roastery_data / "hr" / "employees.csv").read_text("cp1252")
    (copy / "employees.csv").write_text(text, "utf-8")
    with duckdb.connect() as connection:
        connection.execute("set timezone = 'UTC'").fetchall()
        for name, reader in FILES.items():
            source = reader.format(data=roastery_data, copy=copy)
            connection.execute(f"create table {name} as from {source}").fetchall()
        yield connection


@pytest.fixture(scope="module")
def finance(roastery_data: Path) -> Iterator[sqlite3.Connection]:
    """Give the finance database."""
    with closing(sqlite3.connect(roastery_data / "finance.db")) as connection:
        yield connection


def value(database: duckdb.DuckDBPyConnection | sqlite3.Connection, query: str) -> float:
    """Give the one value that a query yields."""
    ((found,),) = database.execute(query).fetchall()
    assert found is not None, query
    return float(found)


def defect_rate(files: duckdb.DuckDBPyConnection, region: str, months: str) -> float:
    return value(
        files,
        "select sum(bags_defective_count) / sum(bags_packed_count) from roast "
        f"where unit_id = '{region}' and strftime(started_at, '%Y-%m') in ({months})",
    )


def nps(files: duckdb.DuckDBPyConnection, place: str, months: str) -> float:
    return value(
        files,
        "select avg(case when answers.recommend >= 9 then 1 when answers.recommend <= 6 then -1 else 0 end) "
        f"from response where unit.code {place} and strftime(submittedAt, '%Y-%m') in ({months})",
    )


def revenue(finance: sqlite3.Connection, place: str, months: str) -> float:
    return value(
        finance,
        f"select sum(net_amount) from sales_ledger where unit_code {place} "
        f"and substr(posting_date, 1, 7) in ({months})",
    )


def test_defects_rise_in_the_south_and_nowhere_else(files: duckdb.DuckDBPyConnection) -> None:
    bad, usual = "'2026-03'", "'2025-03'"
    assert defect_rate(files, "south", bad) > 3 * defect_rate(files, "south", usual)
    for region in ("north", "east", "west", "online"):
        assert defect_rate(files, region, bad) < 1.3 * defect_rate(files, region, usual)


def test_defects_are_back_to_usual_before_the_customers_are(
    files: duckdb.DuckDBPyConnection,
) -> None:
    assert defect_rate(files, "south", "'2026-05', '2026-06'") < 0.02
    assert nps(files, f"in {SOUTH}", "'2026-05', '2026-06'") < 0.25


def test_the_recommendation_of_the_south_falls_two_months_later(
    files: duckdb.DuckDBPyConnection,
) -> None:
    before = nps(files, f"in {SOUTH}", "'2026-02', '2026-03'")
    after = nps(files, f"in {SOUTH}", "'2026-04', '2026-05'")
    elsewhere = nps(files, f"not in {SOUTH}", "'2026-04', '2026-05'")
    assert before - after > 0.25
    assert elsewhere > 0.40


def test_the_revenue_of_the_south_falls_last_of_all(finance: sqlite3.Connection) -> None:
    def growth(place: str, month: str) -> float:
        now, then = f"'2026-{month}'", f"'2025-{month}'"
        return revenue(finance, place, now) / revenue(finance, place, then) - 1

    assert growth(f"in {SOUTH}", "03") > 0.03
    for month in ("06", "07"):
        assert growth(f"in {SOUTH}", month) < -0.04
        assert growth(f"not in {SOUTH}", month) > 0.05


def test_wholesale_customers_of_the_south_leave(files: duckdb.DuckDBPyConnection) -> None:
    def buyers(code: str, month: str) -> float:
        return value(
            files,
            "select count(distinct customer.id) from orders "
            f"where fulfilment.unitCode = '{code}' and strftime(orderedAt, '%Y-%m') = '{month}'",
        )

    assert buyers("W-S", "2026-07") < 0.9 * buyers("W-S", "2026-02")
    assert buyers("W-N", "2026-07") >= 0.95 * buyers("W-N", "2026-02")


def test_people_leave_in_a_wave_and_mostly_from_the_shops(
    files: duckdb.DuckDBPyConnection,
) -> None:
    rows = files.execute(
        "select strftime(\"Leave Date\", '%Y-%m') as month, count(*), count_if(\"Department\" = 'RETAIL') "
        'from employee where "Leave Date" is not null group by all order by month'
    ).fetchall()
    by_month = {month: (everybody, shops) for month, everybody, shops in rows}
    wave = by_month.pop("2026-06")[0] + by_month.pop("2026-07")[0]
    assert wave >= 16
    assert max(everybody for everybody, _ in by_month.values()) <= 6


def test_tickets_take_longer_while_people_are_missing(files: duckdb.DuckDBPyConnection) -> None:
    def days(months: str) -> float:
        return value(
            files,
            "select avg(epoch(resolvedAt) - epoch(createdAt)) / 86400 from ticket "
            f"where strftime(createdAt, '%Y-%m') in ({months})",
        )

    assert days("'2026-07', '2026-08'") > 1.4 * days("'2026-03', '2026-04'")


def test_prices_rise_on_the_first_of_october_2025(finance: sqlite3.Connection) -> None:
    def basket(month: str) -> float:
        return value(
            finance,
            "select sum(net_amount) / sum(receipts_count) from sales_ledger "
            f"where channel = 'shop' and substr(posting_date, 1, 7) = '{month}'",
        )

    assert basket("2025-10") / basket("2025-09") == pytest.approx(1.06, abs=0.005)
    assert basket("2025-09") / basket("2025-08") == pytest.approx(1.00, abs=0.005)


def test_green_coffee_costs_margin_until_prices_rise(finance: sqlite3.Connection) -> None:
    def margin(month: str) -> float:
        return value(
            finance,
            "select 1 - sum(cost_of_goods_amount) / sum(net_amount) from sales_ledger "
            f"where substr(posting_date, 1, 7) = '{month}'",
        )

    assert margin("2025-05") - margin("2025-09") > 0.015
    assert margin("2025-10") - margin("2025-09") > 0.01


def test_one_month_of_hr_is_broken_in_two_departments(files: duckdb.DuckDBPyConnection) -> None:
    broken = files.execute(
        'select distinct "Month End", "Department" from absence '
        "where try_cast(replace(\"Sick Days\", ',', '.') as double) is null order by all"
    ).fetchall()
    assert broken == [("31.03.2026", "PACKING"), ("31.03.2026", "RETAIL")]
    share = value(files, "select count_if(\"Sick Days\" = '#WERT!') / count(*) from absence")
    assert 0.01 < share < 0.05, "the contract's limit is 5 % of the rows"


def test_postings_come_after_their_month_had_closed(finance: sqlite3.Connection) -> None:
    for table, expected in (("cost_entry", 4), ("sales_ledger", 2)):
        late = value(
            finance,
            f"select count(*) from {table} where julianday(updated_at) - julianday(posting_date) > 30",
        )
        assert late == expected, table
