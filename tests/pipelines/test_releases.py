"""Releases: renamed into place whole, named by one pointer, its moves logged before and after."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from pipelines import releases
from pipelines.releases import ReleaseError
from pipelines.state import State
from scorecard.company import Retention

NOW = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)


@pytest.fixture
def state(tmp_path: Path) -> State:
    return State(tmp_path)


def built(state: State, run_id: str) -> str:
    state.building(run_id).mkdir(parents=True)
    (state.building(run_id) / "manifest.json").write_text("{}")
    releases.finish_build(state, run_id)
    return run_id


def published(state: State, run_id: str) -> str:
    releases.move_pointer(state, built(state, run_id), kind="publish", at=NOW)
    return run_id


def killed_before_the_switch(state: State, run_id: str, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(releases, "_switch", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            published(state, run_id)


def test_the_pointer_is_a_relative_link_so_that_the_state_folder_can_be_moved(state: State) -> None:
    published(state, "run1")
    assert state.current.readlink() == Path("releases/run1")
    assert (state.current / "manifest.json").exists()


def test_a_move_is_logged_before_and_after(state: State) -> None:
    published(state, "run1")
    assert [(m.number, m.kind, m.of) for m in releases.logged_moves(state)] == [
        (1, "publish", None),
        (2, "completed", 1),
    ]


def test_the_pointer_never_goes_to_what_is_not_there(state: State) -> None:
    with pytest.raises(ReleaseError, match="releases/gone is not there"):
        releases.move_pointer(state, "gone", kind="publish", at=NOW)
    assert releases.logged_moves(state) == []


def test_a_move_that_was_killed_before_the_switch_is_not_a_publication(
    state: State, monkeypatch: pytest.MonkeyPatch
) -> None:
    published(state, "run1")
    killed_before_the_switch(state, "run2", monkeypatch)
    assert releases.current_run_id(state) == "run1"
    assert releases.published_run_ids(state) == ("run1",)
    healed = releases.heal_moves(state, at=NOW)
    assert healed is not None
    assert (healed.kind, healed.of) == ("not_completed", 3)
    assert releases.heal_moves(state, at=NOW) is None
    published(state, "run3")
    assert releases.published_run_ids(state) == ("run1", "run3")


def test_a_move_that_was_killed_after_the_switch_is_a_publication(state: State) -> None:
    published(state, "run1")
    published(state, "run2")
    (state.moves / "00000004.json").unlink()
    assert releases.published_run_ids(state) == ("run1", "run2")
    healed = releases.heal_moves(state, at=NOW)
    assert healed is not None
    assert (healed.kind, healed.of) == ("completed", 3)


def test_what_was_reported_is_known_without_pointer_and_releases(state: State) -> None:
    """Lake and ledger are all that a backup must hold."""
    published(state, "run1")
    state.current.unlink()
    assert releases.reported_run_id(state) == "run1"
    assert releases.heal_moves(state, at=NOW) is None


def test_a_gap_in_the_log_of_moves_is_an_error(state: State) -> None:
    published(state, "run1")
    (state.moves / "00000001.json").unlink()
    with pytest.raises(ReleaseError, match="number 1 is missing"):
        releases.logged_moves(state)


def test_a_damaged_move_is_an_error_that_names_the_file(state: State) -> None:
    published(state, "run1")
    (state.moves / "00000002.json").write_text('{"kind": "publ')
    with pytest.raises(ReleaseError, match=r"ledger/moves/00000002\.json cannot be read"):
        releases.logged_moves(state)


class TestPruning:
    def names(self, count: int) -> list[str]:
        return [f"202611{day:02d}T030000Z-aaaaaa" for day in range(1, count + 1)]

    def test_keeps_the_newest_by_number(self, state: State) -> None:
        for run_id in self.names(5):
            published(state, run_id)
        gone = releases.prune(state, keep=Retention(releases=2), now=NOW)
        assert gone == self.names(3)
        assert releases.finished_run_ids(state) == self.names(5)[3:]

    def test_keeps_the_newest_by_age(self, state: State) -> None:
        for run_id in self.names(5):
            published(state, run_id)
        now = datetime(2026, 11, 6, 12, tzinfo=UTC)
        gone = releases.prune(state, keep=Retention(releases=30, days=3), now=now)
        assert gone == self.names(3)

    def test_never_takes_the_current_release(self, state: State) -> None:
        for run_id in self.names(3):
            published(state, run_id)
        releases.move_pointer(state, self.names(1)[0], kind="rollback", at=NOW)
        releases.prune(state, keep=Retention(releases=1, days=1), now=NOW)
        assert releases.finished_run_ids(state) == self.names(1)

    def test_never_touches_the_ledger(self, state: State) -> None:
        for run_id in self.names(3):
            published(state, run_id)
            (state.parts / run_id).mkdir(parents=True)
        releases.prune(state, keep=Retention(releases=1), now=NOW)
        assert sorted(path.name for path in state.parts.iterdir()) == self.names(3)

    def test_looking_back_costs_no_published_release(self, state: State) -> None:
        published(state, self.names(1)[0])
        for run_id in self.names(4)[1:]:
            built(state, run_id)
        gone = releases.prune(state, keep=Retention(releases=2), now=NOW)
        assert gone == [self.names(2)[1]]


class TestRollback:
    BASES = {"run1": None, "run2": "run1", "run3": "run2"}  # noqa: RUF012 - never changed

    def test_goes_to_the_release_before(self, state: State) -> None:
        for run_id in self.BASES:
            published(state, run_id)
        assert releases.rollback_target(state, bases=self.BASES) == "run2"

    def test_twice_goes_two_back(self, state: State) -> None:
        for run_id in self.BASES:
            published(state, run_id)
        releases.move_pointer(state, "run2", kind="rollback", at=NOW)
        assert releases.rollback_target(state, bases=self.BASES) == "run1"

    def test_leaves_out_what_was_pruned(self, state: State) -> None:
        published(state, "run1")
        published(state, "run3")
        assert releases.rollback_target(state, bases=self.BASES) == "run1"

    def test_goes_forward_to_a_named_one(self, state: State) -> None:
        for run_id in self.BASES:
            published(state, run_id)
        releases.move_pointer(state, "run1", kind="rollback", at=NOW)
        assert releases.rollback_target(state, bases=self.BASES, named="run3") == "run3"

    @pytest.mark.parametrize("named", ["nothing", "built", "run1"])
    def test_refuses_what_was_never_published_or_is_current(self, state: State, named: str) -> None:
        published(state, "run1")
        built(state, "built")
        with pytest.raises(ReleaseError, match="Cannot roll back"):
            releases.rollback_target(state, bases={"run1": None}, named=named)

    def test_says_so_where_there_is_none_before(self, state: State) -> None:
        published(state, "run1")
        with pytest.raises(ReleaseError, match="no release before the current one"):
            releases.rollback_target(state, bases={"run1": None})


def test_leftovers_of_killed_runs_go_and_releases_stay(state: State) -> None:
    published(state, "run1")
    state.building("run2").mkdir()
    (state.parts / ".writing-run2").mkdir(parents=True)
    assert releases.remove_leftovers(state) == [".writing-run2", ".building-run2"]
    assert releases.finished_run_ids(state) == ["run1"]


def test_only_the_newest_failed_build_is_kept_aside(state: State) -> None:
    for run_id in ("run1", "run2"):
        state.building(run_id).mkdir(parents=True)
        releases.set_build_aside(state, run_id)
    assert [path.name for path in state.releases.iterdir()] == [".failed-run2"]
