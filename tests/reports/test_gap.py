"""What each unit has of a gap to target and of the points lost: exact, adding up, and nothing where it would mean nothing."""

from collections import ChainMap
from dataclasses import replace
from decimal import Decimal

import pytest

from reports.edition import Edition
from reports.gap import Below, trees_below
from reports.standing import Standing, standing
from reports.views.contribution import contributions
from reports.views.kpi import kpi_page
from reports.words.text import Part


def _standing(edition: Edition, kpi_id: str, unit_id: str = "kettle") -> Standing:
    return standing(edition, edition.strategy.kpis[kpi_id], unit_id)


def _all(edition: Edition) -> list[Standing]:
    return [
        standing(edition, kpi, unit)
        for kpi in edition.strategy.kpis.values()
        for unit in edition.strategy.units
        if kpi.kpi_id in edition.strategy.kpis_of_unit.get(unit, frozenset())
    ]


def _number(written: str) -> Decimal:
    return Decimal(written.replace("−", "-").replace(",", ""))


def _text(parts: tuple[Part, ...]) -> str:
    return "".join(part.text for part in parts)


def _below(edition: Edition, item: Standing) -> Below:
    (below,) = trees_below(edition, item)
    return below


def _changed(edition: Edition, kpi_id: str, changes: dict[str, dict[str, object]]) -> Edition:
    """Return an edition in which the last period's score and value of some units are other."""
    scores, values = {}, {}
    for unit, fields in changes.items():
        item, key = _standing(edition, kpi_id, unit), (kpi_id, unit, "month")
        scores[key] = {
            **item.scores,
            item.start: item.scores[item.start]._replace(
                **{name: found for name, found in fields.items() if name != "numerator"}
            ),
        }
        value = item.values[item.start]
        numbers = {name: found for name, found in fields.items() if name in {"numerator", "actual"}}
        values[key] = {**item.values, item.start: value._replace(**numbers)}
    results = replace(
        edition.results,
        scores=ChainMap(scores, edition.results.scores),
        values=ChainMap(values, edition.results.values),
    )
    return replace(edition, published=replace(edition.published, results=results))


def test_parts_and_points_add_up_as_shown_wherever_there_are_any(edition: Edition) -> None:
    gaps = points = 0
    for item in _all(edition):
        for table in contributions(edition, item):
            shown = [row for row in table.rows if row.part not in {"", "none"}]
            if table.part_head:
                gaps += 1
                assert sum(_number(row.part) for row in shown) == _number(table.total.part), item
            if table.points_head:
                points += 1
                lost = 100 - edition.edges_of(item.kpi).shown(item.points)
                assert sum(_number(row.points) for row in shown) == lost, item
                assert _number(table.total.points) == lost
    assert gaps > points > 10


def test_units_of_a_sum_are_held_against_their_own_targets(edition: Edition) -> None:
    (table,) = contributions(edition, _standing(edition, "cash_flow"))
    assert [(row.name, row.part, row.points) for row in table.rows] == [
        ("North", "−2,813", "27"),
        ("South", "−1,111", "11"),
        ("In the target of the whole alone", "+550", "0"),
    ]
    assert (table.total.part, table.total.points) == ("−3,374", "38")
    assert [table.rows[0].share, table.total.share] == ["66", "100"]
    assert _text(table.heading) == (
        "North is €2,813 below its own target; the whole is €3,374 below"
    )


def test_a_missed_target_that_no_unit_misses_is_not_laid_to_a_unit(edition: Edition) -> None:
    (table,) = contributions(edition, _standing(edition, "nan_bread"))
    assert _text(table.heading) == "Every unit reaches its own target; the whole is 14 below"
    assert [row.points for row in table.rows] == ["0", "0", "57"]


def test_a_target_that_is_met_has_no_points_to_split(edition: Edition) -> None:
    item = _standing(edition, "net_sales")
    (table,) = contributions(edition, item)
    assert item.points < 100
    assert table.points_head == ""
    assert _text(table.heading).endswith("the whole reaches its own")


def test_where_a_unit_has_no_target_a_sum_has_its_shares_alone(edition: Edition) -> None:
    other = _changed(edition, "cash_flow", {"south": {"target": None}})
    (table,) = contributions(other, _standing(other, "cash_flow"))
    assert (table.part_head, table.points_head, table.share_head) == ("", "", "Share, %")
    assert _text(table.heading) == "Territory: North has 66% of the whole"


def test_what_a_unit_with_a_target_and_no_value_lacks_is_not_laid_to_others(
    edition: Edition,
) -> None:
    none = {"actual": None, "numerator": None, "score": None, "band": None}
    other = _changed(edition, "cash_flow", {"south": none})
    (table,) = contributions(other, _standing(other, "cash_flow"))
    assert table.part_head == ""
    assert [row.name for row in table.rows] == ["North", "In none of them", "South"]
    assert table.rows[-1].share == "none"


@pytest.mark.parametrize("rule", ["binary", "steps", "curve", "range", "min_max"])
def test_points_are_split_only_where_they_come_by_the_distance(edition: Edition, rule) -> None:
    item = _standing(edition, "cash_flow")
    kpi = item.kpi._replace(rule=rule)
    assert not _below(edition, standing(edition, kpi, "kettle")).has_points
    assert _below(edition, item).has_points


def test_lower_is_better_turns_the_sides(edition: Edition) -> None:
    kpi = _standing(edition, "cash_flow").kpi._replace(direction="lower_is_better")
    (table,) = contributions(edition, standing(edition, kpi, "kettle"))
    assert _text(table.heading) == "Every unit reaches its own target, and so does the whole"
    assert table.points_head == ""


def test_a_part_that_would_read_as_none_is_written_with_a_digit_more(edition: Edition) -> None:
    """A unit lost ten points with a part of the gap of 0."""
    south = _standing(edition, "cash_flow", "south")
    near = {"target": float(south.value.numerator) + 0.3}
    other = _changed(edition, "cash_flow", {"south": near})
    (table,) = contributions(other, _standing(other, "cash_flow"))
    assert {row.name: row.part for row in table.rows}["South"] == "−0.3"


def test_one_suppressed_unit_takes_all_parts_away(edition: Edition) -> None:
    held = [
        below
        for item in _all(edition)
        if item.kpi.kpi_id == "nps"
        for below in trees_below(edition, item)
        if "suppressed" in {child.status.key for child in (item, *below.units)}
    ]
    assert held
    assert all(below.pieces == () for below in held)


def test_units_side_by_side_stand_in_the_order_of_the_table(edition: Edition) -> None:
    for kpi in edition.strategy.kpis.values():
        page = kpi_page(edition.at(1), kpi, "kettle")
        assert len(page.multiples) == len(page.contributions)
        for side, table in zip(page.multiples, page.contributions, strict=True):
            listed = [row.href for row in table.rows if row.href is not None]
            assert [unit.href for unit in (*side.first, *side.rest)] == listed
