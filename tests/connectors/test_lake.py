import dataclasses
import errno
import json
import os
import sqlite3
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from connectors import dlt_pipeline, draft, extract, lake, sql
from connectors.errors import LakeDamaged, SourceBroken
from scorecard.load import LoadManifest
from scorecard.sources import FileTable, SqlTable
from tests.connectors.conftest import Landing

TABLE = FileTable(files="*.csv", primary_key=("id",))


def load(landing: Landing, text: str = "id,v\n1,a\n") -> LoadManifest:
    landing.write("t.csv", text)
    return landing.load(TABLE, folder="drop").manifest


def test_a_load_is_a_folder_with_rows_and_manifest_and_nothing_else(landing: Landing) -> None:
    manifest = load(landing)
    files = sorted(
        path.relative_to(landing.lake).as_posix()
        for path in landing.lake.rglob("*")
        if path.is_file()
    )
    assert files == [f"{manifest.folder}/manifest.json", f"{manifest.folder}/part-0000.parquet"]
    assert manifest.folder == "s/t/20260302T013000000000Z"
    assert json.loads((landing.lake / files[0]).read_text())["row_count"] == 1


def test_loads_are_listed_oldest_first(landing: Landing) -> None:
    manifests = [
        load(landing, f"id,v\n1,{value}\n") for value in "abc"
    ]  # within the same microsecond
    assert lake.loads(landing.lake, "s", "t") == manifests
    assert sorted(manifest.load_id for manifest in manifests) == [
        manifest.load_id for manifest in manifests
    ]


def test_a_table_without_loads_has_none(landing: Landing) -> None:
    assert lake.loads(landing.lake, "s", "t") == []


def test_the_same_rows_in_another_order_are_unchanged(landing: Landing) -> None:
    first = load(landing, "id,v\n1,a\n2,b\n2,a\n")
    landing.write("t.csv", "id,v\n2,a\n2,b\n1,a\n")
    again = landing.load(TABLE, folder="drop")
    assert (again.outcome, again.manifest) == ("unchanged", first)
    assert len(lake.loads(landing.lake, "s", "t")) == 1


def test_the_same_rows_on_another_day_are_a_load_since_data_as_of_has_moved_on(
    landing: Landing,
) -> None:
    first = load(landing)
    landing.next_night()
    second = load(landing)
    assert (second.content_hash, second.data_as_of > first.data_as_of) == (first.content_hash, True)


def test_rows_that_are_as_they_were_two_loads_ago_are_a_load(landing: Landing) -> None:
    first = load(landing, "id,v\n1,a\n")
    load(landing, "id,v\n1,b\n")
    third = load(landing, "id,v\n1,a\n")
    assert third.load_id > first.load_id
    assert third.content_hash == first.content_hash


@pytest.mark.parametrize("step", ["write", "place"])
def test_a_crash_on_the_way_leaves_no_half_load(
    landing: Landing, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    first = load(landing)

    def crash(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(
        *{"write": (draft, "write"), "place": (extract.lakes, "place")}[step], crash
    )
    with pytest.raises(KeyboardInterrupt):
        load(landing, "id,v\n2,b\n")
    assert lake.loads(landing.lake, "s", "t") == [first]
    assert [path.name for path in (landing.lake / "s" / "t").iterdir()] == [first.load_id]


def test_what_a_killed_run_left_behind_is_cleared_away(landing: Landing) -> None:
    left_behind = landing.lake / "s" / "t" / ".working-1" / "rows"
    left_behind.mkdir(parents=True)
    manifest = load(landing)
    assert [path.name for path in (landing.lake / "s" / "t").iterdir()] == [manifest.load_id]


def test_a_folder_without_manifest_is_no_load_but_its_name_is_taken(landing: Landing) -> None:
    (landing.lake / "s" / "t" / "20260302T013000000000Z").mkdir(parents=True)
    manifest = load(landing)
    assert manifest.load_id == "20260302T013000000001Z"
    assert lake.loads(landing.lake, "s", "t") == [manifest]


@pytest.mark.parametrize("damage", ["truncated", "missing", "manifest"])
def test_a_damaged_load_is_told(landing: Landing, damage: str) -> None:
    folder = landing.lake / load(landing).folder
    part, manifest = folder / "part-0000.parquet", folder / "manifest.json"
    if damage == "truncated":
        part.write_bytes(part.read_bytes()[:-1])
    elif damage == "missing":
        part.unlink()
    else:
        manifest.write_text("{}")
    with pytest.raises(LakeDamaged, match=r"the load is damaged: .* Mend: restore"):
        lake.loads(landing.lake, "s", "t")


def test_dlt_keeps_nothing_of_its_own(
    landing: Landing, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its state would move the cursor before the verdict, its home folder would be everyone's; telemetry is off."""
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("XDG_DATA_HOME", str(home / "data"))
    monkeypatch.chdir(home)
    manifest = load(landing)
    assert list(home.rglob("*")) == []
    assert not [name for name in manifest.columns if name.startswith("_dlt")]


def test_settings_of_dlt_on_the_machine_are_not_read(
    landing: Landing, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NORMALIZE__PARQUET_NORMALIZER__ADD_DLT_LOAD_ID", "true")
    monkeypatch.setenv("DATA_WRITER__FILE_MAX_ITEMS", "1")
    assert list(load(landing).columns) == ["id", "v"]


def test_a_failed_load_does_not_poison_the_next(landing: Landing) -> None:
    """In dlt a failed package stays pending, and every later run fails without one request."""
    with pytest.raises(SourceBroken):
        load(landing, "id,v\n1,a\n2\n")
    assert load(landing).row_count == 1


def test_rows_that_dlt_loses_would_be_noticed(
    landing: Landing, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Some of dlt's settings drop rows without a word."""
    through = dlt_pipeline.through_dlt

    def lossy(rows: Any, folder: Path) -> Any:
        return dataclasses.replace(through(rows, folder), files=[])

    monkeypatch.setattr(dlt_pipeline, "through_dlt", lossy)
    with pytest.raises(SourceBroken, match=r"1 row.* read, but 0"):
        load(landing)


def test_an_unexpected_error_says_so_with_its_traceback(
    landing: Landing, monkeypatch: pytest.MonkeyPatch
) -> None:
    with sqlite3.connect(landing.root / "f.sqlite") as connection:
        connection.execute("create table t (id integer)")
        connection.execute("insert into t values (1)")
    connection.close()

    def fault(*_: Any) -> pa.Array:
        raise RuntimeError("driver fault")

    monkeypatch.setattr(sql, "from_driver", fault)
    with pytest.raises(SourceBroken, match="unexpected RuntimeError: driver fault") as broken:
        landing.load(SqlTable(primary_key=("id",)), url="sqlite:///f.sqlite")
    assert "in fault" in "".join(broken.value.__notes__)


@pytest.mark.parametrize(
    "lacks", [errno.ENOSPC, errno.EROFS, errno.EMFILE, errno.EFBIG, errno.ENOMEM]
)
def test_what_the_machine_lacks_is_not_blamed_on_the_source(
    landing: Landing, monkeypatch: pytest.MonkeyPatch, lacks: int
) -> None:
    """A source that could not be read is worth another try, and is left out tonight; a full disk is neither."""

    def fails(*_: object) -> None:
        raise OSError(lacks, os.strerror(lacks))

    monkeypatch.setattr(dlt_pipeline, "through_dlt", fails)
    with pytest.raises(OSError, match=os.strerror(lacks)):
        load(landing)
