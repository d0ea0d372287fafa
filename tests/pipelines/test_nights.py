"""Whole nights of a tiny organisation: what is published, what is not, and what the exit code says."""

import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, NoReturn

import dagster as dg
import pytest

from connectors.errors import SourceBroken, SourceUnavailable
from connectors.extract import Extraction, extract_table
from pipelines import nightly, releases, runs, wording
from pipelines.state import State
from tests.pipelines.conftest import PARCELS, SALES, Tiny
from transforms.checker import CheckerCrashed

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


def test_a_night_in_which_nothing_changed_rewrites_no_page(published: Tiny) -> None:
    """Neither what is read nor the files themselves: what copies a site by its dates has nothing to copy."""
    site = published.state.current / "site"

    def files() -> dict[str, tuple[int, int, bytes]]:
        return {
            path.relative_to(site).as_posix(): (
                path.stat().st_ino,
                path.stat().st_mtime_ns,
                path.read_bytes(),
            )
            for path in site.rglob("*")
            if path.is_file()
        }

    before = files()
    assert published.run().status == "unchanged"
    assert "index.html" in before
    assert files() == before


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
    assert next(wording.problems(record)) == "1 problem:"
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


def test_a_check_that_crashes_is_not_told_as_a_broken_contract(
    published: Tiny, monkeypatch: pytest.MonkeyPatch
) -> None:
    def crashes(_: object) -> NoReturn:
        raise CheckerCrashed("Out of Memory Error: failed to allocate")

    monkeypatch.setattr("transforms.contracts.judge.open_checker", crashes)
    published.write("shop/sale.csv", SALES + "7,south,2026-03-31,10.00\n")
    record = published.run()
    (said,) = record.problems
    assert said.startswith(
        "shop.sale could not be held to its contract; the last good load is used, complete up to 2026-03-31. "
        "The checker failed: Out of Memory Error: failed to allocate. This says nothing of the data."
    )
    assert "broke" not in said
    assert published.query(REVENUE_IN_MARCH) == [(200.0,)]


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


def test_a_failed_measure_is_a_failed_check_of_its_asset(published: Tiny) -> None:
    published.write("measures/revenue.sql", (published.workspace / "measures/revenue.sql").read_text().replace("sum(amount)", "sum(amount / unit_id::integer)"))  # fmt: skip
    record = published.run_job()
    assert (record.exit_code, record.checks.failed) == (2, 1)
    failed = published.failed_checks()
    assert {name: each.severity.value for name, each in failed.items()} == {
        "measure/revenue:is_built": "ERROR",
        "measure/revenue:units_are_known": "WARN",  # nothing to check
    }


def test_dagster_is_told_what_was_made_why_and_how_long_it_took(published: Tiny) -> None:
    dated(published)
    published.run_job()
    made = {
        ".".join(event.asset_key.path): event.step_materialization_data.materialization.metadata
        for event in published.events(dg.DagsterEventType.ASSET_MATERIALIZATION)
        if event.asset_key
    }
    planned = published.events(dg.DagsterEventType.ASSET_MATERIALIZATION_PLANNED)
    assert {".".join(event.asset_key.path) for event in planned if event.asset_key} == set(made)
    assert made["measure.late_parcels"]["outcome"].value == "reused"
    assert made["staging.shop__sale"]["outcome"].value == "made"
    assert made["staging.shop__sale"]["why_made"].value == "new load of shop.sale"
    assert made["site.kpis"]["seconds"].value > 0


def test_rows_of_unknown_units_fail_the_night_and_are_published(published: Tiny) -> None:
    """A night once ended well while a misspelt shop's revenue was in no unit's value."""
    published.write(
        "shop/sale.csv",
        SALES + "7,nowhere,2026-02-01,1\n8,nowhere,2026-03-30,2\n9,,2026-03-31,3\n",
    )
    before = runs.read_records(published.state)[0].checks
    record = published.run_job()
    assert (record.status, record.exit_code) == ("published", 2)
    assert record.problems == (
        "measure revenue has 3 rows in 2 months whose unit is in no tree: no unit at all, 'nowhere'; "
        "add the unit to company.yaml, mend the measure, or name a catch_all unit; "
        "the KPIs concerned are unverified in those months",
    )
    assert (record.checks.passed, record.checks.failed) == (before.passed - 1, 1)
    (check,) = published.failed_checks().items()
    assert check[0] == "measure/revenue:units_are_known"
    assert check[1].severity.value == "ERROR"
    assert check[1].description == record.problems[0]
    # the same data the next night: nothing to publish, and still no good night
    assert (again := published.run()).problems == record.problems
    assert (again.status, again.exit_code) == ("unchanged", 2)


def test_a_catch_all_unit_makes_rows_of_unknown_units_good(published: Tiny) -> None:
    company = (published.workspace / "company.yaml").read_text()
    published.write("company.yaml", company + "catch_all: south\n")
    published.write("shop/sale.csv", SALES + "7,nowhere,2026-03-31,1\n")
    record = published.run()
    assert (record.exit_code, record.problems) == (0, ())


def test_a_source_that_comes_late_is_waited_for_ever_longer_and_nothing_else_is(
    published: Tiny, monkeypatch: pytest.MonkeyPatch
) -> None:
    sources = (published.workspace / "sources.yaml").read_text()
    published.write("sources.yaml", sources.replace("retries: 1", "retries: 3"))
    published.write("depot/parcel.csv", PARCELS + "5,north,2026-03-31,true\n")
    asked: list[str] = []
    extract = extract_table

    def down_twice(source_id: str, table_id: str, **given: Any) -> Extraction:
        asked.append(source_id)
        if source_id == "depot" and asked.count("depot") <= 2:
            raise SourceUnavailable("depot does not answer.", "wait.")
        return extract(source_id, table_id, **given)

    monkeypatch.setattr(nightly, "extract", down_twice)
    record = published.run_job()
    assert (record.status, record.exit_code) == ("published", 0)
    assert [(each.table, each.outcome, each.row_count) for each in record.sources] == [
        ("sale", "unchanged", 0),
        ("parcel", "loaded", 5),
    ]
    assert (asked.count("shop"), asked.count("depot")) == (1, 3)
    retries = published.events(dg.DagsterEventType.STEP_UP_FOR_RETRY)
    assert [(each.step_key, each.step_retry_data.seconds_to_wait) for each in retries] == [
        ("extract_depot", 0.01),
        ("extract_depot", 0.02),
    ]


def test_a_source_that_is_broken_is_not_asked_again(
    published: Tiny, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: str, **__: Any) -> Extraction:
        raise SourceBroken("The file has no header.", "write one.")

    monkeypatch.setattr(nightly, "extract", broken)
    assert published.run_job().exit_code == 2
    assert published.events(dg.DagsterEventType.STEP_UP_FOR_RETRY) == []


def damage_manifest(load: Path) -> None:
    (load / "manifest.json").write_text('{"source": "sh')


def damage_rows(load: Path) -> None:
    (load / "part-0000.parquet").write_bytes(b"PAR1")


def lose_rows(load: Path) -> None:
    (load / "part-0000.parquet").unlink()


@pytest.mark.parametrize("damage", [damage_manifest, damage_rows, lose_rows])
def test_a_damaged_lake_keeps_the_release_that_stands(
    published: Tiny, damage: Callable[[Path], None]
) -> None:
    """Without the table's history its values would be reported as withdrawn, so nothing is published."""
    stands = releases.current_run_id(published.state)
    (load,) = (published.state.lake / "shop" / "sale").glob("[0-9]*")
    damage(load)
    record = published.run_job()
    assert (record.status, record.exit_code) == ("failed", 1)
    assert f"{load}: the load is damaged: " in record.problems[0]
    assert "Mend: restore the folder from a backup" in record.problems[0]
    assert releases.current_run_id(published.state) == stands


@pytest.mark.parametrize(
    ("asked", "reason"),
    [
        ({"as_of": date(2026, 3, 5)}, "its business date is not the present one"),
        ({"as_of": date(2099, 1, 1)}, "its business date is not the present one"),
        (
            {"known_at": datetime(2026, 1, 1, 3, tzinfo=UTC)},
            "it counts only what was known at 2026-01-01 03:00 UTC",
        ),
    ],
)
def test_a_run_for_another_date_publishes_nothing_and_says_why(
    published: Tiny, asked: dict[str, date], reason: str
) -> None:
    before = published.tree()
    record = published.run(**asked)
    built = f"releases/{record.run_id}/"
    after = {path: text for path, text in published.tree().items() if not path.startswith(built)}
    assert (record.status, record.kind) == ("built", "other_date")
    assert after == before
    assert (published.state.release(record.run_id) / "site" / "index.html").exists()
    told = next(wording.closing(record, release=published.state.current))
    assert told.endswith(f"is built for {record.as_of} and not published: {reason}.")


def test_a_run_for_another_date_is_published_when_told_so(published: Tiny) -> None:
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


def test_the_lake_may_be_a_link_to_a_folder_elsewhere(published: Tiny, tmp_path: Path) -> None:
    elsewhere = tmp_path / "mounted" / "lake"
    elsewhere.parent.mkdir()
    published.state.lake.rename(elsewhere)
    published.state.lake.symlink_to(elsewhere)
    dated(published)
    record = published.run()
    assert (record.status, record.problems) == ("published", ())
    assert published.query(REVENUE_IN_MARCH) == [(210.0,)]
    assert len(list((elsewhere / "shop" / "sale").glob("[0-9]*"))) == 2


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


def rebuilt(tiny: Tiny) -> dict[str, bytes]:
    """Throw away all but the lake, run again, and give every page and mart but those that tell of releases."""
    for path in tiny.state.root.iterdir():
        if path.name != "lake":
            subprocess.run(["rm", "-r", str(path)], check=True)
    tiny.run(extract=False)
    release = tiny.state.current.resolve()
    return {
        path.relative_to(release).as_posix(): path.read_bytes()
        for folder in ("site", "marts")
        for path in sorted((release / folder).rglob("*"))
        if path.is_file() and not path.name.startswith(("releases.", "releases-", "history."))
    }


def test_equal_lake_workspace_and_dates_give_the_same_bytes(published: Tiny) -> None:
    first, second = rebuilt(published), rebuilt(published)
    assert {"site/index.html", "marts/scorecard.kpi_score.parquet"} <= first.keys()
    assert first.keys() == second.keys()
    assert [name for name in first if first[name] != second[name]] == []


def test_what_was_known_at_a_moment_is_computed_again_to_the_byte(published: Tiny) -> None:
    """A late receipt and a night later, March as it was known then is March as it was published then."""

    def marts(release: Path) -> dict[str, bytes]:
        found = sorted((release / "marts").glob("*.parquet"))
        return {p.name: p.read_bytes() for p in found if not p.name.startswith("history.")}

    first = marts(published.state.current.resolve())
    known_at = datetime.now(tz=UTC)
    dated(published)
    assert published.run().status == "published"
    assert marts(published.state.current.resolve()) != first
    again = published.run(known_at=known_at, extract=False)
    assert (again.status, again.problems) == ("built", ())
    rebuilt_then = marts(published.state.release(again.run_id))
    assert rebuilt_then.keys() == first.keys()
    assert [name for name in first if rebuilt_then[name] != first[name]] == []


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
