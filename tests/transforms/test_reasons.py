"""Why a restated number differs: late data, or a changed definition, target, weight or unit tree; alone and together."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import duckdb
import pytest

from tests.transforms.small_world import APRIL, MARCH, World, warehouse
from transforms.build import Definition
from transforms.ledger import PointerMove, Report, history_tables, write_part

Reasons = dict[str, list[str]]


def report(run_id: str, base: str | None, as_of: date) -> Report:
    return Report(
        run_id=run_id,
        release_id=f"r-{run_id}",
        base_run_id=base,
        as_of_date=as_of,
        period_start_date=MARCH,
        reported_at=datetime(2026, 5, 5 + int(run_id), 3, tzinfo=UTC),
    )


class Nights:
    """Publishes one world after the other."""

    def __init__(self, parts: Path) -> None:
        self.parts = parts
        self.moves: list[PointerMove] = []
        self.connection = duckdb.connect()

    def publish(self, world: World) -> None:
        run_id = str(len(self.moves) + 1)
        base = self.moves[-1].run_id if self.moves else None
        made = report(run_id, base, world.as_of)
        self.connection = warehouse(world)
        history_tables(
            self.connection,
            made,
            parts=self.parts,
            moves=self.moves,
            definitions=[Definition("sales", world.definition_id, world.definition_text)],
        )
        write_part(self.connection, made, parts=self.parts)
        self.moves.append(PointerMove(run_id, "publish", made.reported_at))

    def values(self, month: date = MARCH, *, run_id: str = "2") -> Reasons:
        """Give the reasons of the values that the second run restated, by unit."""
        return dict(
            self.connection.execute(
                "select unit_id, list_sort(reasons) from history.reported_value "
                "where run_id = ? and period_start_date = ?",
                [run_id, month],
            ).fetchall()
        )

    def scores(self, unit: str = "top", month: date = MARCH) -> Reasons:
        """Give the reasons of the scores that the second run restated, by node."""
        return dict(
            self.connection.execute(
                "select node_id, reasons from history.reported_score "
                "where run_id = '2' and unit_id = ? and period_start_date = ?",
                [unit, month],
            ).fetchall()
        )

    def unit_sets(self, month: date) -> dict[str, str]:
        """Give what the newest run's values are made of, by unit, as last reported."""
        return dict(
            self.connection.execute(
                "select unit_id, arg_max(unit_set_id, run_id) from history.reported_value "
                "where period_start_date = ? group by all",
                [month],
            ).fetchall()
        )


@pytest.fixture
def nights(tmp_path: Path) -> Nights:
    return Nights(tmp_path / "parts")


def restated(nights: Nights, before: World, after: World) -> Nights:
    nights.publish(before)
    nights.publish(after)
    return nights


def test_a_first_report_has_no_reasons(nights: Nights) -> None:
    nights.publish(World())
    rows = nights.connection.execute(
        "select reasons from history.reported_value union select reasons from history.reported_score"
    ).fetchall()
    assert rows == [([],)]


def test_late_data_are_the_reason_of_the_value_and_of_all_above(nights: Nights) -> None:
    late = World(sold=World().sold | {("s1", MARCH): 12})
    restated(nights, World(), late)
    assert nights.values() == {unit: ["late_data"] for unit in ("s1", "north", "top")}
    assert nights.scores() == {node: ["late_data"] for node in ("sales", "o", "p", "card")}


def test_a_changed_definition_hides_whether_data_were_late_as_well(nights: Nights) -> None:
    late = World(sold=World().sold | {("s1", MARCH): 12}, definition="d2")
    restated(nights, World(), late)
    assert nights.values()["top"] == ["changed_definition"]
    assert nights.scores()["card"] == ["changed_definition"]


def test_a_changed_definition_restates_what_stood_unchanged_too(nights: Nights) -> None:
    restated(nights, World(), World(definition="d2"))
    assert nights.values()["s3"] == ["changed_definition"]
    assert nights.scores("s3") == {"sales": ["changed_definition"]}


def test_another_way_of_scoring_reports_no_value_and_is_the_reason_of_scores_that_moved(
    nights: Nights,
) -> None:
    """The target stands for what moves scores here."""
    restated(nights, World(), World(scoring="steep", target=25))
    assert nights.values() == {}
    assert nights.scores()["sales"] == ["changed_definition", "changed_target"]
    assert nights.scores()["o"] == ["changed_definition", "changed_target"]


def test_another_way_of_scoring_is_no_reason_where_the_score_stays(nights: Nights) -> None:
    restated(nights, World(), World(scoring="steep"))
    assert nights.values() == {}
    assert nights.scores() == {"sales": []}
    query = "select distinct definition_id from history.score_as_reported('2026-05-07') where node_id = 'sales'"
    assert nights.connection.execute(query).fetchall() == [("d1steep",)]


def test_another_way_of_scoring_hides_no_late_data(nights: Nights) -> None:
    late = World(sold=World().sold | {("s1", MARCH): 12}, scoring="steep")
    restated(nights, World(), late)
    assert nights.values() == {unit: ["late_data"] for unit in ("s1", "north", "top")}
    assert nights.scores()["sales"] == ["changed_definition", "late_data"]
    assert nights.scores("s3") == {"sales": []}


def test_after_another_way_of_scoring_the_next_late_data_are_late_data_alone(
    nights: Nights,
) -> None:
    nights.publish(World())
    nights.publish(World(scoring="steep"))
    nights.publish(World(sold=World().sold | {("s1", MARCH): 12}, scoring="steep"))
    assert nights.values(run_id="3") == {unit: ["late_data"] for unit in ("s1", "north", "top")}
    found = nights.connection.execute(
        "select distinct reasons from history.reported_score where run_id = '3'"
    ).fetchall()
    assert found == [(["late_data"],)]


def test_a_changed_value_definition_after_another_way_of_scoring_is_told(nights: Nights) -> None:
    """The values that stand were reported with the definition before the last."""
    nights.publish(World())
    nights.publish(World(scoring="steep"))
    nights.publish(World(definition="d2", scoring="steep"))
    assert nights.values(run_id="3")["s3"] == ["changed_definition"]


def test_what_may_stand_in_for_longer_is_the_definitions_doing(nights: Nights) -> None:
    restated(nights, World(gone=True, max_age=0), World(stale=True, max_age=1, scoring="older"))
    assert nights.values(APRIL) == {}
    assert nights.scores(month=APRIL)["sales"] == ["changed_definition"]


def test_a_changed_target_changes_scores_and_no_value(nights: Nights) -> None:
    restated(nights, World(), World(target=25))
    assert nights.values() == {}
    assert nights.scores() == {node: ["changed_target"] for node in ("sales", "o", "p", "card")}


def test_a_changed_weight_is_told_at_the_node_and_at_its_parents(nights: Nights) -> None:
    restated(nights, World(), World(weights=(3, 1)))
    assert nights.scores() == {node: ["changed_weight"] for node in ("sales", "o", "p", "card")}


def test_weights_of_another_scale_are_no_reason_above(nights: Nights) -> None:
    """A parent is rolled up by shares: doubling every weight changes none."""
    both = World(weights=(2, 2), sold=World().sold | {("s1", MARCH): 12})
    restated(nights, World(), both)
    assert nights.scores()["sales"] == ["changed_weight", "late_data"]
    assert nights.scores()["o"] == ["late_data"]


def test_a_changed_gate_is_a_changed_definition_of_the_parent(nights: Nights) -> None:
    restated(nights, World(), World(gate=1000))
    assert nights.scores() == {node: ["changed_definition"] for node in ("o", "p", "card")}


def test_a_unit_under_another_parent_is_a_changed_unit_tree(nights: Nights) -> None:
    edited = World(parents=World().parents | {"s2": "south"})
    restated(nights, World(), edited)
    assert nights.values() == {unit: ["changed_unit_tree"] for unit in ("north", "south")}
    assert nights.scores("north")["o"] == ["changed_unit_tree"]


def test_a_move_that_is_dated_restates_only_what_came_after(nights: Nights) -> None:
    restated(nights, World(), World(moves=(("s2", "south", APRIL),)))
    assert nights.values(MARCH) == {}
    assert set(nights.values(APRIL)) == {"north", "south"}


def test_beside_a_changed_tree_late_data_are_seen_in_the_units_below(nights: Nights) -> None:
    both = World(parents=World().parents | {"s2": "south"}, sold=World().sold | {("s3", MARCH): 15})
    restated(nights, World(), both)
    assert nights.values() == {
        "s3": ["late_data"],
        "top": ["late_data"],
        "north": ["changed_unit_tree"],
        "south": ["changed_unit_tree", "late_data"],
    }


def test_points_of_another_parent_are_a_changed_unit_tree(nights: Nights) -> None:
    """No row of the targets changed: whoever edited them must not be asked why."""
    south = (("s2", "south", APRIL),)
    restated(
        nights,
        World(is_intensive=True),
        World(is_intensive=True, moves=south, points={"s2": 30}),
    )
    assert nights.scores("s2")["sales"] == ["changed_unit_tree"]


def test_what_is_held_back_because_of_new_siblings_is_a_changed_unit_tree(nights: Nights) -> None:
    """The shop's own rows are what they were: another one beside it could be worked out from it."""
    moved = World(parents=World().parents | {"s3": "north"}, suppressed=frozenset({"s1", "s3"}))
    restated(nights, World(suppressed=frozenset({"s3"})), moved)
    assert nights.values()["s1"] == ["changed_unit_tree"]


def test_what_is_held_back_in_the_same_tree_is_late_data(nights: Nights) -> None:
    restated(nights, World(), World(suppressed=frozenset({"s1"})))
    assert nights.values() == {"s1": ["late_data"]}


def test_numbers_that_are_held_back_by_now_are_no_longer_published(nights: Nights) -> None:
    """The ledger keeps what was reported: its own part still has the number."""
    restated(nights, World(), World(suppressed=frozenset({"s1"})))
    reported = nights.connection.execute(
        "select run_id, numerator, denominator, actual from history.reported_value "
        "where unit_id = 's1' and period_start_date = ? order by run_id",
        [MARCH],
    ).fetchall()
    assert reported == [("1", None, None, None), ("2", None, None, None)]
    kept = nights.connection.read_parquet(str(nights.parts / "1" / "reported_value.parquet"))
    assert kept.filter("unit_id = 's1'").project("actual").fetchall() == [(10,), (10,)]


def test_points_of_another_season_are_late_data(nights: Nights) -> None:
    restated(nights, World(phasing="seasonal"), World(phasing="seasonal", points={"s2": 30}))
    assert nights.scores("s2")["sales"] == ["late_data"]


def test_a_removed_unit_is_a_changed_unit_tree(nights: Nights) -> None:
    without = {unit: parent for unit, parent in World().parents.items() if unit != "s2"}
    sold = {key: value for key, value in World().sold.items() if key[0] != "s2"}
    restated(nights, World(), World(parents=without, sold=sold))
    assert nights.values() == {unit: ["changed_unit_tree"] for unit in ("s2", "north", "top")}


def test_an_unrelated_new_unit_is_no_reason_and_no_other_set(nights: Nights) -> None:
    opened = World(parents=World().parents | {"s4": "north"})
    late = replace(opened, sold=World().sold | {("s1", MARCH): 12, ("s4", APRIL): 1})
    restated(nights, World(), late)
    before = dict(
        nights.connection.execute(
            "select unit_id, unit_set_id from history.reported_value "
            "where run_id = '1' and period_start_date = ?",
            [MARCH],
        ).fetchall()
    )
    assert nights.values()["north"] == ["late_data"]
    assert nights.unit_sets(MARCH)["north"] == before["north"]


def test_the_unit_set_changes_when_what_an_old_period_is_made_of_does(nights: Nights) -> None:
    nights.publish(World())
    before = nights.unit_sets(MARCH)
    nights.publish(World(parents=World().parents | {"s2": "south"}))
    after = nights.unit_sets(MARCH)
    changed = {unit for unit in before if before[unit] != after[unit]}
    assert changed == {"north", "south"}


def test_a_unit_whose_rows_come_late_is_late_data_though_the_set_is_another(nights: Nights) -> None:
    sold = {key: value for key, value in World().sold.items() if key != ("s2", MARCH)}
    restated(nights, World(sold=sold), World())
    assert nights.values()["north"] == ["late_data"]


@pytest.mark.parametrize(
    "open_then",
    [World(as_of=date(2026, 4, 15)), World(provisional=frozenset([APRIL]))],
    ids=["open", "not covered"],
)
def test_what_was_provisional_is_not_restated(nights: Nights, open_then: World) -> None:
    marked = replace(open_then, provisional=frozenset([APRIL]))
    late = World(sold=World().sold | {("s1", APRIL): 12})
    restated(nights, marked, late)
    assert nights.values(APRIL)["s1"] == []


def test_data_that_end_a_stale_score_are_late_data(nights: Nights) -> None:
    restated(nights, World(stale=True), World())
    assert nights.scores(month=APRIL)["sales"] == ["late_data"]


def test_a_target_that_was_changed_with_the_rule_is_told_beside_it(nights: Nights) -> None:
    restated(nights, World(), World(target=25, definition="d2"))
    assert nights.scores()["sales"] == ["changed_definition", "changed_target"]


@pytest.mark.parametrize(
    ("after", "told"),
    [
        (World(scoring="steep", sold=World().sold | {("s1", MARCH): 12}), ["late_data"]),
        (World(definition="d2"), ["changed_definition"]),
    ],
    ids=["scored otherwise", "made otherwise"],
)
def test_definitions_of_an_older_version_are_compared_by_what_makes_the_value(
    nights: Nights, after: World, told: list[str]
) -> None:
    """Parts of format 2 do not say which part of a definition that is: it is taken from the text."""
    nights.publish(World())
    part = nights.parts / "1"
    header = json.loads((part / "part.json").read_text()) | {"format": 2}
    del header["seal"]  # came with format 4
    for file in header["files"]:
        path = part / file["name"]
        table = path.stem
        if table in {"reported_value", "definition"}:
            nights.connection.execute(
                f"copy (select * exclude (value_definition_id) from history.{table} where run_id = '1') "
                f"to '{path}' (format parquet)"
            )
            file["byte_count"] = path.stat().st_size
    (part / "part.json").write_text(json.dumps(header))
    nights.publish(after)
    assert nights.values()["top"] == told
    assert nights.values().get("s3", []) == [each for each in told if each != "late_data"]


def test_changes_of_an_organisation_without_reasons_are_read(nights: Nights) -> None:
    """Parts of format 1 lack reasons, units, points and whole tables."""
    nights.publish(World())
    part = nights.parts / "1"
    old = {
        "reported_value": "numerator, denominator, actual, definition_id, is_withdrawn",
        "reported_score": "actual, target, weight, score, band, data_state, coverage, is_withdrawn",
    }
    header = json.loads((part / "part.json").read_text()) | {"format": 1}
    del header["seal"]  # came with format 4
    for table, columns in old.items():
        keys = "kpi_id" if table == "reported_value" else "level, node_id"
        path = part / f"{table}.parquet"
        nights.connection.execute(
            f"copy (select run_id, {keys}, unit_id, period_start_date, grain, {columns} "
            f"from history.{table} where run_id = '1') to '{path}' (format parquet)"
        )
    kept = [file for file in header["files"] if file["name"].split(".")[0] in {*old, "definition"}]
    for file in header["files"]:
        path = part / file["name"]
        if file in kept:
            file["byte_count"] = path.stat().st_size
        else:
            path.unlink()
    (part / "part.json").write_text(json.dumps(header | {"files": kept}))
    nights.publish(World(sold=World().sold | {("s1", MARCH): 12}, target=25))
    assert nights.values() == {unit: ["late_data"] for unit in ("s1", "north", "top")}
    assert nights.scores()["o"] == ["late_data"]
    first = nights.connection.execute(
        "select distinct reasons, unit_set_id from history.reported_value where run_id = '1'"
    ).fetchall()
    assert first == [(None, None)]


As = Callable[[str, str], list[tuple[object, ...]]]


@pytest.fixture
def asked(nights: Nights) -> As:
    """Publish a world on 6 May, another on 7 May; ask what stood reported on a day."""
    restated(
        nights,
        World(),
        World(sold=World().sold | {("s1", MARCH): 12}, target=25, weights=(3, 1), definition="d2"),
    )

    def ask(query: str, day: str) -> list[tuple[object, ...]]:
        return nights.connection.execute(query, {"day": day}).fetchall()

    return ask


def test_last_marchs_score_as_reported_on_a_day_and_as_known_now(asked: As) -> None:
    query = (
        "select score, weight, definition_id, json_extract(points, '$[0].value')::double "
        "from history.score_as_reported($day::date) where node_id = 'sales' and unit_id = 'top' "
        "and period_start_date = date '2026-03-01'"
    )
    assert asked(query, "2026-05-06") == [(150.0, 1.0, "d1", 20.0)]
    assert asked(query, "2026-05-07") == [(128.0, 3.0, "d2", 25.0)]
    assert asked(query, "2026-05-05") == []


@pytest.mark.parametrize(
    ("query", "then", "now"),
    [
        ("select actual from history.value_as_reported($day) where unit_id = 'top' and period_start_date = date '2026-03-01'", 30.0, 32.0),
        ("select json_extract(points, 'target')::double from history.target_as_reported($day)", 20.0, 25.0),
        ("select weight from history.weight_as_reported($day) where node_id = 'sales'", 1.0, 3.0),
        ("select json_extract_string(definition_json, 'is') from history.definition_as_reported($day) where node_id = 'sales'", "d1", "d2"),
    ],
)  # fmt: skip
def test_values_targets_weights_and_definitions_can_be_asked_as_reported(
    asked: As, query: str, then: object, now: object
) -> None:
    assert asked(query, "2026-05-06") == [(then,)]
    assert asked(query, "2026-05-07") == [(now,)]


def test_after_a_rollback_what_stood_on_each_day_is_told(nights: Nights) -> None:
    """A wrong night stood for a day before it was taken back: on that day it was what people read."""
    restated(nights, World(), World(sold=World().sold | {("s1", MARCH): 999}))
    back = datetime(2026, 5, 8, 3, tzinfo=UTC)
    nights.moves.append(PointerMove("1", "rollback", back))
    made = report("4", "1", World().as_of)
    connection = warehouse(World())
    history_tables(connection, made, parts=nights.parts, moves=nights.moves, definitions=[])
    stood = [
        connection.execute(
            "select actual from history.value_as_reported(?::date) "
            "where unit_id = 'top' and period_start_date = date '2026-03-01'",
            [day],
        ).fetchall()
        for day in ("2026-05-06", "2026-05-07", "2026-05-08", "2026-05-09")
    ]
    assert stood == [[(30.0,)], [(1019.0,)], [(30.0,)], [(30.0,)]]
