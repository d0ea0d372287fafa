"""Suppression: what a reader who subtracts everything shown from everything shown must not learn."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from itertools import product
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.transforms.small_scorecard import SmallScorecard, kpi
from transforms.strategy_tables import insert_rows
from transforms.suppression import _hold_back_rows, suppress

SEPTEMBER = date(2026, 9, 1)
LEAST = 5
LARGEST = 12
"""Unknown numbers of which the attacker still tries every sum."""
TABLES = """
create schema scorecard;
create table scorecard.dim_kpi (kpi_id varchar, min_observations_count bigint);
create table scorecard.kpi_term (kpi_id varchar, measure_id varchar);
create table scorecard.dim_period (grain varchar, period_start_date date, last_date date);
create table scorecard.unit_closure (
    ancestor_unit_id varchar, unit_id varchar, distance bigint, valid_from_date date, valid_to_date date
);
create table measured_value (
    kpi_id varchar, unit_id varchar, grain varchar, period_start_date date, observations_count bigint
);
"""
"""What the steps read: the catalogue's tables, as far as they are needed."""


@dataclass(frozen=True)
class Place:
    """A unit of a tree, and how many answers were given for it itself."""

    unit: str
    parent: str | None
    tree: str | None
    own: int


Places = list[Place]


def ancestors(places: Places, unit: str) -> list[str]:
    """Give a unit and all above it."""
    parents = {place.unit: place.parent for place in places}
    found = [unit]
    while (above := parents[found[-1]]) is not None:
        found.append(above)
    return found


def totals(places: Places) -> dict[str, int]:
    """Give the answers of each unit, with all below."""
    found = dict.fromkeys((place.unit for place in places), 0)
    for place in places:
        for unit in ancestors(places, place.unit):
            found[unit] += place.own
    return found


def suppressed(places: Places) -> set[str]:
    """Let the warehouse's own SQL decide what is held back."""
    with duckdb.connect() as connection:
        connection.execute(TABLES)
        insert_rows(connection, "scorecard.dim_kpi", [
            {"kpi_id": "nps", "min_observations_count": LEAST}])  # fmt: skip
        insert_rows(connection, "scorecard.kpi_term", [
            {"kpi_id": "nps", "measure_id": "asked"}])  # fmt: skip
        insert_rows(connection, "scorecard.dim_period", [
            {"grain": "month", "period_start_date": SEPTEMBER, "last_date": date(2026, 9, 30)}])  # fmt: skip
        insert_rows(connection, "scorecard.unit_closure", [
            {"ancestor_unit_id": above, "unit_id": place.unit, "distance": distance,
             "valid_from_date": date.min, "valid_to_date": date.max}
            for place in places
            for distance, above in enumerate(ancestors(places, place.unit))
        ])  # fmt: skip
        insert_rows(connection, "measured_value", [
            {"kpi_id": "nps", "unit_id": unit, "grain": "month", "period_start_date": SEPTEMBER,
             "observations_count": count}
            for unit, count in totals(places).items() if count
        ])  # fmt: skip
        suppress(connection, {})
        return {unit for (unit,) in connection.execute("select unit_id from suppressed").fetchall()}


def attack(places: Places, hidden: set[str]) -> tuple[list[Place], np.ndarray[Any, Any]]:
    """Give what an attacker does not know, and the null space of all that is shown, over it.

    He knows what was given for upper units themselves, unless it is too little to be shown.
    """
    parents = {place.parent for place in places if totals(places)[place.unit]}
    unknown = [
        place
        for place in places
        if place.own and (place.own < LEAST or (place.unit in hidden and place.unit not in parents))
    ]
    shown = [unit for unit, count in totals(places).items() if count and unit not in hidden]
    equations = np.array(
        [[float(unit in ancestors(places, each.unit)) for each in unknown] for unit in shown]
    ).reshape(len(shown), len(unknown))
    _, sizes, vectors = np.linalg.svd(equations, full_matrices=True)
    rank = int((sizes > 1e-9).sum())
    return unknown, vectors[rank:]


def is_told(parts: np.ndarray[Any, Any], free: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """Tell of sums of unknown numbers, one per row, which follow from what is shown."""
    told: np.ndarray[Any, Any] = (np.abs(parts @ free.T) < 1e-9).all(axis=1)
    return told


@st.composite
def organisations(draw: st.DrawFn) -> Places:
    """Draw an organisation of one or two trees, up to four levels deep, with small and large units."""
    count = st.one_of(st.integers(0, LEAST + 1), st.integers(0, 30))
    own = st.one_of(st.just(0), count)
    places = [Place("all", None, None, draw(own))]
    for tree in draw(st.sampled_from([("t",), ("t", "u")])):
        for number in range(draw(st.integers(1, 8))):
            above = [place.unit for place in places if place.tree in (tree, None)]
            parent = draw(st.sampled_from(above))
            places.append(Place(f"{tree}{number}", parent, tree, 0))
    parents = {place.parent for place in places}
    return [
        place if place.parent is None
        else Place(place.unit, place.parent, place.tree, draw(own if place.unit in parents else count))
        for place in places
    ]  # fmt: skip


@settings(max_examples=40, deadline=None)
@given(organisations())
def test_no_unit_and_no_group_that_is_too_small_can_be_worked_out(places: Places) -> None:
    hidden = suppressed(places)
    for unit, count in totals(places).items():
        assert unit in hidden or count >= LEAST or not count
    unknown, free = attack(places, hidden)
    for unit in hidden:
        part = np.array([[float(unit in ancestors(places, each.unit)) for each in unknown]])
        assert part.any(), f"{unit} is the sum of what is shown below it"
        assert not is_told(part, free)[0], f"{unit} is told by what is shown"
    if 0 < len(unknown) <= LARGEST:
        every = np.array(list(product((0, 1), repeat=len(unknown)))[1:])
        counts = every @ np.array([each.own for each in unknown])
        assert counts[is_told(every, free)].min(initial=LEAST) >= LEAST


def tree(**units: tuple[str, int]) -> Places:
    """Write a tree as `unit=(parent, answers)`."""
    return [
        Place("all", None, None, 0),
        *(Place(unit, parent, "t", own) for unit, (parent, own) in units.items()),
    ]


@pytest.mark.parametrize(
    ("places", "expected"),
    [
        pytest.param(tree(a=("all", 9), b=("all", 8)), set(), id="all are large enough"),
        pytest.param(tree(a=("all", 3), b=("all", 8), c=("all", 9)), {"a", "b"}, id="the smallest sibling goes, too"),
        pytest.param(tree(a=("all", 3), b=("all", 8), c=("all", 8)), {"a", "b"}, id="ties go by id"),
        pytest.param(tree(a=("all", 3), b=("all", 2), c=("all", 9)), {"a", "b"}, id="two are enough together"),
        pytest.param(tree(a=("all", 1), b=("all", 1), c=("all", 9)), {"a", "b", "c"}, id="two are too few together"),
        pytest.param(tree(a=("all", 3)), {"all", "a"}, id="an only child hides its parent"),
        pytest.param(tree(a=("all", 3), b=("all", 0), c=("all", 9)), {"a", "c"}, id="a unit without answers covers none"),
        pytest.param(
            tree(a=("all", 0), a1=("a", 3), a2=("a", 9), b=("all", 20), b1=("b", 8), b2=("b", 12)),
            {"a1", "a2"}, id="where the children cover each other nothing else goes"),
        pytest.param(
            tree(a=("all", 3), b=("all", 0), b1=("b", 8), b2=("b", 7)),
            {"a", "b", "b2"}, id="a hidden parent hides its smallest child"),
        pytest.param(tree(a=("all", 20), a1=("a", 3)), {"all", "a", "a1"}, id="own rows are no cover"),
        pytest.param(tree(a=("all", 3), a1=("a", 8), b=("all", 30)), {"a1"}, id="few own rows are hidden, too"),
    ],
)  # fmt: skip
def test_what_goes_with_it_is_the_least(places: Places, expected: set[str]) -> None:
    assert suppressed(places) == expected


def shown(
    warehouse: duckdb.DuckDBPyConnection, table: str, columns: str, where: str = "true"
) -> list[tuple[Any, ...]]:
    return warehouse.execute(f"select {columns} from {table} where {where} order by all").fetchall()


def card(**changes: Any) -> SmallScorecard:
    """Ask three regions: n1 gave three answers, n2 eight, south nine."""
    made = SmallScorecard(
        kpis=[kpi("asked", aggregation="score", min_observations=LEAST, **changes)],
        targets=[{"kpi": "asked", "unit": unit, "red": 0, "target": 1} for unit in ("all", "n1")],
    )
    counts: Mapping[str, int] = {"n1": 3, "n2": 8, "south": 9}
    made.add("asked", [(unit, SEPTEMBER, (1, count)) for unit, count in counts.items()])
    return made


def test_components_values_and_scores_of_what_is_held_back_are_nowhere(tmp_path: Path) -> None:
    with card().scored(tmp_path) as warehouse:
        where = "period_start_date = date '2026-09-01' and grain = 'month'"
        assert shown(warehouse, "scorecard.kpi_value", "unit_id, actual, numerator, denominator, "
                     "observations_count, is_suppressed", f"is_suppressed and {where}") == [
            ("n1", None, None, None, None, True), ("n2", None, None, None, None, True)]  # fmt: skip
        assert shown(warehouse, "scorecard.kpi_value", "unit_id, denominator::integer",
                     f"not is_suppressed and {where}") == [("all", 20), ("north", 11), ("south", 9)]  # fmt: skip
        assert shown(warehouse, "measure.component", "unit_id, denominator::integer") == [
            ("n1", None), ("n2", None), ("south", 9)]  # fmt: skip
        assert shown(warehouse, "scorecard.kpi_score", "actual, score, data_state",
                     f"unit_id = 'n1' and {where}") == [(None, None, "no_data")]  # fmt: skip


def test_another_kpi_over_the_same_rows_does_not_tell_them(tmp_path: Path) -> None:
    made = card()
    made.kpis.append(kpi("favourable", measure="asked", aggregation="sum"))
    made.components = [(*row[:5], int(row[4])) for row in made.components]
    with made.scored(tmp_path) as warehouse:
        assert shown(warehouse, "scorecard.kpi_value", "unit_id", "kpi_id = 'favourable' and "
                     "is_suppressed and grain = 'month'") == [("n1",), ("n2",)]  # fmt: skip


def rows_of(
    warehouse: duckdb.DuckDBPyConnection, least: int, rows: list[tuple[str, str, int | None]]
) -> list[tuple[Any, ...]]:
    """Hold back rows (unit, product, observations) of a measure, and give what is left."""
    warehouse.execute(
        "create schema measure; create table measure.dim_measure (measure_id varchar, row_count bigint); "
        "create table measure.asked (unit_id varchar, period_start_date date, numerator decimal(38, 9), "
        "observations_count bigint, product varchar);"
        "create temp table held_back (measure_id varchar, unit_id varchar, period_start_date date)"
    )
    insert_rows(warehouse, "measure.asked", [
        {"unit_id": unit, "period_start_date": SEPTEMBER, "numerator": 1, "observations_count": count, "product": product}
        for unit, product, count in rows])  # fmt: skip
    _hold_back_rows(warehouse, "asked", least)
    return shown(warehouse, "measure.asked", "unit_id, product, numerator::integer")


def test_of_a_months_parts_two_are_hidden_that_are_enough_together() -> None:
    with duckdb.connect() as warehouse:
        assert rows_of(warehouse, LEAST, [
            ("a", "x", 1), ("a", "y", 2), ("a", "z", 7), ("a", "w", 20), ("b", "x", 5), ("b", "y", 9)
        ]) == [
            ("a", "w", 1), ("a", "x", None), ("a", "y", None), ("a", "z", None), ("b", "x", 1), ("b", "y", 1),
        ]  # fmt: skip
