"""Nights on damaged files: the damage is named, the last good release is served, and the next night heals.

Which damage is found where: tests/pipelines/test_soundness.py. Here is what a whole night makes of it; `make torture` tries all of
it, `make test` one of each kind.
"""

from collections.abc import Callable
from pathlib import Path

import pytest

from pipelines import releases, runs
from tests.pipelines.conftest import Tiny
from tests.pipelines.test_soundness import empty, flip, forge, truncate
from tests.torture.reader import look
from tests.torture.told import is_long, tell

Damage = Callable[[Path], None]

_KEPT: list[tuple[str, Damage]] = [
    ("lake/shop/sale/*/part-0000.parquet", flip),
    ("ledger/parts/*/reported_score.parquet", flip),
]
_KEPT_LONG: list[tuple[str, Damage]] = [
    ("lake/shop/sale/*/part-0000.parquet", truncate),
    ("lake/shop/sale/*/manifest.json", forge),
    ("ledger/parts/*/reported_score.parquet", truncate),
    ("ledger/parts/*/part.json", forge),
    ("ledger/moves/00000002.json", truncate),
]
_BUILT: list[tuple[str, Damage]] = [("releases/*/warehouse.duckdb", flip)]
_BUILT_LONG: list[tuple[str, Damage]] = [
    ("releases/*/warehouse.duckdb", truncate),
    ("releases/*/site/index.html", empty),
    ("releases/*/manifest.json", truncate),
    ("releases/*/manifest.json", Path.unlink),
]


def _named(case: object) -> str:
    return case.__name__ if callable(case) else str(case).replace("/", "_")


@pytest.mark.parametrize(("path", "damage"), _KEPT + (_KEPT_LONG if is_long() else []), ids=_named)
def test_a_night_on_damage_that_only_a_backup_mends_publishes_nothing(
    published: Tiny, path: str, damage: Damage
) -> None:
    (found,) = published.state.root.glob(path)
    whole, stood = found.read_bytes(), published.state.current.resolve()
    damage(found)
    record = None
    try:
        record = published.run()
        said = " ".join(record.problems)
        assert record.status == "failed"
    except AssertionError:
        # the log of moves is read before a run has a record: the command says so
        done = published.steelyard("run")
        assert (done.exit_code, "cannot be read" in done.err) == (1, True)
        said = done.err
    tell(path, damage.__name__, said)
    named = found.parent if path.startswith("lake") else found
    assert named.name in said
    assert published.state.current.resolve() == stood
    assert look(stood).is_one
    found.write_bytes(whole)
    assert published.run().status == "unchanged"


@pytest.mark.parametrize(
    ("path", "damage"), _BUILT + (_BUILT_LONG if is_long() else []), ids=_named
)
def test_a_night_on_a_damaged_release_builds_it_anew(
    published: Tiny, path: str, damage: Damage
) -> None:
    (found,) = published.state.root.glob(path)
    before = releases.current_run_id(published.state)
    damage(found)
    record = published.run()
    assert (record.status, record.exit_code) == ("published", 2)
    (said,) = record.problems
    tell(path, getattr(damage, "__name__", "unlink"), said)
    assert found.relative_to(published.state.root).as_posix() in said
    assert not said.endswith("..")
    assert releases.current_run_id(published.state) == record.run_id != before
    assert look(published.state.current.resolve()).is_one
    assert published.run().status == "unchanged"


def test_status_names_a_lost_pointer_and_the_night_puts_it_back(published: Tiny) -> None:
    stands = published.state.current.resolve()
    published.state.current.unlink()
    done = published.steelyard("status")
    assert done.exit_code == 0
    assert (
        f"Damage      The pointer current is lost, and the release of run {stands.name}" in done.out
    )
    record = published.run()
    assert (record.status, record.exit_code) == ("unchanged", 2)
    tell("current", "removed", " ".join(record.problems))
    assert published.state.current.resolve() == stands


def test_a_record_that_cannot_be_read_stops_no_night(published: Tiny) -> None:
    (record,) = runs.read_records(published.state)
    path = published.state.runs / f"{record.run_id}.json"
    truncate(path)
    assert published.run().status == "unchanged"
    assert [each.name for each in published.state.runs.glob("*.damaged")] == [f"{record.run_id}.damaged"]  # fmt: skip
