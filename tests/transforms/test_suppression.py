"""Suppression: what a reader who subtracts everything shown from everything shown must not learn."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from itertools import combinations, product
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.transforms.small_scorecard import SmallScorecard, kpi
from transforms.steps import step_text
from transforms.strategy_tables import insert_rows
from transforms.suppression import _hold_back_rows, suppress

SEPTEMBER = date(2026, 9, 1)
LEAST = 5
LARGEST = 12
"""Unknown numbers of which the attacker still tries every sum."""
TABLES = """
create schema scorecard; create schema measure;
create table scorecard.dim_kpi (
    kpi_id varchar, min_observations_count bigint, frequency varchar,
    change_against varchar, index_base_grain varchar, index_base_date date
);
create table scorecard.kpi_term (kpi_id varchar, measure_id varchar, of_unit varchar);
create table scorecard.dim_unit (unit_id varchar, level bigint);
create table scorecard.dim_period (grain varchar, period_start_date date, last_date date);
create table scorecard.unit_closure (
    ancestor_unit_id varchar, unit_id varchar, distance bigint, valid_from_date date, valid_to_date date
);
create table measure.dim_measure (measure_id varchar, kind varchar);
create table measure.component (
    measure_id varchar, unit_id varchar, period_start_date date, numerator decimal(38, 9),
    denominator decimal(38, 9), observations_count bigint
);
create table measure.answer (measure_id varchar, unit_id varchar, period_start_date date, observations_count bigint);
create table measure_key (measure_id varchar, unit_id varchar, period_start_date date, key varchar);
create table term (kpi_id varchar, measure_id varchar, aggregation varchar, frequency varchar, step_months bigint);
create table own_month (frequency varchar, month_start_date date, own_start_date date);
create table own_period (frequency varchar, grain varchar, period_start_date date, own_start_date date);
create table base_period (kpi_id varchar, grain varchar, period_start_date date, base_grain varchar, base_start_date date);
create table measured_value (kpi_id varchar, unit_id varchar, grain varchar, period_start_date date);
"""
"""What the steps read: the catalogue's tables and the steps before, as far as they are needed."""


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
    month = {"grain": "month", "period_start_date": SEPTEMBER}
    given = {"measure_id": "asked", "period_start_date": SEPTEMBER}
    with duckdb.connect() as connection:
        connection.execute(step_text("macros"))
        connection.execute(TABLES)
        tables: dict[str, list[dict[str, Any]]] = {
            "scorecard.dim_kpi": [{"kpi_id": "nps", "min_observations_count": LEAST, "frequency": "month"}],
            "scorecard.kpi_term": [{"kpi_id": "nps", "measure_id": "asked", "of_unit": "unit"}],
            "term": [{"kpi_id": "nps", "measure_id": "asked", "aggregation": "score", "frequency": "month",
                      "step_months": 1}],
            "scorecard.dim_unit": [
                {"unit_id": place.unit, "level": len(ancestors(places, place.unit)) - 1} for place in places],
            "scorecard.dim_period": [{**month, "last_date": date(2026, 9, 30)}],
            "own_month": [{"frequency": "month", "month_start_date": SEPTEMBER, "own_start_date": SEPTEMBER}],
            "own_period": [{**month, "frequency": "month", "own_start_date": SEPTEMBER}],
            "scorecard.unit_closure": [
                {"ancestor_unit_id": above, "unit_id": place.unit, "distance": distance,
                 "valid_from_date": date.min, "valid_to_date": date.max}
                for place in places
                for distance, above in enumerate(ancestors(places, place.unit))
            ],
            "measure.dim_measure": [{"measure_id": "asked", "kind": "answers"}],
            "measure.answer": [
                {**given, "unit_id": place.unit, "observations_count": place.own} for place in places if place.own],
            "measured_value": [
                {**month, "kpi_id": "nps", "unit_id": unit} for unit, count in totals(places).items() if count],
        }  # fmt: skip
        for table, rows in tables.items():
            insert_rows(connection, table, rows)
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


AUGUST = date(2026, 8, 1)
UNITS = ("a", "b", "c")
FLAT = {
    "trees": [{"id": "t", "name": "T", "units": [{"id": unit, "name": unit} for unit in UNITS]}]
}


def derived(kpi_id: str, expression: str, **terms: dict[str, Any]) -> dict[str, Any]:
    """Write a derived KPI as strategy.yaml would."""
    return {
        "id": kpi_id, "name": kpi_id, "owner": "Owner", "direction": "lower_is_better",
        "derived": {"expression": expression, "terms": terms},
    }  # fmt: skip


def sick_leave(first: tuple[int, int, int], last: tuple[int, int, int]) -> SmallScorecard:
    """Give days of sick leave of so many people in August and September, and KPIs of every sort over them."""
    sick = {"measure": "sick", "aggregation": "sum"}
    made = SmallScorecard(company=FLAT, kpis=[
        kpi("sick", min_observations=LEAST),
        kpi("seen", measure="sick"),
        kpi("latest", measure="sick", aggregation="last"),
        kpi("changed", measure="sick", change={"against": "previous", "form": "absolute"}),
        kpi("relative", measure="sick", change={"against": "previous", "form": "relative"}),
        kpi("indexed", measure="sick", index={"base": "2026-08-01", "per": "month"}),
        derived("rate", "x / h", x=sick, h={"measure": "hours", "aggregation": "sum"}),
        derived("per_head", "x / h", x=sick, h={"measure": "heads", "aggregation": "last"}),
        derived("share", "x / y", x=sick, y={**sick, "of": "organisation"}),
        derived("of_parent", "h / y", h={"measure": "hours", "aggregation": "sum"}, y={**sick, "of": "parent"}),
    ])  # fmt: skip
    days = {AUGUST: (11, 23, 37), SEPTEMBER: (13, 29, 41)}
    for month, counts in ((AUGUST, first), (SEPTEMBER, last)):
        for unit, value, count, other in zip(UNITS, days[month], counts, (50, 50, 5), strict=True):
            made.add("sick", [(unit, month, value)], observations=count)
            made.add("hours", [(unit, month, 1000)], observations=other)
            made.add("heads", [(unit, month, 60)])
    return made


def hidden_units(warehouse: duckdb.DuckDBPyConnection, month: date) -> dict[str, set[str]]:
    """Give the units of each KPI that are held back in a month."""
    found: dict[str, set[str]] = {}
    for kpi_id, unit, is_suppressed in warehouse.execute(
        "select kpi_id, unit_id, is_suppressed from scorecard.kpi_value "
        "where grain = 'month' and period_start_date = $month", {"month": month}
    ).fetchall():  # fmt: skip
        found.setdefault(kpi_id, set()).update({unit} if is_suppressed else ())
    return found


OVER_SICK = {"sick", "seen", "latest", "rate", "per_head", "share"}
"""KPIs that show each unit's own days of the month."""


def test_every_kpi_over_a_measure_hides_the_same_units(tmp_path: Path) -> None:
    """A derived KPI once counted its other term's observations, too, and showed what the measure's own KPI held back."""
    with sick_leave((3, 6, 8), (10, 20, 9)).scored(tmp_path) as warehouse:
        august = hidden_units(warehouse, AUGUST)
        assert all(august[kpi_id] == {"a", "b"} for kpi_id in OVER_SICK), august
        assert august["of_parent"] == set()


def test_a_change_and_an_index_hide_what_is_hidden_in_their_base(tmp_path: Path) -> None:
    with sick_leave((3, 6, 8), (10, 20, 9)).scored(tmp_path) as warehouse:
        september = hidden_units(warehouse, SEPTEMBER)
        assert {name for name, hidden in september.items() if hidden} == {
            "changed",
            "relative",
            "indexed",
        }
        assert september["changed"] == september["relative"] == september["indexed"] == {"a", "b"}


def test_a_change_hides_what_is_hidden_now_or_was_then(tmp_path: Path) -> None:
    """The two months choose different companions: the change shows neither's."""
    with sick_leave((3, 6, 8), (3, 9, 7)).scored(tmp_path) as warehouse:
        september = hidden_units(warehouse, SEPTEMBER)
        assert september["sick"] == {"a", "c"}
        assert september["changed"] == september["indexed"] == {"a", "b", "c"}


def test_a_term_of_a_hidden_parent_is_hidden_in_the_units_below(tmp_path: Path) -> None:
    with sick_leave((1, 1, 1), (9, 9, 9)).scored(tmp_path) as warehouse:
        august = hidden_units(warehouse, AUGUST)
        assert august["sick"] == august["share"] == august["of_parent"] == {"all", *UNITS}


def test_a_ratio_without_observations_counts_its_denominators_in_every_kpi(tmp_path: Path) -> None:
    made = card()
    made.kpis.append(
        derived(
            "favourable",
            "x",
            x={"measure": "asked", "aggregation": "ratio", "component": "numerator"},
        )
    )
    with made.scored(tmp_path) as warehouse:
        assert hidden_units(warehouse, SEPTEMBER) == {
            "asked": {"n1", "n2"},
            "favourable": {"n1", "n2"},
        }


def test_a_value_that_rests_on_no_known_observations_is_covered_too(tmp_path: Path) -> None:
    made = SmallScorecard(kpis=[kpi("sick", min_observations=LEAST)], company=FLAT)
    for unit, count in zip(UNITS, (None, 6, 8), strict=True):
        made.add("sick", [(unit, SEPTEMBER, 11)], observations=count)
    with made.scored(tmp_path) as warehouse:
        assert hidden_units(warehouse, SEPTEMBER) == {"sick": {"a", "b"}}


def test_keys_and_readings_of_a_quarter_are_counted_in_their_own_way(tmp_path: Path) -> None:
    """Of a level the last reading's observations count, not those of all months together."""
    made = SmallScorecard(company=FLAT, kpis=[
        kpi("people", aggregation="distinct", min_observations=LEAST),
        kpi("level", aggregation="last", frequency="quarter", min_observations=LEAST),
        kpi("usual", measure="level", aggregation="mean", frequency="quarter"),
    ])  # fmt: skip
    for unit, count in zip(UNITS, (3, 6, 8), strict=True):
        made.keys += [("people", unit, SEPTEMBER, f"{unit}{number}") for number in range(count)]
        for month in (AUGUST, SEPTEMBER):
            made.add("level", [(unit, month, 100)], observations=count)
    with made.scored(tmp_path) as warehouse:
        assert hidden_units(warehouse, SEPTEMBER) == {"people": {"a", "b"}}
        assert shown(warehouse, "scorecard.kpi_value", "kpi_id, unit_id",
                     "is_suppressed and grain = 'quarter' and kpi_id != 'people'") == [
            ("level", "a"), ("level", "b"), ("usual", "a"), ("usual", "b")]  # fmt: skip


@pytest.mark.parametrize(
    ("first", "last"),
    [
        pytest.param((3, 6, 8), (3, 9, 7), id="the months hide different units"),
        pytest.param((1, 7, 2), (6, 6, 6), id="two too few, then none"),
        pytest.param((9, 1, 1), (2, 3, 9), id="two too few together, then enough"),
    ],
)
def test_all_kpis_over_a_measure_together_tell_nothing_of_it(
    tmp_path: Path, first: tuple[int, int, int], last: tuple[int, int, int]
) -> None:
    """Whoever solves for the days of both months from all that is shown, of any KPI, learns no hidden one."""
    cells = [(month, unit) for month in (AUGUST, SEPTEMBER) for unit in UNITS]
    people = dict(zip(cells, (*first, *last), strict=True))
    with sick_leave(first, last).scored(tmp_path) as warehouse:
        equations = [
            [float(covers(part, unit, start, cell)) for cell in cells]
            for part, unit, start in told(warehouse)
        ]
    _, sizes, vectors = np.linalg.svd(
        np.array(equations or [[0.0] * len(cells)]), full_matrices=True
    )
    free = vectors[int((sizes > 1e-9).sum()) :]
    for month in (AUGUST, SEPTEMBER):
        every = np.array([
            [float(unit in units and start == month) for start, unit in cells]
            for count in range(1, len(UNITS) + 1)
            for units in combinations(UNITS, count)
        ])  # fmt: skip
        counts = every @ np.array([people[cell] for cell in cells])
        assert counts[is_told(every, free)].min(initial=LEAST) >= LEAST


def told(warehouse: duckdb.DuckDBPyConnection) -> list[tuple[str, str, date]]:
    """Give what shown values tell, of every KPI: a change both months' difference, some its base besides."""
    rows = warehouse.execute(
        "select kpi_id, unit_id, period_start_date from scorecard.kpi_value where grain = 'month' "
        "and kpi_id != 'of_parent' and numerator is not null"
    ).fetchall()
    parts = {"changed": ("change",), "relative": ("change", "base"), "indexed": ("now", "base")}
    return [
        (part, unit, start) for kpi_id, unit, start in rows for part in parts.get(kpi_id, ("now",))
    ]


def covers(part: str, unit: str, start: date, cell: tuple[date, str]) -> int:
    """Tell how a shown number weighs one unit's days of one month."""
    month, each = cell
    if unit not in ("all", each):
        return 0
    if part == "change":
        return (month == SEPTEMBER) - (month == AUGUST)
    return int(month == (AUGUST if part == "base" else start))


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
