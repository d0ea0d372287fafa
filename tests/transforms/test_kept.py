"""Tables that are kept from night to night: what has an equal key, what is kept, and what becomes of a file that cannot be used."""

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pytest

from scorecard.load import LoadManifest
from scorecard.workspace import Workspace
from tests.transforms.test_build import AS_OF, SALES, SOLD, STAGED, land, workspace
from transforms.build import BuildPaths, build_measures
from transforms.engine import Limits
from transforms.kept import Keeping
from transforms.keys import Key, definition_keys, own_maker, why_made
from transforms.measures import Built, TableState, guard_workspace
from transforms.raw import HELD_SCHEMA, RawTable

STAGING, MEASURE = "staging.sale", "measure.sold"
DATED = SOLD.replace("group by", "where day < $as_of group by")


class Till:
    """One landed table, and the nights that build from it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.raw = land(folder / "lake", SALES)
        self.file = folder / "kept" / "tables.duckdb"
        self.nights = 0

    def night(
        self, spec: Workspace | None = None, *, as_of: date = AS_OF, **keeping: Any
    ) -> dict[str, Built]:
        """Build staging and measures beside what is kept."""
        self.nights += 1
        paths = BuildPaths(
            self.folder / "lake",
            self.folder / f"{self.nights}.duckdb",
            self.folder / f"work-{self.nights}",
        )
        return build_measures(
            spec or workspace(),
            paths=paths,
            raw_tables=[self.raw],
            states=[TableState("till", "sale", date(2026, 10, 1), is_rejected=False)],
            quality={},
            as_of=as_of,
            limits=Limits(memory="1GB", threads=2),
            keeping=Keeping(self.file, **keeping),
        )

    def rows(self) -> list[tuple[Any, ...]]:
        """Give the measure as the last night published it."""
        with duckdb.connect(str(self.folder / f"{self.nights}.duckdb"), read_only=True) as made:
            return made.execute("from measure.sold order by all").fetchall()


@pytest.fixture
def till(tmp_path: Path) -> Till:
    return Till(tmp_path)


def made(built: dict[str, Built]) -> dict[str, str | None]:
    """Give why each table that was made was made."""
    return {name: each.why_made for name, each in built.items() if not each.is_reused}


def test_what_is_kept_is_not_made_again_and_reads_the_same(till: Till) -> None:
    assert made(till.night()) == {STAGING: "first time", MEASURE: "first time"}
    first = till.rows()
    again = till.night()
    assert made(again) == {}
    assert again[MEASURE].row_count == 18
    assert till.rows() == first


def test_changed_sql_is_made_again_with_what_reads_it(till: Till) -> None:
    till.night()
    other = workspace(staging__sale=STAGED.replace("amount,", "2 * amount as amount,"))
    assert made(till.night(other)) == {
        STAGING: "SQL changed",
        MEASURE: "staging.sale was made anew",
    }


def test_one_night_is_kept_and_no_more(till: Till) -> None:
    till.night()
    till.night(workspace(measure__sold=SOLD.replace("sum(", "2 * sum(")))
    with duckdb.connect(str(till.file), read_only=True) as kept:
        tables = kept.execute("select count(*) from duckdb_tables() where schema_name = 'made'")
        assert tables.fetchall() == [(2,)]
    assert made(till.night()) == {MEASURE: "SQL changed"}


def test_a_run_for_another_date_reads_and_changes_nothing(till: Till) -> None:
    spec = workspace(measure__sold=DATED)
    till.night(spec)
    before = till.file.stat().st_mtime_ns
    earlier = till.night(spec, as_of=date(2026, 8, 5), is_changed=False)
    assert made(earlier) == {MEASURE: "another business date"}
    assert made(till.night(spec)) == {}
    assert before <= till.file.stat().st_mtime_ns


def test_a_table_of_a_definition_that_failed_is_not_kept(till: Till) -> None:
    broken = workspace(measure__sold=SOLD.replace("sum(amount)", "sum('x'::integer)"))
    for _ in range(2):
        built = till.night(broken)
        assert "Could not convert" in (built[MEASURE].error or "")
        assert built[MEASURE].why_made is None
    assert MEASURE in made(till.night())


def test_a_measure_that_cannot_be_published_says_so_every_night(till: Till) -> None:
    spec = workspace(measure__sold=SOLD.replace(" as numerator", " as amount"))
    first, second = till.night(spec), till.night(spec)
    assert first[MEASURE].error == second[MEASURE].error
    assert "neither numerator" in (second[MEASURE].error or "")


@pytest.mark.parametrize("damage", ["header", "blocks", "cut", "text", "other version"])
def test_a_file_that_cannot_be_used_is_made_anew(till: Till, damage: str) -> None:
    till.night()
    first = till.rows()
    content = bytearray(till.file.read_bytes())
    if damage == "other version":
        till.file.unlink()
        with duckdb.connect(str(till.file)) as other:
            other.execute("create table kept_table_1 (name varchar)")
    else:
        places = {"header": range(4096), "blocks": range(12288, len(content), 512)}
        for place in places.get(damage, ()):
            content[place] ^= 0xFF
        whole = {"cut": content[: len(content) // 2], "text": b"no database"}
        till.file.write_bytes(whole.get(damage, content))
    assert set(made(till.night())) == {STAGING, MEASURE}
    assert till.rows() == first
    assert made(till.night()) == {}


def test_what_a_killed_run_left_is_whole_tables_only(till: Till) -> None:
    """A table without its key's entry cannot be: they come in one transaction."""
    till.night()
    with duckdb.connect(str(till.file)) as kept:
        (key, name), *_ = kept.execute(
            "select key, name from kept_table_1 where name = 'measure.sold'"
        ).fetchall()
        kept.execute("begin")
        kept.execute(f'drop table made."{key}"')
        kept.execute("delete from kept_table_1 where key = $key", {"key": key})
        # closed without a commit, as by a kill
    assert name == MEASURE
    assert made(till.night()) == {}


def test_fresh_throws_away_what_is_kept(till: Till) -> None:
    till.night()
    assert set(made(till.night(is_fresh=True))) == {STAGING, MEASURE}


# --- keys -------------------------------------------------------------------------------------------------------------


def keys(spec: Workspace, raw: RawTable, *, as_of: date = AS_OF) -> dict[str, Key]:
    return definition_keys(guard_workspace(spec), [raw], as_of=as_of)


def changed(before: dict[str, Key], after: dict[str, Key]) -> dict[str, str]:
    """Give why each key differs."""
    return {
        name: why_made(after[name], before[name].parts)
        for name in after
        if after[name].digest != before[name].digest
    }


def newer(raw: RawTable) -> LoadManifest:
    (load,) = raw.loads
    return load.model_copy(update={"load_id": "20261002T000000000000Z", "content_hash": "0" * 64})


@pytest.mark.parametrize(
    ("text", "other"), [(SOLD, "-- Other words.\n"), (STAGED, "-- Other words.\n\n")]
)
def test_a_comment_changes_no_key(till: Till, text: str, other: str) -> None:
    name = "measure__sold" if text == SOLD else "staging__sale"
    assert (
        changed(keys(workspace(), till.raw), keys(workspace(**{name: other + text}), till.raw))
        == {}
    )


def test_the_business_date_changes_the_keys_of_those_that_use_it(till: Till) -> None:
    spec = workspace(measure__sold=DATED)
    later = keys(spec, till.raw, as_of=date(2026, 10, 6))
    assert changed(keys(spec, till.raw), later) == {MEASURE: "another business date"}


def test_a_new_load_changes_the_keys_of_what_reads_it(till: Till) -> None:
    after = replace(till.raw, loads=(*till.raw.loads, newer(till.raw)))
    assert changed(keys(workspace(), till.raw), keys(workspace(), after)) == {
        STAGING: "new load of till.sale",
        MEASURE: "staging.sale was made anew",
    }


def test_an_older_load_counts_for_who_reads_all_loads_alone(till: Till) -> None:
    both = replace(till.raw, loads=(*till.raw.loads, newer(till.raw)))
    without = replace(both, loads=both.loads[1:])
    versions = workspace(staging__sale=STAGED.replace("raw.till__sale", "raw.till__sale__loads"))
    assert changed(keys(workspace(), without), keys(workspace(), both)) == {}
    assert set(changed(keys(versions, without), keys(versions, both))) == {STAGING, MEASURE}


def test_a_row_that_is_held_back_changes_the_key(till: Till) -> None:
    (load,) = till.raw.loads
    held = pa.Table.from_pylist(
        [{"load_id": load.load_id, "file": "part-0000.parquet", "file_row_number": 3}], HELD_SCHEMA
    )
    found = changed(keys(workspace(), till.raw), keys(workspace(), replace(till.raw, held=held)))
    assert found[STAGING] == "other rows of till.sale count"


def test_what_cannot_be_made_has_no_key(till: Till) -> None:
    assert definition_keys(guard_workspace(workspace()), [], as_of=AS_OF) == {}


def test_another_version_of_the_program_makes_all_anew(till: Till) -> None:
    before = keys(workspace(), till.raw)[STAGING]
    other = {**before.parts, "maker": own_maker() + " other"}
    assert why_made(before, other) == "another version of the program"
    assert why_made(before, before.parts) == "not kept from the last time"
