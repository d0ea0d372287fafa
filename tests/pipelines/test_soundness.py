"""What is damaged is found and named, whatever it is, also where it is as long as before."""

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from connectors import lake
from connectors.errors import LakeDamaged
from pipelines import releases, soundness
from pipelines.releases import ReleaseError
from pipelines.state import State
from tests.pipelines.conftest import Tiny
from transforms import ledger
from transforms.ledger import LedgerError


def flip(path: Path) -> None:
    """Flip one bit in the middle; length, and the time of the last change, stay."""
    times = path.stat()
    text = bytearray(path.read_bytes())
    text[len(text) // 2] ^= 1
    path.write_bytes(text)
    os.utime(path, ns=(times.st_atime_ns, times.st_mtime_ns))


def truncate(path: Path) -> None:
    path.write_bytes(path.read_bytes()[: path.stat().st_size * 2 // 3])


def empty(path: Path) -> None:
    path.write_bytes(b"")


def forge(path: Path) -> None:
    """Change one digit of a document, so that it reads as well as before."""
    told = json.loads(path.read_text("utf-8"))
    key = next(key for key in ("row_count", "number", "release_id") if key in told)
    told[key] += 1 if isinstance(told[key], int) else "1"
    path.write_text(json.dumps(told), "utf-8")


def grow_newer(path: Path) -> None:
    told = json.loads(path.read_text("utf-8"))
    path.write_text(json.dumps(told | {"format": 99, "invented_later": True}), "utf-8")


def loads_of_sale(state: State) -> None:
    soundness.require_sound_loads(state, lake.loads(state.lake, "shop", "sale"))


def parts(state: State) -> None:
    published = releases.published_run_ids(state)
    soundness.require_sound_parts(state, ledger.read_parts(state.parts, published))


def load_of(state: State, name: str) -> Path:
    (folder,) = (state.lake / "shop" / "sale").glob("[0-9]*")
    return folder / name


def part_of(state: State, name: str) -> Path:
    (folder,) = state.parts.glob("[0-9]*")
    return folder / name


@pytest.mark.parametrize("damage", [flip, truncate, empty])
def test_damaged_rows_of_a_load_are_found_and_named(
    published: Tiny, damage: Callable[[Path], None]
) -> None:
    """A load whose bytes were written over, as many as before, once counted as one that broke its contract."""
    loads_of_sale(published.state)
    path = load_of(published.state, "part-0000.parquet")
    damage(path)
    with pytest.raises(LakeDamaged, match=f"{path.parent}: the load is damaged: .*Mend: restore"):
        loads_of_sale(published.state)


@pytest.mark.parametrize("damage", [forge, truncate, empty])
def test_a_damaged_manifest_of_a_load_is_found_and_named(
    published: Tiny, damage: Callable[[Path], None]
) -> None:
    path = load_of(published.state, "manifest.json")
    damage(path)
    with pytest.raises(LakeDamaged, match=f"{path.parent}: the load is damaged: its manifest"):
        loads_of_sale(published.state)


@pytest.mark.parametrize("name", ["reported_value.parquet", "definition.parquet"])
@pytest.mark.parametrize("damage", [flip, truncate, empty])
def test_a_damaged_file_of_the_ledger_is_found_and_named(
    published: Tiny, name: str, damage: Callable[[Path], None]
) -> None:
    parts(published.state)
    path = part_of(published.state, name)
    damage(path)
    with pytest.raises(LedgerError, match=f"{path} is damaged .*restore it from a backup"):
        parts(published.state)


@pytest.mark.parametrize("damage", [forge, truncate, empty])
def test_a_damaged_part_of_the_ledger_is_found_and_named(
    published: Tiny, damage: Callable[[Path], None]
) -> None:
    path = part_of(published.state, "part.json")
    damage(path)
    with pytest.raises(LedgerError, match=f"{path} is damaged"):
        parts(published.state)


@pytest.mark.parametrize("damage", [forge, truncate, empty])
def test_a_damaged_move_of_the_pointer_is_found_and_named(
    published: Tiny, damage: Callable[[Path], None]
) -> None:
    damage(published.state.moves / "00000001.json")
    with pytest.raises(ReleaseError, match=r"ledger/moves/00000001\.json cannot be read"):
        releases.logged_moves(published.state)


@pytest.mark.parametrize("name", ["warehouse.duckdb", "site/index.html", "manifest.json", "SHA256SUMS"])  # fmt: skip
@pytest.mark.parametrize("damage", [truncate, empty, Path.unlink])
def test_a_damaged_file_of_a_release_is_found_and_named(
    published: Tiny, name: str, damage: Callable[[Path], None]
) -> None:
    current = published.state.current.resolve()
    assert soundness.release_damage(published.state, current.name) == []
    damage(current / name)
    (found,) = soundness.release_damage(published.state, current.name)
    assert f"releases/{current.name}/{name}" in found
    with pytest.raises(ReleaseError, match="The pointer stays where it is"):
        soundness.require_sound_release(published.state, current.name)


def test_a_bit_flipped_in_the_warehouse_is_found(published: Tiny) -> None:
    current = published.state.current.resolve()
    assert soundness.release_damage(published.state, current.name) == []
    flip(current / "warehouse.duckdb")
    (found,) = soundness.release_damage(published.state, current.name)
    assert found == f"releases/{current.name}/warehouse.duckdb is not as it was published"


def test_what_was_found_right_is_not_read_again(
    published: Tiny, monkeypatch: pytest.MonkeyPatch
) -> None:
    loads_of_sale(published.state)
    monkeypatch.setattr(soundness, "_hash", lambda path: pytest.fail(f"{path} is read"))
    loads_of_sale(published.state)


@pytest.mark.parametrize("damage", [empty, shutil.rmtree])
def test_what_is_remembered_can_be_deleted(published: Tiny, damage: Callable[[Path], None]) -> None:
    memory = published.state.verified
    damage(memory if damage is shutil.rmtree else memory / "lake" / "shop__sale.json")
    loads_of_sale(published.state)
    assert (memory / "lake" / "shop__sale.json").stat().st_size > 0


@pytest.mark.parametrize(
    ("path", "read"),
    [
        ("lake/shop/sale/*/manifest.json", loads_of_sale),
        ("ledger/parts/*/part.json", parts),
        ("ledger/moves/00000001.json", parts),
        ("releases/*/manifest.json", lambda state: soundness.require_sound_release(state, state.current.resolve().name)),
    ],
)  # fmt: skip
def test_a_document_of_a_newer_version_is_told_from_a_damaged_one(
    published: Tiny, path: str, read: Callable[[State], None]
) -> None:
    (found,) = published.state.root.glob(path)
    grow_newer(found)
    with pytest.raises(Exception, match=r"has format 99, .* a newer version wrote it"):
        read(published.state)


class TestPointer:
    def test_that_is_lost_goes_where_the_ledger_says(self, published: Tiny) -> None:
        state = published.state
        stands = releases.current_run_id(state)
        state.current.unlink()
        said = releases.heal_pointer(state)
        assert said == f"The pointer current is lost, and the release of run {stands} stands reported; it goes there again."  # fmt: skip
        assert releases.current_run_id(state) == stands
        assert releases.heal_pointer(state) is None

    def test_that_goes_elsewhere_goes_where_the_ledger_says(self, published: Tiny) -> None:
        state = published.state
        stands = releases.current_run_id(state)
        state.current.unlink()
        state.current.symlink_to("releases/elsewhere")
        assert "goes to elsewhere" in (releases.heal_pointer(state) or "")
        assert releases.current_run_id(state) == stands

    @pytest.mark.parametrize("put", [Path.mkdir, Path.touch])
    def test_in_whose_place_something_lies_is_set_aside(
        self, published: Tiny, put: Callable[[Path], None]
    ) -> None:
        state = published.state
        stands = releases.current_run_id(state)
        for kept in ("current.aside", "current.aside-2"):
            state.current.unlink()
            put(state.current)
            assert f"is kept as {kept}" in (releases.heal_pointer(state) or "")
            assert releases.current_run_id(state) == stands

    def test_whose_release_is_gone_waits_for_a_new_one(self, published: Tiny) -> None:
        state = published.state
        shutil.rmtree(state.current.resolve())
        state.current.unlink()
        assert "this run builds one" in (releases.heal_pointer(state) or "")
