"""Whole nights of a tiny organisation: what is published, what is not, and what the exit code says."""

import subprocess
import sys
from datetime import UTC, date, datetime, timedelta

import pytest

from pipelines import nightly, releases, runs
from pipelines.state import State
from tests.pipelines.conftest import SALES, Tiny

ANALYST = """
import sys, duckdb
with duckdb.connect(sys.argv[1], read_only=True) as connection:
    first = connection.execute("select sum(actual) from scorecard.kpi_value").fetchall()
    print("open", flush=True)
    sys.stdin.readline()
    assert connection.execute("select sum(actual) from scorecard.kpi_value").fetchall() == first
    print("the same", flush=True)
"""
REVENUE_IN_MARCH = (
    "select actual from scorecard.kpi_value where kpi_id = 'revenue' and unit_id = 'acme' "
    "and grain = 'month' and period_start_date = date '2026-03-01'"
)


def dated(tiny: Tiny) -> None:
    """Sell once more, so that a new release is due."""
    tiny.write("shop/sale.csv", SALES + "7,south,2026-03-31,10.00\n")


def test_the_first_night_is_published(published: Tiny) -> None:
    (record,) = runs.read_records(published.state)
    assert (record.status, record.exit_code, record.problems) == ("published", 0, ())
    assert published.query(REVENUE_IN_MARCH) == [(200.0,)]
    assert (published.state.current / "site" / "index.html").exists()
    assert (published.state.current / "marts" / "history.release.parquet").exists()
    assert releases.published_run_ids(published.state) == (record.run_id,)
    assert not list(published.state.releases.glob(".*"))


def test_a_second_run_changes_nothing_that_did_not_change(published: Tiny) -> None:
    before = published.tree()
    record = published.run()
    assert (record.status, record.exit_code) == ("unchanged", 0)
    assert published.tree() == before


def test_new_data_make_a_new_release_and_the_ledger_tells_what_changed(published: Tiny) -> None:
    dated(published)
    assert published.run().status == "published"
    assert published.query(REVENUE_IN_MARCH) == [(210.0,)]
    reported = published.query(
        "select actual from history.reported_value inner join history.release using (run_id) "
        "where kpi_id = 'revenue' and unit_id = 'acme' and grain = 'month' "
        "and reported_value.period_start_date = date '2026-03-01' order by reported_at"
    )
    assert reported == [(200.0,), (210.0,)]


def test_a_source_that_is_down_leaves_the_others_and_its_last_good_load(published: Tiny) -> None:
    dated(published)
    (published.data / "depot" / "parcel.csv").rename(published.data / "depot" / "gone")
    record = published.run_job()
    assert (record.status, record.exit_code) == ("published", 2)
    assert [problem.split(";")[0] for problem in record.problems] == [
        "depot.parcel could not be read"
    ]
    assert published.query(
        "select outcome, data_as_of_date from quality.source_status order by source_id"
    ) == [
        ("failed", date(2026, 3, 31)),
        ("good", date(2026, 3, 31)),
    ]
    assert published.query(REVENUE_IN_MARCH) == [(210.0,)]


def test_a_load_that_breaks_its_contract_is_not_used(published: Tiny) -> None:
    published.write("shop/sale.csv", SALES + "7,south,2026-03-31,\n")
    record = published.run()
    assert (record.status, record.exit_code, record.checks.failed) == ("published", 2, 1)
    assert published.query(REVENUE_IN_MARCH) == [(200.0,)]
    assert published.query(
        "select outcome from quality.source_status where source_id = 'shop'"
    ) == [("rejected",)]


def test_a_warning_is_shown_and_the_night_is_good(published: Tiny) -> None:
    published.write("shop/sale.csv", SALES + "7,south,2026-03-31,200000\n")
    record = published.run()
    assert record.problems == ()
    assert (record.status, record.exit_code, record.checks.warned) == ("published", 0, 1)


def test_data_that_are_too_old_fail_the_night_and_are_published(published: Tiny) -> None:
    record = published.run(as_of=date(2026, 4, 30))
    assert (record.status, record.exit_code) == ("published", 2)
    assert record.problems == (
        "shop.sale is complete up to 2026-03-31 only, more than 10 days before 2026-04-30.",
    )


def test_a_measure_that_fails_takes_only_its_own_kpi_along(published: Tiny) -> None:
    published.write("measures/revenue.sql", (published.workspace / "measures/revenue.sql").read_text().replace("sum(amount)", "sum(amount / unit_id::integer)"))  # fmt: skip
    record = published.run()
    assert (record.status, record.exit_code) == ("published", 2)
    assert "measure.revenue failed" in record.problems[0]
    states = published.query(
        "select kpi_id, data_state from scorecard.kpi_score where unit_id = 'acme' and grain = 'month' "
        "and period_start_date = date '2026-03-01' order by 1"
    )
    assert states == [("late_share", "current"), ("revenue", "unverified")]


@pytest.mark.parametrize(
    "asked", [{"as_of": date(2026, 3, 5)}, {"known_at": datetime(2026, 1, 1, tzinfo=UTC)}]
)
def test_a_run_for_the_past_publishes_nothing(published: Tiny, asked: dict[str, date]) -> None:
    before = published.tree()
    record = published.run(**asked)
    built = f"releases/{record.run_id}/"
    after = {path: text for path, text in published.tree().items() if not path.startswith(built)}
    assert (record.status, record.kind) == ("built", "past")
    assert after == before
    assert (published.state.release(record.run_id) / "site" / "index.html").exists()


def test_a_run_for_the_past_is_published_when_told_so(published: Tiny) -> None:
    record = published.run(as_of=date(2026, 3, 5), publish=True)
    assert record.status == "published"
    assert releases.current_run_id(published.state) == record.run_id


def test_a_rolled_back_night_is_not_what_the_next_one_counts_from(published: Tiny) -> None:
    first = releases.current_run_id(published.state)
    assert first is not None
    dated(published)
    wrong = published.run().run_id
    releases.move_pointer(published.state, first, kind="rollback", at=datetime.now(tz=UTC))
    published.write("shop/sale.csv", SALES.replace("110.00", "115.00"))
    record = published.run()
    rows = published.query(
        "select run_id, base_run_id, is_current_line from history.release order by reported_at"
    )
    assert rows == [(first, None, True), (wrong, first, False), (record.run_id, first, True)]


def test_a_release_that_fails_its_audit_is_kept_aside_and_not_published(
    published: Tiny, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = published.tree()
    dated(published)
    monkeypatch.setattr(
        nightly, "audit_pages", lambda _: ["index.html: links to a page that is not there"]
    )
    record = published.run_job()
    assert (record.status, record.exit_code) == ("failed", 1)
    assert "index.html: links to a page that is not there" in record.problems[-1]
    kept = published.state.releases / f".failed-{record.run_id}"
    assert (kept / "site" / "index.html").exists()
    assert published.state.current.readlink().name == before["current"].decode().split("/")[-1]
    told = (published.state.runs / f"{record.run_id}.failure.txt").read_text()
    assert "failed in the step pages" in told
    assert "still stands" in told


def test_a_part_whose_pointer_never_moved_was_not_reported(
    published: Tiny, monkeypatch: pytest.MonkeyPatch
) -> None:
    dated(published)
    with monkeypatch.context() as patch:
        patch.setattr(releases, "_switch", lambda *_: (_ for _ in ()).throw(OSError("power cut")))
        killed = published.run()
    assert killed.status == "failed"
    record = published.run()
    assert record.status == "published"
    assert killed.run_id not in {
        run_id for (run_id,) in published.query("select run_id from history.release")
    }
    kinds = [move.kind for move in releases.logged_moves(published.state)]
    assert kinds == ["publish", "completed", "publish", "not_completed", "publish", "completed"]


def test_an_analyst_and_the_run_do_not_wait_for_each_other(published: Tiny) -> None:
    """DuckDB lets one open read-only session block the writer of the same file, and the writer all readers."""
    warehouse = published.state.current / "warehouse.duckdb"
    command = [sys.executable, "-c", ANALYST, str(warehouse)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as analyst:
        assert analyst.stdout is not None
        assert analyst.stdout.readline() == "open\n"
        dated(published)
        record = published.run()
        assert record.status == "published"
        assert published.query(REVENUE_IN_MARCH) == [(210.0,)]
        out, _ = analyst.communicate("\n", timeout=30)
    assert (out, analyst.returncode) == ("the same\n", 0)


def test_lake_and_ledger_are_enough_to_rebuild_everything(published: Tiny) -> None:
    state: State = published.state
    release_id = runs.read_records(state)[0].release_id
    history = published.query("select kpi_id, actual from history.reported_value order by all")
    for path in state.root.iterdir():
        if path.name not in ("lake", "ledger"):
            subprocess.run(["rm", "-r", str(path)], check=True)
    record = published.run(extract=False)
    assert (record.status, record.release_id) == ("published", release_id)
    assert (
        published.query("select kpi_id, actual from history.reported_value order by all") == history
    )


def test_the_run_is_told_of_nights_that_never_started(published: Tiny) -> None:
    (record,) = runs.read_records(published.state)
    earlier = record.model_copy(update={"started_at": record.started_at - timedelta(days=3)})
    runs.write_record(published.state, earlier)
    assert len(published.run().missed_nights) in (2, 3)


def test_the_command_sums_up_and_says_how_it_went(published: Tiny) -> None:
    done = published.steelyard("run")
    assert done.exit_code == 0, done.err
    assert "Nothing changed; release r-" in done.out
    assert "checks passed, 0 failed" in done.out
    assert str(published.state.current / "site" / "index.html") in done.out
    assert done.err == ""


def test_a_workspace_with_errors_runs_nothing(published: Tiny) -> None:
    published.write("measures/revenue.sql", "select 1 from raw.nowhere")
    done = published.steelyard("run")
    assert done.exit_code == 3
    assert "measures/revenue.sql:1: error: " in done.err
