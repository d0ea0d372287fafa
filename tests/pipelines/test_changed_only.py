"""A night that makes only what changed publishes the same bytes as one that makes everything, and makes only what changed.

Each change is followed by two nights of one name and one moment: one beside what earlier nights kept, one in a copy of the
state folder without it. Everything that they publish is compared.
"""

import contextlib
import io
import json
import random
import shutil
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest
from rich.console import Console

from pipelines import nightly, runs
from pipelines.night import Order, open_night
from pipelines.progress import LineProgress
from pipelines.runs import RunRecord
from pipelines.state import State
from scorecard.workspace import read_workspace
from tests.pipelines.conftest import FILES, SALES, Tiny, make_tiny
from transforms.engine import quoted

BEGAN = datetime(2026, 4, 5, 3, tzinfo=UTC)
STAGING, REVENUE, PARCELS = "staging.shop__sale", "measure.revenue", "measure.late_parcels"
LATER_SALE = "7,south,2026-03-31,10.00\n"


class Pair:
    """The tiny organisation's nights, each computed twice."""

    def __init__(self, tiny: Tiny, monkeypatch: pytest.MonkeyPatch, *, night: int = 0) -> None:
        self.tiny = tiny
        self.night = night
        monkeypatch.setattr(runs, "new_run_id", lambda _: f"20260405T03000{self.night}Z-night")

    def both(self) -> RunRecord:
        """Run a night beside what is kept, and the same night without; compare; give the first's record."""
        self.night += 1
        clean = State(self.tiny.state.root.with_name(f"clean-{self.night}"))
        if self.tiny.state.root.exists():
            shutil.copytree(self.tiny.state.root, clean.root, symlinks=True)
            shutil.rmtree(clean.kept, ignore_errors=True)
        record = self._run(self.tiny.state, extract=True)
        shutil.rmtree(clean.lake, ignore_errors=True)
        shutil.copytree(self.tiny.state.lake, clean.lake)
        beside = self._run(clean, extract=False)
        assert record.status in ("published", "unchanged"), record.problems
        assert (record.status, record.exit_code) == (beside.status, beside.exit_code)
        assert (record.release_id, record.problems) == (beside.release_id, beside.problems)
        assert record.checks == beside.checks
        assert published(self.tiny.state) == published(clean)
        assert not any(each.is_reused for each in beside.tables)
        shutil.rmtree(clean.root)
        return record

    def _run(self, state: State, *, extract: bool, **asked: Any) -> RunRecord:
        progress = LineProgress(Console(file=io.StringIO()))
        workspace = read_workspace(self.tiny.workspace)
        moment = BEGAN + timedelta(minutes=self.night)
        with (
            contextlib.suppress(Exception),  # the record tells
            open_night(
                workspace,
                state,
                Order(extract=extract, **asked),
                environment=self.tiny.environment,
                progress=progress,
                clock=lambda: moment,
            ) as night,
        ):
            for source_id in workspace.sources.sources:
                night.extract(source_id, is_last=True)
            night.publish()
        assert progress.record is not None
        return progress.record

    def change(self, path: str, before: str, after: str) -> None:
        """Replace a text in a file of the workspace or of a source."""
        for folder in (self.tiny.workspace, self.tiny.data):
            if (folder / path).exists():
                text = (folder / path).read_text()
                assert before in text
                (folder / path).write_text(text.replace(before, after))


def published(state: State) -> Mapping[str, Any]:
    """Give all that the current release shows: pages, marts and manifest as bytes, the warehouse's tables with their comments."""
    release = state.current.resolve()
    files: dict[str, Any] = {
        path.relative_to(release).as_posix(): path.read_bytes()
        for path in sorted(release.rglob("*"))
        if path.is_file() and path.suffix != ".duckdb"
    }
    files |= vouched(files)
    with duckdb.connect(str(release / "warehouse.duckdb"), read_only=True) as connection:
        for name, comment in connection.execute(
            "select schema_name || '.' || table_name, comment from duckdb_tables()"
        ).fetchall():
            rows = connection.execute(f"from {quoted(name)} order by all").fetchall()
            described = connection.execute(
                "select column_name, data_type, comment from duckdb_columns() "
                "where schema_name || '.' || table_name = $name order by column_index",
                {"name": name},
            ).fetchall()
            files[name] = (comment, described, rows)
    return files


def vouched(files: Mapping[str, bytes]) -> dict[str, Any]:
    """Give sums and manifest without what they say of the warehouse's own bytes, whose blocks lie as they were written."""
    sums = [line for line in files["SHA256SUMS"].splitlines() if b"warehouse.duckdb" not in line]
    manifest = json.loads(files["manifest.json"])
    del manifest["sums_sha256"], manifest["seal"]
    return {"SHA256SUMS": sums, "manifest.json": manifest}


def made(record: RunRecord) -> list[str]:
    """Name the staging tables and measures whose SQL was run."""
    return [each.name for each in record.tables if not each.is_reused]


def draw_nothing(context: nightly.RunContext, **_: Any) -> dict[str, int]:
    """Pages follow from the warehouse alone: one test draws them."""
    (context.building / "site").mkdir()
    return {}


def without_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nightly, "audit_marts", lambda _: [])
    monkeypatch.setattr(nightly, "audit_pages", lambda _: [])
    monkeypatch.setattr(nightly, "draw", draw_nothing)


@pytest.fixture(scope="module")
def first_night(tmp_path_factory: pytest.TempPathFactory) -> Tiny:
    """Give the organisation after its first night."""
    tiny = make_tiny(tmp_path_factory.mktemp("first"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("TINY_DATA", str(tiny.data))
        without_pages(patch)
        assert Pair(tiny, patch).both().status == "published"
    return tiny


@pytest.fixture
def pair(first_night: Tiny, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Pair:
    """Give the organisation on the morning after its first night."""
    shutil.copytree(first_night.workspace.parent, tmp_path, dirs_exist_ok=True, symlinks=True)
    tiny = Tiny(tmp_path / "workspace", tmp_path / "data", State(tmp_path / "state"))
    monkeypatch.setenv("TINY_DATA", str(tiny.data))
    without_pages(monkeypatch)
    return Pair(tiny, monkeypatch, night=1)


def new_rows(pair: Pair) -> None:
    pair.tiny.write("shop/sale.csv", SALES + LATER_SALE)


def restated(pair: Pair) -> None:
    pair.change("shop/sale.csv", "1,north,2026-01-10,80.00", "1,north,2026-01-10,85.00")


def rejected(pair: Pair) -> None:
    pair.change("shop/sale.csv", "90.00", "")


def other_measure(pair: Pair) -> None:
    pair.change("measures/late_parcels.sql", "where is_late", "where is_late is true")


def other_staging(pair: Pair) -> None:
    pair.change("staging/shop__sale.sql", "    amount\n", "    2 * amount as amount\n")


def other_tree(pair: Pair) -> None:
    pair.change("company.yaml", "{id: south, name: South}", "{id: south, name: The South}")


def other_target(pair: Pair) -> None:
    pair.change("targets.csv", "2026-01-01,100,200", "2026-01-01,100,250")


def other_comment(pair: Pair) -> None:
    pair.change("measures/revenue.sql", "-- What was sold.", "-- All that was sold.")
    pair.change("staging/shop__sale.sql", "-- Receipts, typed.", "-- Receipts.")


def next_day(pair: Pair) -> None:
    pair.change("company.yaml", "today: 2026-04-05", "today: 2026-05-05")


def no_parcels(pair: Pair) -> None:
    text = FILES["strategy.yaml"]
    begins, ends = text.index("  - id: internal"), text.index("links:")
    (pair.tiny.workspace / "strategy.yaml").write_text(text[:begins])
    assert ends > begins
    (pair.tiny.workspace / "measures" / "late_parcels.sql").unlink()
    pair.change("targets.csv", "late_share,acme,month,2026-01-01,0.5,0.1\n", "")


CHANGES: Mapping[str, tuple[Callable[[Pair], None], list[str]]] = {
    "new rows of one source": (new_rows, [STAGING, REVENUE]),
    "a restatement of rows": (restated, [STAGING, REVENUE]),
    "a load that is rejected": (rejected, []),
    "a measure's SQL": (other_measure, [PARCELS]),
    "a staging table's SQL": (other_staging, [STAGING, REVENUE]),
    "the unit tree": (other_tree, []),
    "a target": (other_target, []),
    "a comment": (other_comment, []),
    "the business date, which no SQL uses": (next_day, []),
    "a measure that is removed": (no_parcels, []),
}
"""What changes between two nights, and what is made anew because of it."""


@pytest.mark.parametrize("name", CHANGES)
def test_only_what_changed_is_made_and_the_same_is_published(pair: Pair, name: str) -> None:
    change, expected = CHANGES[name]
    change(pair)
    record = pair.both()
    assert record.status == "published"
    assert sorted(made(record)) == sorted(expected)


def test_without_change_nothing_is_computed(pair: Pair) -> None:
    record = pair.both()
    assert (record.status, made(record)) == ("unchanged", [])
    assert not {"staging and measures", "scores"} & record.seconds.keys()


def test_only_sql_that_uses_the_business_date_is_made_again_on_another(pair: Pair) -> None:
    pair.change("measures/revenue.sql", "group by all", "where sold_date < $as_of\ngroup by all")
    assert made(pair.both()) == [REVENUE]
    next_day(pair)
    record = pair.both()
    assert made(record) == [REVENUE]
    assert {each.name: each.why_made for each in record.tables}[REVENUE] == "another business date"


def test_a_definition_that_failed_is_tried_again_every_night(pair: Pair) -> None:
    pair.change(
        "measures/late_parcels.sql", "count(*) as denominator", "'x'::integer as denominator"
    )
    for _ in range(2):
        record = pair.both()
        assert record.exit_code == 2
        assert made(record) == [PARCELS]
        assert "measure.late_parcels failed" in record.problems[0]
    pair.change(
        "measures/late_parcels.sql", "'x'::integer as denominator", "count(*) as denominator"
    )
    assert made(pair.both()) == [PARCELS]


def test_a_run_for_another_date_neither_uses_nor_lets_go_what_is_not_its_own(pair: Pair) -> None:
    pair.change("measures/revenue.sql", "group by all", "where sold_date < $as_of\ngroup by all")
    pair.both()
    pair.night += 1
    earlier = pair._run(
        pair.tiny.state, extract=False, as_of=datetime(2026, 3, 5, tzinfo=UTC).date()
    )
    assert (earlier.status, made(earlier)) == ("built", [REVENUE])
    new_rows(pair)
    assert sorted(made(pair.both())) == [REVENUE, STAGING]
    other_measure(pair)
    assert made(pair.both()) == [PARCELS]


def test_every_page_is_the_same(tiny: Tiny, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nightly, "audit_marts", lambda _: [])
    drawn = Pair(tiny, monkeypatch)
    drawn.both()
    new_rows(drawn)
    other_target(drawn)
    record = drawn.both()
    assert PARCELS not in made(record)
    assert (tiny.state.current / "site" / "index.html").exists()


def test_any_sequence_of_changes_publishes_the_same(pair: Pair) -> None:
    """Seeded, so that a failure comes again."""
    chosen = random.Random(20261123).sample(  # noqa: S311 - an order of changes, no secret
        [new_rows, other_measure, other_tree, other_target, other_comment, next_day, restated], 5
    )
    for number, change in enumerate(chosen):
        change(pair)
        if number % 2:  # some nights see two changes
            assert pair.both().status in ("published", "unchanged")
    no_parcels(pair)
    assert PARCELS not in {each.name for each in pair.both().tables}


def test_fresh_computes_all_of_it(pair: Pair) -> None:
    pair.night += 1
    record = pair._run(pair.tiny.state, extract=False, fresh=True)
    assert sorted(made(record)) == [PARCELS, REVENUE, STAGING]
    assert record.status == "unchanged"


def test_nothing_is_kept_where_the_workspace_says_so(pair: Pair) -> None:
    pair.change("company.yaml", "keep: {releases: 3}", "keep: {releases: 3, tables: false}")
    record = pair.both()
    assert sorted(made(record)) == [PARCELS, REVENUE, STAGING]
    assert not pair.tiny.state.kept.exists()


def test_what_is_kept_can_be_damaged_or_deleted(pair: Pair) -> None:
    tables: Path = pair.tiny.state.kept / "tables.duckdb"
    (pair.tiny.state.kept / "night.json").write_text("{")
    content = bytearray(tables.read_bytes())
    for place in range(0, len(content), 4096):
        content[place] ^= 0xFF
    tables.write_bytes(content)
    assert pair.both().status == "unchanged"
    shutil.rmtree(pair.tiny.state.kept)
    other_target(pair)
    assert sorted(made(pair.both())) == [PARCELS, REVENUE, STAGING]
