"""The command line: what a person types, what it prints and how it ends."""

import os
import subprocess
import sys
import threading
import time
import urllib.request
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pipelines import cli, releases, runs, wording
from tests.conftest import ExampleRelease
from tests.pipelines.conftest import SALES, Tiny


def steelyard(*arguments: str, home: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "pipelines.cli", *arguments],
        env={**os.environ, "STEELYARD_HOME": str(home)},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_example_runs_and_ends_with_what_a_person_wants_to_know(
    example_release: ExampleRelease,
) -> None:
    assert example_release.exit_code == 0, example_release.output
    for said in (
        "is published",
        "Scorecard ",
        "Came in ",
        "Validated ",
        "Took ",
        "index.html",
        "warehouse.duckdb",
    ):
        assert said in example_release.output


def test_init_makes_a_workspace_that_runs_at_once(tmp_path: Path) -> None:
    made = steelyard("init", str(tmp_path / "company"), home=tmp_path / "state")
    assert made.returncode == 0, made.stderr
    done = steelyard("run", "--workspace", str(tmp_path / "company"), home=tmp_path / "state")
    assert done.returncode == 0, done.stdout + done.stderr
    assert (tmp_path / "state" / "current" / "site" / "index.html").exists()


def test_init_never_writes_over_a_workspace(tmp_path: Path) -> None:
    (tmp_path / "company.yaml").write_text("mine")
    done = steelyard("init", str(tmp_path), home=tmp_path / "state")
    assert (done.returncode, (tmp_path / "company.yaml").read_text()) == (3, "mine")
    assert "is not empty" in done.stderr


def test_status_tells_how_it_stands(published: Tiny) -> None:
    told = published.steelyard("status").out
    (record,) = runs.read_records(published.state)
    assert f"Current     {record.release_id}, as of 2026-04-05" in told
    assert "Scorecard   " in told
    assert "shop.sale" in told
    assert "complete up to 2026-03-31" in told
    assert "Lock        free" in told


def test_status_says_which_nights_never_started(published: Tiny) -> None:
    (record,) = runs.read_records(published.state)
    long_ago = record.model_copy(update={"started_at": datetime(2026, 1, 1, 3, tzinfo=UTC)})
    runs.write_record(published.state, long_ago)
    assert "2026-01-02" in published.steelyard("status").out


def test_status_before_the_first_run_is_no_error(tiny: Tiny) -> None:
    done = tiny.steelyard("status")
    assert (done.exit_code, "nothing is published yet" in done.out) == (0, True)


def test_history_lists_releases_and_what_was_reported(published: Tiny) -> None:
    published.write("shop/sale.csv", SALES + "7,south,2026-03-31,10.00\n")
    published.run()
    listed = published.steelyard("history").out.splitlines()
    assert len(listed) == 2
    assert listed[1].endswith("current")
    march = [
        line
        for line in published.steelyard("history", "revenue").out.splitlines()
        if line.startswith("2026-03")
    ]
    assert [line.split()[1] for line in march] == ["200.0000", "210.0000"]


def test_history_tells_the_score_beside_each_value(published: Tiny) -> None:
    """What a release did not report anew stands as before: here the value, under another target."""
    published.write("shop/sale.csv", SALES + "7,south,2026-03-31,10.00\n")
    published.run()
    published.write(
        "targets.csv",
        (published.workspace / "targets.csv").read_text().replace("100,200", "110,420"),
    )
    published.run()
    march = [
        line
        for line in published.steelyard("history", "revenue").out.splitlines()
        if line.startswith("2026-03")
    ]
    assert [line.split("  reported")[0].split(maxsplit=2)[1:] for line in march] == [
        ["200.0000", "score 66.7 on track, target 200.0000"],
        ["210.0000", "score 70.0 on track, target 200.0000"],
        ["210.0000", "score 44.1 at risk, target 420.0000"],
    ]
    assert [line.rpartition(": ")[2] for line in march[1:]] == ["late data", "changed target"]


def test_history_tells_how_a_kpi_stood_on_a_day_though_it_was_rolled_back(published: Tiny) -> None:
    today = datetime.now(tz=UTC).date().isoformat()
    published.write("shop/sale.csv", SALES + "7,south,2026-03-31,10.00\n")
    published.run()

    def stood(day: str) -> str:
        return published.steelyard("history", "revenue", "--as-reported-on", day).out

    (march,) = [line for line in stood(today).splitlines() if line.startswith("2026-03")]
    said = march.split(maxsplit=1)[1]
    assert said.startswith(
        "210.0000  score 70.0 on track, target 200.0000, weight 1, definition d-"
    )
    assert "Nothing stood reported of revenue by month on 2020-01-01." in stood("2020-01-01")
    assert published.steelyard("rollback").exit_code == 0
    assert "200.0000" in stood(today)
    listed = published.steelyard("history", "revenue").out
    assert "(rolled back)" in listed


def test_a_day_without_a_kpi_is_wrong(published: Tiny) -> None:
    done = published.steelyard("history", "--as-reported-on", "2026-04-05")
    assert (done.exit_code, "name a KPI" in done.err) == (3, True)


def test_history_of_an_unknown_kpi_says_so(published: Tiny) -> None:
    assert "Nothing was ever reported of nonsense" in published.steelyard("history", "nonsense").out


def test_rollback_moves_the_pointer_and_deletes_nothing(published: Tiny) -> None:
    first = releases.current_run_id(published.state)
    published.write("shop/sale.csv", SALES + "7,south,2026-03-31,10.00\n")
    second = published.run().run_id
    assert published.steelyard("rollback").exit_code == 0
    assert releases.current_run_id(published.state) == first
    assert published.steelyard("rollback", second).exit_code == 0
    assert releases.current_run_id(published.state) == second


def test_rollback_without_a_release_before_says_so(published: Tiny) -> None:
    done = published.steelyard("rollback")
    assert (done.exit_code, "no release before the current one" in done.err) == (1, True)


def test_a_run_beside_another_is_told_who_writes(published: Tiny) -> None:
    with runs.writing(published.state, run_id="run1", what="run", now=datetime.now(tz=UTC)):
        done = published.steelyard("run")
    assert done.exit_code == 1
    assert f"is being written by run run1 (process {os.getpid()}" in done.err


def test_of_two_runs_that_start_at_once_one_is_told_who_writes(published: Tiny) -> None:
    """Both find the lock free at first; the loser once ended with the lock library's own words."""
    processes = [published.start("run") for _ in range(2)]
    said = [process.communicate(timeout=120) for process in processes]
    codes = [process.returncode for process in processes]
    assert sorted(codes) == [0, 1], said
    winner, loser = codes.index(0), codes.index(1)
    record = runs.read_records(published.state)[-1]
    assert record.pid == processes[winner].pid
    assert (
        f"is being written by run {record.run_id} (process {record.pid}, since {record.started_at:%Y-%m-%d %H:%M:%S} UTC). "
        "Wait until it ends, then start again."
    ) in said[loser][1]
    assert "Timeout" not in said[loser][1]


def test_status_says_that_a_killed_run_did_not_end(published: Tiny) -> None:
    with published.start("run") as process:
        while (
            not (holder := runs.lock_holder(published.state))
            or not (published.state.runs / f"{holder.run_id}.json").exists()
        ):
            assert process.poll() is None
            time.sleep(0.02)
        alive = published.steelyard("status").out
        process.kill()
    assert f"Last run    {holder.run_id}, running, began" in alive
    dead = published.steelyard("status").out
    assert f"Last run    {holder.run_id}, did not end (it was killed or crashed; " in dead
    assert "the next run clears up" in dead
    assert "Lock        free" in dead


def test_a_damaged_lake_is_told_without_a_traceback(published: Tiny) -> None:
    (load,) = (published.state.lake / "shop" / "sale").glob("[0-9]*")
    (load / "manifest.json").write_text("{")
    for command in ("run", "check"):
        done = published.steelyard(command)
        assert done.exit_code == 1
        assert done.err.startswith(
            f"{load}: the load is damaged: its manifest cannot be read (it is no JSON). Mend:"
        )
        assert "Traceback" not in done.err
    assert published.steelyard("status").exit_code == 0


def test_a_run_record_that_cannot_be_read_is_told_without_a_traceback(published: Tiny) -> None:
    """One of another version once ended the night with a validator's words; a night sets it aside and goes on."""
    (record,) = published.state.runs.glob("[0-9]*.json")
    record.write_text('{"kind": "of another version"}')
    done = published.steelyard("status")
    assert done.exit_code == 1
    assert f"{record}: the record of a run is damaged" in done.err
    assert "Mend: move the file away" in done.err
    assert "Traceback" not in done.err
    assert "validation error" not in done.err
    assert published.run().status == "unchanged"
    assert published.steelyard("status").exit_code == 0


def test_a_day_that_is_none_is_refused(tiny: Tiny) -> None:
    assert tiny.steelyard("run", "--as-of", "yesterday").exit_code == 3


def test_check_prints_each_finding_with_its_place(tiny: Tiny) -> None:
    tiny.write(
        "strategy.yaml",
        (tiny.workspace / "strategy.yaml")
        .read_text()
        .replace("measure: revenue", "measure: revenu"),
    )
    done = tiny.steelyard("check")
    assert done.exit_code == 3
    assert "strategy.yaml:" in done.err
    assert "\n1 error in " in done.err


def test_serve_shows_the_published_site(published: Tiny) -> None:
    with published.start("serve", "--port", "0") as process:
        timer = threading.Timer(30, process.kill)
        timer.start()
        assert process.stdout is not None
        address = process.stdout.readline().split()[0]
        with urllib.request.urlopen(address) as answer:  # noqa: S310 - our own loopback server
            assert b"Acme" in answer.read()
        timer.cancel()
        process.kill()


def test_what_a_release_warns_of_is_listed_and_the_night_stays_good(published: Tiny) -> None:
    targets = (published.workspace / "targets.csv").read_text()
    published.write(
        "targets.csv", targets.replace("acme,month,2026-01-01,100", "acme,month,2026-02-01,100")
    )
    record = published.run()
    assert (record.status, record.exit_code) == ("published", 0)
    heading, *lines = wording.warned(cli._warnings(record, published.state.current))
    assert heading == "1 warning:"
    assert "No scoring points are valid for revenue of acme" in lines[0]


@pytest.mark.parametrize(
    "command",
    [
        "run", "check", "init", "dev", "serve", "status", "history", "explain", "diff", "simulate", "rollback", "schema",
    ],
)  # fmt: skip
def test_every_command_explains_itself(command: str, tmp_path: Path) -> None:
    done = steelyard(command, "--help", home=tmp_path)
    assert (done.returncode, "Usage:" in done.stdout) == (0, True)
