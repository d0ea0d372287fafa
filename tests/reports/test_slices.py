"""What is held of a release at a time, and that no page depends on it."""

from collections import Counter
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import duckdb
import pytest

from reports import groups
from reports.edition import edition_of
from reports.groups import PAGES
from reports.site import Builder, PageFailed, build
from reports.warehouse import rows, slices
from reports.warehouse.published import read
from reports.warehouse.reading import read_rows
from reports.warehouse.slices import Kept, Looked, OfPairs, OfUnits, Order, Slices
from tests.reports.make_warehouse import make_warehouse

WITH_UNITS = ("kpis", "units", "periods")
"""The groups that grow with KPIs and units."""
SOME = 8
"""So many pieces of each are built with little held: one in every so many, from the first to the last."""


def _bytes(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


class Recorder:
    """Stands in for the reader; every KPI has one value per unit."""

    def __init__(self) -> None:
        self.pairs_read: list[tuple[tuple[str, ...], tuple[str, ...]]] = []
        self.units_read: list[tuple[str, ...]] = []

    def pairs(
        self, kpis: Sequence[str], units: Sequence[str], *, is_report_whole: bool = False
    ) -> OfPairs:
        assert is_report_whole == (tuple(units) == ("u0",)), "the organisation's reports are whole"
        self.pairs_read.append((tuple(kpis), tuple(units)))
        moves: dict[tuple[str, str], dict[date, rows.Moved]] = {
            (kpi, unit): {} for kpi in kpis for unit in units
        }
        return OfPairs(frozenset(kpis), frozenset(units), moves=moves)

    def of_units(self, units: Sequence[str]) -> OfUnits:
        self.units_read.append(tuple(units))
        return OfUnits(frozenset(units))

    def targets(self, kpis: Sequence[str]) -> dict[str, list[rows.Target]]:
        return {}


def _order(kpis: int, units: int) -> Order:
    named = tuple(f"u{number}" for number in range(units))
    return Order(tuple(f"k{number}" for number in range(kpis)), named, "u0")


def _held(found: Slices) -> int:
    return sum(len(area.moves) for area in found._pairs)


@pytest.mark.parametrize("units", [30, 300, 3000])
def test_what_is_held_does_not_grow_with_the_units(units) -> None:
    order = _order(25, units)
    found = Slices(Recorder(), order)
    most = 0
    for kpi in order.kpis:
        for unit in order.units:
            assert (kpi, unit) in found.pairs(kpi, unit).moves
            most = max(most, _held(found))
    assert most <= slices.AREAS * slices.KPIS * slices.UNITS


@pytest.mark.parametrize("units", [30, 300, 3000])
def test_a_plan_is_read_in_one_go_and_replaces_the_one_before(units) -> None:
    order, reader = _order(25, units), Recorder()
    found = Slices(reader, order)
    for at in range(1, units, 10):
        planned = order.units[at : at + 10]
        found.plan(order.kpis, planned)
        for unit in planned:
            assert ("k7", unit) in found.pairs("k7", unit).moves
        assert _held(found) == len(order.kpis) * len(planned)
    assert len(reader.pairs_read) == len(range(1, units, 10))


def test_an_answer_does_not_depend_on_the_plan() -> None:
    found = Slices(Recorder(), _order(3, 4))
    found.plan(("k0",), ("u1",))
    assert ("k2", "u3") in found.pairs("k2", "u3").moves
    assert ("k2", "u9") in found.pairs("k2", "u9").moves


def test_the_organisation_is_read_once() -> None:
    reader = Recorder()
    found = Slices(reader, _order(3, 4))
    for kpi in ("k0", "k1", "k2"):
        found.plan((kpi,), ("u1",))
        assert (kpi, "u0") in found.pairs(kpi, "u0").moves
        assert "u0" in found.of_unit("u0").units
    assert reader.pairs_read == [(("k0", "k1", "k2"), ("u0",))]
    assert reader.units_read == [("u0",)]


def test_reports_are_read_where_a_period_has_several(edition) -> None:
    """A period's values and scores belong together: where either was reported again, all of both are there."""
    reader, strategy = edition.published.reader, edition.strategy
    some = reader.pairs(tuple(strategy.kpis), tuple(strategy.units))
    whole = reader.pairs(tuple(strategy.kpis), tuple(strategy.units), is_report_whole=True)
    again = left = 0
    for kpi, unit in whole.reported:
        values, scores = whole.reported[kpi, unit], whole.rescored.get(("kpi", kpi, unit), [])
        counts = [Counter(row.period_start_date for row in found) for found in (values, scores)]
        several = {start for count in counts for start, times in count.items() if times > 1}
        for found, all_of_them in (
            (some.reported.get((kpi, unit), []), values),
            (some.rescored.get(("kpi", kpi, unit), []), scores),
        ):
            wanted = [row for row in all_of_them if row.period_start_date in several]
            assert [row for row in found if row.period_start_date in several] == wanted
            again += len(wanted)
            left += len(all_of_them) - len(found)
        alone = reader.pairs((kpi,), (unit,))
        assert alone.reported.get((kpi, unit)) == some.reported.get((kpi, unit))
        assert alone.rescored.get(("kpi", kpi, unit)) == some.rescored.get(("kpi", kpi, unit))
    assert again
    assert left


def test_rows_that_nobody_holds_whole_cannot_be_walked_through() -> None:
    looked: Looked[str, int] = Looked(lambda _: {"a": 1})
    assert looked.get("a") == 1
    assert looked.get("b") is None
    with pytest.raises(TypeError, match="a part at a time"):
        list(looked)
    with pytest.raises(TypeError, match="not counted"):
        len(looked)


def test_only_the_last_that_were_read_by_name_are_kept() -> None:
    read_names: list[str] = []
    kept = Kept(("a", "b", "c"), lambda name: read_names.append(name) or name.upper(), keep=2)
    assert [kept[name] for name in ("a", "a", "b", "c", "a")] == ["A", "A", "B", "C", "A"]
    assert read_names == ["a", "b", "c", "a"]
    assert "d" not in kept
    assert kept.get("d") is None
    assert list(kept) == ["a", "b", "c"]


def test_pages_are_the_same_however_little_is_held(warehouse, site, tmp_path, monkeypatch) -> None:
    for module, name in ((groups, "PAIRS"), (groups, "UNITS"), (slices, "UNITS"), (slices, "KPIS")):
        monkeypatch.setattr(module, name, 2)
    monkeypatch.setattr(slices, "AREAS", 1)
    edition = edition_of(read(warehouse))
    builder = Builder(edition, tmp_path)
    for group in WITH_UNITS:
        works = list(PAGES[group].divided(edition, group))
        few = works[:: -(-len(works) // SOME)]
        assert sum(builder.build(work)[0] for work in few) >= len(few)
    edition.published.close()
    made, whole = _bytes(tmp_path), _bytes(site)
    assert made == {path: whole[path] for path in made}


def test_pages_are_the_same_from_several_processes(warehouse, site, tmp_path, monkeypatch) -> None:
    counts = build(warehouse, tmp_path, workers=2)
    assert _bytes(tmp_path) == _bytes(site)
    assert counts == build(warehouse, tmp_path / "again", workers=1)


def test_building_again_from_one_reading_gives_the_same(warehouse) -> None:
    published = read(warehouse)
    edition = edition_of(published)
    kpi = next(iter(edition.strategy.kpis.values()))
    first = groups.kpi_page(edition.at(1), kpi, edition.organisation_id)
    published.close()
    assert groups.kpi_page(edition.at(1), kpi, edition.organisation_id) == first
    published.close()


def test_a_kpi_page_reads_no_more_when_there_are_more_units(warehouse, monkeypatch) -> None:
    """The statements of a piece: its areas, and what its measures and targets need; none per page."""
    calls = []
    monkeypatch.setattr(
        "reports.warehouse.reader.read_rows",
        lambda *given, **named: calls.append(given[2]) or read_rows(*given, **named),
    )
    published = read(warehouse)
    edition = edition_of(published)
    for work in groups.PAGES["kpis"].divided(edition, "kpis"):
        calls.clear()
        pages = [page.make() for page in groups.PAGES["kpis"].pages(edition, work)]
        assert len(pages) > len(work.kpis)
        areas = 2  # the piece's own, and the organisation's once
        assert calls.count("scorecard.kpi_score") <= areas
        assert calls.count("scorecard.target") <= -(-len(work.kpis) // slices.KPIS)
    published.close()


@pytest.mark.parametrize("workers", [1, 2])
def test_a_page_that_cannot_be_made_is_named(tmp_path, workers) -> None:
    broken = make_warehouse(tmp_path / "warehouse.duckdb")
    _forget_an_objective(broken)
    with pytest.raises(PageFailed, match=r"The page kpis/\S+\.html cannot be made: KeyError"):
        build(broken, tmp_path / "site", groups=["kpis"], workers=workers)


def _forget_an_objective(warehouse: Path) -> None:
    """Take away the objective of the last KPI: its page has no place to stand."""
    with duckdb.connect(str(warehouse)) as connection:
        connection.execute(
            "delete from scorecard.dim_objective where objective_id = "
            "(from scorecard.dim_kpi select objective_id order by sort_order desc limit 1)"
        )
