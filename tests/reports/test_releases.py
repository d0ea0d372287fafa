"""The archive of releases: what each gave and changed, with reasons; a night that changed nothing makes no row."""

import shutil
from pathlib import Path

import duckdb
import pytest

from reports.edition import Edition, edition_of
from reports.site import build
from reports.views.releases import ReleasesPage, releases_page
from reports.warehouse.published import read
from tests.reports.warehouse.history import NEW_RUN, OLD_RUN

AGAIN, BACK, NEXT = "20261103T020000Z-cccccc", "20261104T020000Z-dddddd", "20261105T020000Z-eeeeee"


@pytest.fixture(scope="module")
def page(edition: Edition) -> ReleasesPage:
    return releases_page(edition)


def test_a_release_tells_its_score_and_the_change_from_the_one_before(page) -> None:
    newest, first = page.releases
    assert (newest.score, newest.change, first.score, first.change) == ("49", "−19", "68", "")
    assert (newest.is_present, newest.base, first.base) == (True, "r-aaaaaaaaaa", "")
    assert newest.published == "2 Nov 2026, 04:12 UTC"


def test_a_release_tells_what_it_changed_with_reasons(page) -> None:
    newest, first = page.releases
    assert newest.sentence == (
        "It changed 4 numbers that stood reported: late or corrected data (1), changed target (1), "
        "changed weight (2), changed unit tree (1)."
    )
    assert [(row.node.text, row.values, row.scores, row.reasons) for row in newest.changed] == [
        ("Deliveries on time", "1", "0", "late or corrected data (1), changed unit tree (1)"),
        ("Refills sold", "0", "1", "changed target (1)"),
        ("Grow profitable sales", "", "1", "changed weight (1)"),
        ("Balanced scorecard", "", "1", "changed weight (1)"),
    ]
    assert newest.changed[0].node.href == "kpis/on_time.html#restated"
    assert not first.is_told


@pytest.fixture
def longer(warehouse: Path, tmp_path: Path) -> Edition:
    """Return the same warehouse with three more runs: one that changed nothing, one rolled back, one of an older version."""
    path = tmp_path / "warehouse.duckdb"
    shutil.copyfile(warehouse, path)
    with duckdb.connect(str(path)) as connection:
        for run, release, base, line in (
            (AGAIN, "r-0123456789", NEW_RUN, True),
            (BACK, "r-cccccccccc", AGAIN, False),
            (NEXT, "r-dddddddddd", AGAIN, True),
        ):
            connection.execute(
                "insert into history.release select $run, $release, $base, as_of_date, period_start_date, "
                "reported_at + interval 1 day, $line from history.release where run_id = $old",
                {"run": run, "release": release, "base": base, "line": line, "old": NEW_RUN},
            )
        for run, reasons, withdrawn in ((BACK, "['late_data']", False), (NEXT, "null", True)):
            connection.execute(
                f"insert into history.reported_value select * replace ($run as run_id, {reasons} as reasons, "
                "$withdrawn as is_withdrawn) from history.reported_value "
                "where run_id = $old and unit_id = 'kettle' and kpi_id in ('on_time', 'cups')",
                {"run": run, "withdrawn": withdrawn, "old": OLD_RUN},
            )
        connection.execute(
            "insert into history.reported_value select * replace ($run as run_id, null as reasons) "
            "from history.reported_value where run_id = $old and unit_id = 'kettle' and kpi_id = 'waste'",
            {"run": NEXT, "old": OLD_RUN},
        )
        connection.execute(
            "insert into history.definition by name select * replace ($run as run_id, 'd-other' as definition_id) "
            "from history.definition where kpi_id = 'cups'",
            {"run": NEXT},
        )
    return edition_of(read(path))


def test_a_run_that_changed_nothing_is_no_release_of_its_own(longer) -> None:
    page = releases_page(longer)
    assert {row.run_id for row in page.releases} == {NEXT, BACK, NEW_RUN, OLD_RUN}
    assert [row.run_id for row in page.releases if row.is_present] == [NEW_RUN]
    assert [row.state for row in page.releases if row.run_id == BACK] == ["rolled back"]


def test_a_release_without_a_report_of_its_own_keeps_the_score_that_stood(longer) -> None:
    by_run = {row.run_id: row for row in releases_page(longer).releases}
    assert (by_run[NEXT].score, by_run[NEXT].change) == ("49", "0")


def test_what_was_withdrawn_or_gave_no_reason_is_counted_as_such(longer) -> None:
    by_run = {row.run_id: row for row in releases_page(longer).releases}
    reasons = {row.node.text: row.reasons for row in by_run[NEXT].changed}
    assert reasons["Deliveries on time"].startswith("no longer measured (")
    assert reasons["Grounds wasted"].startswith("reason not recorded (")
    assert "reason not recorded" not in by_run[BACK].sentence


def test_a_changed_definition_is_named(longer) -> None:
    by_run = {row.run_id: row for row in releases_page(longer).releases}
    said = ["".join(part.text for part in note) for note in by_run[NEXT].notes]
    assert said == ["Definition changed: Cups sold."]
    assert by_run[NEW_RUN].notes == ()


def test_a_first_night_has_an_archive(warehouse, tmp_path) -> None:
    path = tmp_path / "warehouse.duckdb"
    shutil.copyfile(warehouse, path)
    with duckdb.connect(str(path)) as connection:
        for table in ("release", "reported_value", "reported_score"):
            connection.execute(f"delete from history.{table}")
    build(path, tmp_path / "site", groups=["releases"])
    text = (tmp_path / "site/releases.html").read_text("utf-8")
    assert "No release is published yet" in text
