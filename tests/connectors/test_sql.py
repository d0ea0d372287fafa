import sqlite3
import time
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import psycopg
import pytest

from connectors.errors import SourceBroken, SourceUnavailable
from scorecard.sources import DataAsOf, SqlTable
from tests.connectors.conftest import Database, Landing

INVOICES = """
create table invoice (
    invoice_id integer primary key, customer varchar(40), amount numeric(10,2), paid boolean,
    booked_on date, "changedAt" timestamp, rate double precision, note text
);
insert into invoice values
    (2, 'Ünal', 7, false, '2026-02-03', '2026-02-03 10:00:00', 3, null),
    (1, 'Abt', 12.35, true, '2026-02-01', '2026-02-01 09:00:00.5', 0.1, '007');
"""
INVOICE = SqlTable(table="invoice", primary_key=("invoice_id",))


def test_rows_land_in_the_types_that_the_database_declares(
    landing: Landing, database: Database
) -> None:
    """SQLite stores 7 as an integer and 12.35 as a float in one numeric column: a guess from the rows goes wrong."""
    manifest = landing.load(INVOICE, url=database(INVOICES)).manifest
    assert manifest.columns == {
        "invoice_id": "BIGINT",
        "customer": "VARCHAR",
        "amount": "DECIMAL(10,2)",
        "paid": "BOOLEAN",
        "booked_on": "DATE",
        "changed_at": "TIMESTAMP",
        "rate": "DOUBLE",
        "note": "VARCHAR",
    }
    assert landing.landed(manifest) == [
        {
            "invoice_id": 1, "customer": "Abt", "amount": Decimal("12.35"), "paid": True, "booked_on": date(2026, 2, 1),
            "changed_at": datetime.fromisoformat("2026-02-01 09:00:00.500000"), "rate": 0.1, "note": "007",
        },
        {
            "invoice_id": 2, "customer": "Ünal", "amount": Decimal("7.00"), "paid": False, "booked_on": date(2026, 2, 3),
            "changed_at": datetime.fromisoformat("2026-02-03 10:00:00"), "rate": 3.0, "note": None,
        },
    ]  # fmt: skip


def test_both_databases_give_the_same_load(landing: Landing, postgres: str, tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "f.sqlite") as connection:
        connection.executescript(INVOICES)
    connection.close()
    with psycopg.connect(postgres) as server:
        server.execute("drop schema public cascade; create schema public")
        server.execute(INVOICES.encode())
    embedded = landing.load(INVOICE, url="sqlite:///f.sqlite").manifest
    assert landing.load(INVOICE, url=postgres).manifest.content_hash == embedded.content_hash


@pytest.mark.parametrize(
    ("kind", "values", "later", "greatest"),
    [
        ("integer", ("5", "9", "9"), "12", "12"),
        ("numeric(8,2)", ("5", "9.5", "9.5"), "12.25", "12.25"),
        ("date", ("'2026-01-05'", "'2026-01-09'", "'2026-01-09'"), "'2026-01-12'", "2026-01-12"),
        (
            "timestamp",
            ("'2026-01-05 08:00:00'", "'2026-01-09 08:00:00'", "'2026-01-09 08:00:00'"),
            "'2026-01-09 08:00:00.000001'",
            "2026-01-09T08:00:00.000001",
        ),
        ("text", ("'a'", "'b'", "'b'"), "'ä'", "ä"),
    ],
)
def test_an_increment_starts_at_the_last_accepted_value_and_keeps_its_type(
    landing: Landing,
    database: Database,
    kind: str,
    values: tuple[str, ...],
    later: str,
    greatest: str,
) -> None:
    """SQLite compares '2026-01-09 08:00:00' and '2026-01-09 08:00:00.000000' as text: the row at the start would be missed."""
    table = SqlTable(table="entry", primary_key=("id",), cursor="seq")
    inserts = "".join(
        f"insert into entry values ({i}, {value});" for i, value in enumerate(values, start=1)
    )
    url = database(f"create table entry (id integer, seq {kind}); {inserts}")
    first = landing.load(table, url=url).manifest
    assert not first.is_snapshot

    again = landing.load(table, url=url, since=first)
    assert (again.outcome, again.manifest) == ("unchanged", first)

    database(f"insert into entry values (4, {later})")
    second = landing.load(table, url=url, since=first).manifest
    assert [row["id"] for row in landing.landed(second)] == [2, 3, 4]
    assert second.cursor_value == greatest


def test_a_late_row_at_the_very_end_of_the_last_load_is_new(
    landing: Landing, database: Database
) -> None:
    table = SqlTable(table="entry", primary_key=("id",), cursor="seq")
    url = database("create table entry (id integer, seq integer); insert into entry values (1, 7)")
    first = landing.load(table, url=url).manifest
    database("insert into entry values (2, 7)")
    second = landing.load(table, url=url, since=first)
    assert second.outcome == "loaded"
    assert second.manifest.cursor_value == "7"
    assert landing.load(table, url=url, since=second.manifest).outcome == "unchanged"


def test_rejected_increments_leave_no_hole(landing: Landing, database: Database) -> None:
    """Dlt's own cursor moves before a contract has given its verdict: what a rejected load held was never asked for again."""
    table = SqlTable(table="entry", primary_key=("id",), cursor="seq")
    url = database("create table entry (id integer, seq integer); insert into entry values (1, 1)")
    accepted = landing.load(table, url=url).manifest
    database("insert into entry values (2, 2)")
    rejected = landing.load(table, url=url, since=accepted).manifest
    assert landing.load(table, url=url, since=accepted).manifest == rejected  # nothing new to judge
    database("insert into entry values (3, 3)")
    mended = landing.load(table, url=url, since=accepted).manifest
    assert [row["id"] for row in landing.landed(mended)] == [1, 2, 3]


def test_an_increment_without_news_moves_data_as_of_on(
    landing: Landing, database: Database
) -> None:
    table = SqlTable(table="entry", primary_key=("id",), cursor="seq")
    url = database("create table entry (id integer, seq integer); insert into entry values (1, 1)")
    first = landing.load(table, url=url).manifest
    landing.next_night()
    second = landing.load(table, url=url, since=first)
    assert second.outcome == "loaded"
    assert second.manifest.data_as_of == date(2026, 3, 2)


def test_a_cursor_that_is_null_is_refused(landing: Landing, database: Database) -> None:
    table = SqlTable(table="entry", primary_key=("id",), cursor="seq")
    url = database("create table entry (id integer, seq integer); insert into entry values (1, 1)")
    first = landing.load(table, url=url).manifest
    database("insert into entry values (2, null)")
    with pytest.raises(SourceBroken, match=r"1 row\(s\) have no value in the cursor seq"):
        landing.load(table, url=url, since=first)


def test_an_empty_table_lands_with_its_columns(landing: Landing, database: Database) -> None:
    manifest = landing.load(
        SqlTable(table="entry", primary_key=("id",)),
        url=database("create table entry (id integer, amount numeric(6,1))"),
    ).manifest
    assert (manifest.row_count, manifest.columns) == (0, {"id": "BIGINT", "amount": "DECIMAL(6,1)"})


def test_only_the_columns_asked_for_land(landing: Landing, database: Database) -> None:
    table = SqlTable(
        table="invoice", primary_key=("invoice_id",), columns=("invoice_id", "changedAt")
    )
    assert list(landing.load(table, url=database(INVOICES)).manifest.columns) == [
        "invoice_id",
        "changed_at",
    ]


def test_a_view_lands(landing: Landing, database: Database) -> None:
    """In SQLite the expressions of a view have no declared type: they are typed by all their values."""
    url = database(
        INVOICES
        + "create view total as select 1 as id, sum(rate) as rate, count(*) as n, max(customer) as c from invoice"
    )
    [row] = landing.rows(SqlTable(table="total", primary_key=("id",)), url=url)
    assert row == {"id": 1, "rate": 3.1, "n": 2, "c": "Ünal"}


def test_rich_types_of_postgres_land(landing: Landing, postgres: str) -> None:
    with psycopg.connect(postgres) as server:
        server.execute(
            b"""drop schema public cascade; create schema public; create schema "Sales";
            create table "Sales".thing (id uuid primary key, at timestamptz, tags text[], body jsonb, raw bytea, day time, free numeric);
            insert into "Sales".thing values ('6f9619ff-8b86-d011-b42d-00c04fc964ff', '2026-01-01 00:30+02', '{a,b}',
            '{"postCode": "007"}', 'x', '08:30', 1.5)"""
        )
    [row] = landing.rows(
        SqlTable(table="thing", db_schema="Sales", primary_key=("id",)), url=postgres
    )
    assert row == {
        "id": "6f9619ff-8b86-d011-b42d-00c04fc964ff",
        "at": datetime(2025, 12, 31, 22, 30, tzinfo=UTC),
        "tags": '["a","b"]',
        "body": '{"postCode":"007"}',
        "raw": b"x",
        "day": datetime.fromisoformat("2026-01-01 08:30:00").time(),
        "free": Decimal("1.500000000"),
    }


@pytest.mark.parametrize(
    ("declared", "stored", "shown"),
    [
        ("numeric(10,2)", "12.345", "12.345"),
        ("integer", "1.5", "1.5"),
        ("integer", "'many'", "'many'"),
        ("date", "'yesterday'", "'yesterday'"),
        ("boolean", "2", "2"),
    ],
)
def test_a_value_that_does_not_fit_its_declaration_is_refused(
    landing: Landing, tmp_path: Path, declared: str, stored: str, shown: str
) -> None:
    """SQLite stores anything anywhere; rounded or nulled in silence, the figures would be wrong without a trace."""
    with sqlite3.connect(tmp_path / "f.sqlite") as connection:
        connection.executescript(
            f"create table entry (id integer, v {declared}); insert into entry values (1, {stored})"
        )
    connection.close()
    with pytest.raises(SourceBroken, match=rf"column v is declared .* holds the value {shown}"):
        landing.load(SqlTable(table="entry", primary_key=("id",)), url="sqlite:///f.sqlite")


def test_a_missing_database_is_unavailable_and_is_not_made(
    landing: Landing, tmp_path: Path
) -> None:
    with pytest.raises(SourceUnavailable, match="no SQLite database"):
        landing.load(INVOICE, url="sqlite:///gone.sqlite")
    assert not (tmp_path / "gone.sqlite").exists()


def test_a_server_that_is_down_is_unavailable(landing: Landing) -> None:
    with pytest.raises(SourceUnavailable, match="cannot be reached"):
        landing.load(INVOICE, url="postgresql://me:pass-of-finance@127.0.0.1:1/db")


def test_a_missing_table_is_broken(landing: Landing, database: Database) -> None:
    with pytest.raises(SourceBroken, match="no table or view bills"):
        landing.load(SqlTable(table="bills", primary_key=("id",)), url=database(INVOICES))


def test_a_missing_key_column_is_named_beside_those_there_are(
    landing: Landing, database: Database
) -> None:
    with pytest.raises(SourceBroken, match=r"no column bill_id.*there are invoice_id, customer"):
        landing.load(SqlTable(table="invoice", primary_key=("bill_id",)), url=database(INVOICES))


def test_duplicate_keys_are_left_to_contracts(landing: Landing, database: Database) -> None:
    url = database(
        "create table entry (id integer, v text); insert into entry values (1, 'b'), (1, 'a')"
    )
    assert [
        row["v"] for row in landing.rows(SqlTable(table="entry", primary_key=("id",)), url=url)
    ] == ["a", "b"]


def test_a_null_key_is_refused(landing: Landing, database: Database) -> None:
    url = database("create table entry (id integer, v text); insert into entry values (null, 'b')")
    with pytest.raises(SourceBroken, match=r"1 row\(s\) have no value in id"):
        landing.load(SqlTable(table="entry", primary_key=("id",)), url=url)


def test_data_as_of_is_the_greatest_day_of_a_column(landing: Landing, database: Database) -> None:
    table = SqlTable(
        table="invoice",
        primary_key=("invoice_id",),
        data_as_of=DataAsOf(kind="column", column="booked_on"),
    )
    assert landing.load(table, url=database(INVOICES)).manifest.data_as_of == date(2026, 2, 3)


def test_many_rows_stream_in_good_time(landing: Landing, tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "big.sqlite") as connection:
        connection.execute(
            "create table entry (id integer primary key, customer text, amount numeric(10,2), booked_on date)"
        )
        rows: Any = (
            (i, f"c{i % 999}", i / 100, f"2026-01-{i % 28 + 1:02}") for i in range(150_000)
        )
        connection.executemany("insert into entry values (?, ?, ?, ?)", rows)
    connection.close()
    started = time.perf_counter()
    manifest = landing.load(
        SqlTable(table="entry", primary_key=("id",)), url="sqlite:///big.sqlite"
    ).manifest
    assert manifest.row_count == 150_000
    assert time.perf_counter() - started < 10
