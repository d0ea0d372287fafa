"""`steelyard simulate`: history under a changed workspace; nothing is published, nothing stays, nobody is disturbed."""

import json
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from pipelines import compared, runs, simulation
from pipelines.overlay import overlaid
from pipelines.simulation import Simulated
from scorecard.workspace import read_workspace
from tests.pipelines.conftest import SALES, Tiny

NOW = datetime(2026, 4, 6, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _own_temporary_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Make simulations work in a folder of the test, which must be empty at its end."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    yield
    assert list(folder.iterdir()) == []


def simulated(tiny: Tiny, overlay: Path | None = None) -> Simulated:
    with overlaid(tiny.workspace, overlay) as folder:
        return simulation.simulate(
            read_workspace(folder), tiny.state, environment=tiny.environment, now=NOW
        )


def overlay(tiny: Tiny, folder: Path, path: str, *, old: str, new: str) -> Path:
    """Write a changed file of the workspace into a folder of its own."""
    text = (tiny.workspace / path).read_text()
    assert old in text
    (folder / path).parent.mkdir(parents=True, exist_ok=True)
    (folder / path).write_text(text.replace(old, new))
    return folder


def test_the_workspace_as_it_was_published_gives_what_is_published(published: Tiny) -> None:
    before = published.tree()
    made = simulated(published)
    assert (made.difference.is_empty, made.problems, made.is_other_program) == (True, (), False)
    assert published.tree() == before


def test_loads_that_came_after_the_release_do_not_count(published: Tiny) -> None:
    """Else a change of definition could not be told from late data."""
    published.write("shop/sale.csv", SALES + "7,north,2026-03-31,10.00\n")
    published.run(as_of=datetime(2026, 3, 5, tzinfo=UTC).date())
    assert simulated(published).difference.is_empty


def test_changed_targets_say_which_statuses_would_have_been_different(
    published: Tiny, tmp_path: Path
) -> None:
    folder = overlay(
        published, tmp_path / "new", "targets.csv", old="acme,month,2026-01-01,100,200", new="acme,month,2026-01-01,150,300",
    )  # fmt: skip
    before = published.tree()
    found = simulated(published, folder).difference
    assert published.tree() == before
    moved = [row for row in found.scores if row.is_status and row.node_id == "revenue"]
    assert {row.unit_id for row in moved} == {"acme"}
    march = next(row for row in moved if (row.grain, row.period_start_date.month) == ("month", 3))
    assert (march.band_before, march.band_after) == ("on_track", "at_risk")
    assert march.reasons == ["changed_target"]
    assert (found.values, found.definitions) == ([], [])
    said = "\n".join(compared.simulated(found, limit=3))
    assert "would have been different" in said
    assert "by KPI     revenue" in said


@pytest.mark.parametrize(
    ("old", "new", "node", "bands", "reason"),
    [
        ("name: Financial", "name: Financial\n    weight: 99", "acme_scorecard", ("on_track", "at_risk"), "changed_weight"),
        ("measured_in: currency}", "measured_in: currency, rule: binary}", "revenue", ("at_risk", "off_track"), "changed_definition"),
        ("measured_in: currency}", "measured_in: currency, bands: {on_track: 60, at_risk: 50}}", "revenue", ("at_risk", "on_track"), "changed_definition"),
    ],
    ids=["weights", "rules", "bands"],
)  # fmt: skip
def test_changed_weights_and_rules_say_which_statuses_would_have_been_different(
    published: Tiny, tmp_path: Path, old: str, new: str, node: str, bands: tuple[str, str], reason: str,
) -> None:  # fmt: skip
    folder = overlay(published, tmp_path / "new", "strategy.yaml", old=old, new=new)
    before = published.tree()
    found = simulated(published, folder).difference
    assert published.tree() == before
    (february,) = [
        row for row in found.scores
        if (row.node_id, row.unit_id, row.grain, row.period_start_date.month) == (node, "acme", "month", 2)
    ]  # fmt: skip
    assert (february.band_before, february.band_after) == bands
    assert (february.is_status, february.reasons) == (True, [reason])
    assert found.values == []


def test_changed_sql_is_shown_as_a_unified_diff(published: Tiny, tmp_path: Path) -> None:
    folder = overlay(
        published, tmp_path / "new", "measures/revenue.sql", old="sum(amount)", new="sum(amount) / 2"
    )  # fmt: skip
    found = simulated(published, folder).difference
    (definition,) = found.definitions
    diff = compared.unified(definition)
    assert "-    sum(amount) as numerator" in diff
    assert "+    sum(amount) / 2 as numerator" in diff
    assert {tuple(row.reasons) for row in found.values} == {
        ("changed_definition",),
        ("provisional",),
    }


def test_a_kpi_that_is_added_and_one_that_is_removed_are_named(
    published: Tiny, tmp_path: Path
) -> None:
    folder = overlay(published, tmp_path / "new", "strategy.yaml", old="id: revenue,", new="id: turnover,")  # fmt: skip
    overlay(published, folder, "targets.csv", old="revenue,", new="turnover,")
    said = "\n".join(compared.decisions(simulated(published, folder).difference))
    assert "Added: kpi turnover" in said
    assert "Removed: kpi revenue" in said


def test_the_command_checks_the_changed_workspace_first(published: Tiny, tmp_path: Path) -> None:
    folder = overlay(
        published, tmp_path / "new", "strategy.yaml", old="measure: revenue", new="measure: revenu"
    )
    before = published.tree()
    done = published.steelyard("simulate", "--with", str(folder))
    assert done.exit_code == 3
    assert "strategy.yaml:" in done.err
    assert "revenu" in done.err
    assert published.tree() == before


def test_the_command_runs_beside_a_night_and_writes_json(published: Tiny, tmp_path: Path) -> None:
    folder = overlay(published, tmp_path / "new", "targets.csv", old="100,200", new="150,300")
    with runs.writing(published.state, run_id="run1", what="run", now=datetime.now(tz=UTC)):
        done = published.steelyard("simulate", "--with", str(folder), "--format", "json")
    assert done.exit_code == 0, done.err
    read = json.loads(done.out)
    assert read["before"]["run_id"] == published.state.current.readlink().name
    assert read["counts"]["statuses"]["by_kpi"]["revenue"] > 0
    assert {row["change"] for row in read["scores"]} == {"changed"}


def test_an_overlay_without_a_file_of_a_workspace_is_refused(
    published: Tiny, tmp_path: Path
) -> None:
    (tmp_path / "empty").mkdir()
    done = published.steelyard("simulate", "--with", str(tmp_path / "empty"))
    assert (done.exit_code, "holds no file of a workspace" in done.err) == (3, True)


def test_before_the_first_run_it_says_what_to_do(tiny: Tiny) -> None:
    done = tiny.steelyard("simulate")
    assert (done.exit_code, "Nothing is published yet" in done.err) == (1, True)


def test_the_command_says_that_what_is_entered_by_hand_is_not_used(
    published: Tiny, tmp_path: Path
) -> None:
    """A simulation changes rules, never data."""
    folder = overlay(published, tmp_path / "new", "targets.csv", old="100,200", new="150,300")
    (published.workspace / "manual").mkdir()
    for path in ("same.csv", "other.csv"):
        (published.workspace / "manual" / path).write_text("period,unit,value,who,when\n")
    (folder / "manual").mkdir()
    (folder / "manual" / "same.csv").write_text("period,unit,value,who,when\n")
    (folder / "manual" / "other.csv").write_text(
        "period,unit,value,who,when\n2026-03,north,1,Jo,2026-04-01\n"
    )
    done = published.steelyard("simulate", "--with", str(folder))
    assert done.exit_code == 0, done.err
    assert "manual/other.csv of --with is not used" in done.err
    assert "manual/same.csv" not in done.err
