"""`steelyard diff`: every number that differs between two releases, and why, from the ledger alone."""

import csv
import io
import json
import shutil
from collections.abc import Sequence
from pathlib import Path

import pytest

from pipelines import compared, diffing, nightly
from pipelines.diffing import ReleaseUnknown
from pipelines.state import State
from tests.pipelines.conftest import SALES, Tiny


@pytest.fixture(scope="module")
def restated(
    _first_night: Tiny, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Tiny, tuple[str, str]]:
    """Publish a second night: a receipt came late, a target and a weight were changed."""
    folder = tmp_path_factory.mktemp("restated")
    shutil.copytree(_first_night.workspace.parent, folder, dirs_exist_ok=True, symlinks=True)
    published = Tiny(folder / "workspace", folder / "data", State(folder / "state"))
    first = published.state.current.readlink().name
    published.write("shop/sale.csv", SALES + "7,north,2026-03-31,10.00\n")
    targets = (published.workspace / "targets.csv").read_text()
    published.write("targets.csv", targets.replace("south,month,2026-01-01,50,100", "south,month,2026-01-01,50,120"))  # fmt: skip
    strategy = (published.workspace / "strategy.yaml").read_text()
    published.write("strategy.yaml", strategy.replace("name: Financial", "name: Financial\n    weight: 3"))  # fmt: skip
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(nightly, "audit_marts", lambda _: [])
        second = published.run()
    assert second.status == "published", second.problems
    return published, (first, second.run_id)


def lines(tiny: Tiny, names: tuple[str, str], *, limit: int | None = None) -> list[str]:
    made = diffing.diff(tiny.state, names, kpi=None, unit=None)
    return list(compared.text(made.difference, limit=limit))


def test_it_says_what_differs_and_why(restated: tuple[Tiny, tuple[str, str]]) -> None:
    tiny, names = restated
    done = tiny.steelyard("diff", *names)
    assert done.exit_code == 0, done.err
    for said in (
        "Reasons      ",
        "revenue, south, per month, from 2026-01-01",
        "perspective financial, from the beginning: 1 -> 3",
        "(late data)",
        "(changed target)",
        "(changed weight, late data)",
    ):
        assert said in done.out
    values = [line for line in done.out.splitlines() if "110 -> 120" in line]
    assert [line.split()[:4] for line in values] == [["revenue", "north", "month", "2026-03"]]


def test_a_release_and_itself_do_not_differ(restated: tuple[Tiny, tuple[str, str]]) -> None:
    tiny, (first, _) = restated
    assert lines(tiny, (first, first)) == ["Nothing differs."]


def test_it_works_backwards(restated: tuple[Tiny, tuple[str, str]]) -> None:
    tiny, (first, second) = restated
    made = diffing.diff(tiny.state, (second, first), kpi="revenue", unit="north")
    (march,) = [
        row for row in made.difference.values if (row.grain, row.period_start_date.month) == ("month", 3)
    ]  # fmt: skip
    assert (march.actual_before, march.actual_after, march.reasons) == (120, 110, ["late_data"])


def test_it_works_where_the_releases_are_gone(
    restated: tuple[Tiny, tuple[str, str]], tmp_path: Path
) -> None:
    tiny, names = restated
    shutil.copytree(tiny.state.root / "ledger", tmp_path / "ledger")
    bare = Tiny(tiny.workspace, tiny.data, State(tmp_path))
    assert lines(bare, names) == lines(tiny, names)


def test_releases_are_named_by_id_or_the_beginning_of_one(
    restated: tuple[Tiny, tuple[str, str]],
) -> None:
    tiny, (first, second) = restated
    release = tiny.query("select release_id from scorecard.release")[0][0]
    made = diffing.diff(tiny.state, (first[:-2], release[:6]), kpi=None, unit=None)
    assert (made.before.run_id, made.after.run_id) == (first, second)


@pytest.mark.parametrize(
    ("name", "said"), [("r-nonsense", "names no published release"), ("r-", "several published")]
)
def test_a_name_that_is_none_or_several_is_told_with_those_that_are_known(
    restated: tuple[Tiny, tuple[str, str]], name: str, said: str
) -> None:
    tiny, (first, second) = restated
    with pytest.raises(ReleaseUnknown, match=said) as told:
        diffing.diff(tiny.state, (name, second), kpi=None, unit=None)
    assert first in str(told.value)
    assert tiny.steelyard("diff", name, second).exit_code == 3


def test_kpi_and_unit_leave_all_others_out(restated: tuple[Tiny, tuple[str, str]]) -> None:
    tiny, names = restated
    found = diffing.diff(tiny.state, names, kpi="revenue", unit="south").difference
    assert {(row.node_id, row.unit_id) for row in found.scores} == {("revenue", "south")}
    assert {row.reasons[0] for row in found.scores} == {"changed_target"}
    assert found.values == []


def test_the_limit_says_how_much_it_leaves_out(restated: tuple[Tiny, tuple[str, str]]) -> None:
    tiny, names = restated
    assert any("more; --limit shows more" in line for line in lines(tiny, names, limit=1))


def test_csv_and_json_hold_every_difference(
    restated: tuple[Tiny, tuple[str, str]], tmp_path: Path
) -> None:
    tiny, names = restated
    found = diffing.diff(tiny.state, names, kpi=None, unit=None).difference
    rows = list(csv.DictReader(io.StringIO(compared.as_csv(found, limit=None))))
    kinds: Sequence[tuple[str, Sequence[object]]] = [
        ("score", found.scores), ("value", found.values), ("target", found.targets),
        ("weight", found.weights), ("definition", found.definitions), ("place", found.places),
    ]  # fmt: skip
    for what, listed in kinds:
        assert sum(row["what"] == what for row in rows) == len(listed)
    read = json.loads(compared.as_json(found, limit=None))
    assert len(read["scores"]) == len(found.scores)
    assert read["counts"]["targets"] == len(found.targets) == 1
    done = tiny.steelyard("diff", *names, "--format", "json", "--limit", "1")
    assert len(json.loads(done.out)["scores"]) == 1
    assert json.loads(done.out)["before"]["run_id"] == names[0]
