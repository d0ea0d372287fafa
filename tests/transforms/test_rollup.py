"""Rolling up, sentence by sentence of the method, from scores as they are given."""

import math
from datetime import date
from typing import Any

import duckdb
import pytest

from tests.transforms.given_scores import AUGUST, JULY, one_objective, rolled_up
from tests.transforms.small_scorecard import kpi


def found(
    connection: duckdb.DuckDBPyConnection, table: str = "objective_score", **keys: Any
) -> dict[str, Any]:
    """Give the one row of August, by default the objective's."""
    keys = {"unit_id": "all", "period_start_date": AUGUST, **keys}
    where = " and ".join(f"{name} = ${name}" for name in keys)
    answer = connection.execute(f"select * from scorecard.{table} where {where}", keys)
    names = [column[0] for column in answer.description or []]
    (row,) = answer.fetchall()
    return dict(zip(names, row, strict=True))


def tree(**scores: list[list[float | None]]) -> tuple[list[dict[str, Any]], list[Any]]:
    """Give perspectives whose objectives have KPIs with these scores, and the scores."""
    perspectives, given = [], []
    for perspective, objectives in scores.items():
        listed = []
        for number, kpis in enumerate(objectives):
            objective = f"{perspective}_{number}"
            names = [f"{objective}_{place}" for place in range(len(kpis))]
            listed.append({"id": objective, "name": objective, "owner": "Owner",
                           "kpis": [kpi(name) for name in names]})  # fmt: skip
            given += [(n, "all", AUGUST, s, "") for n, s in zip(names, kpis, strict=True)]
        perspectives.append({"id": perspective, "name": perspective, "objectives": listed})
    return perspectives, given


class TestScore:
    @pytest.mark.parametrize(
        ("roll_up", "score"),
        [("weighted_mean", 60), ("worst", 40), ("best", 90), ("geometric", 40**0.6 * 90**0.4)],
    )
    def test_is_that_of_the_named_roll_up(self, roll_up: str, score: float) -> None:
        with one_objective([40, 90], [3, 2], objective={"roll_up": roll_up}) as warehouse:
            assert found(warehouse)["score"] == pytest.approx(score)

    @pytest.mark.parametrize("roll_up", ["weighted_mean", "worst", "best", "geometric"])
    def test_leaves_out_what_has_no_score_and_what_has_no_weight(self, roll_up: str) -> None:
        scores, weights = [None, 0, 100, 50], [1, 0, 0, 1]
        with one_objective(scores, weights, objective={"roll_up": roll_up}) as warehouse:
            row = found(warehouse)
            assert row["score"] == pytest.approx(50)
            assert row["coverage"] == 0.5
            assert row["weakest_child_id"] == "d"

    def test_of_a_geometric_mean_is_zero_with_a_zero_anywhere(self) -> None:
        with one_objective([0, 100, 90], objective={"roll_up": "geometric"}) as warehouse:
            assert found(warehouse)["score"] == 0

    @pytest.mark.parametrize(
        ("roll_up", "score"), [("weighted_mean", 105), ("best", 130), ("worst", 80)]
    )
    def test_counts_a_child_above_100_as_its_cap_lets_it(self, roll_up: str, score: float) -> None:
        """Scores stand above 100 where a cap says so; the balance of result alone takes them as at most 100."""
        with one_objective([130, 80], objective={"roll_up": roll_up}) as warehouse:
            assert found(warehouse)["score"] == pytest.approx(score)
            assert found(warehouse, "scorecard_score")["score"] == pytest.approx(score)
            assert found(warehouse, "scorecard_score")["points_lost"] == pytest.approx(100 - score)

    def test_never_leaves_the_range_of_the_children_that_count(self) -> None:
        """Seven shares of a seventh once made 100.00000000000001 of seven times 100."""
        for score in (100.0, 66.67, 0.1):
            weights = [0.1 + place / 7 for place in range(7)]
            for roll_up in ("weighted_mean", "geometric"):
                with one_objective([score] * 7, weights, objective={"roll_up": roll_up}) as made:
                    assert found(made)["score"] == score

    def test_does_not_depend_on_the_scale_of_weights(self) -> None:
        answers = set()
        for scale in (1, 4, 1024):
            with one_objective([90, 50, 20], [scale, 2 * scale, 5 * scale]) as warehouse:
                answers.add(found(warehouse)["score"])
        assert len(answers) == 1

    @pytest.mark.parametrize(
        ("starts", "score"),
        [("2026-08-31", 50), ("2026-09-01", 90)],
    )
    def test_takes_the_weights_of_the_periods_last_day(self, starts: str, score: float) -> None:
        later = [{"valid_from": "2020-01-01", "weight": 1}, {"valid_from": starts, "weight": 0}]
        sooner = [{"valid_from": "2020-01-01", "weight": 0}, {"valid_from": starts, "weight": 1}]
        with one_objective([90, 50], [later, sooner]) as warehouse:
            assert found(warehouse)["score"] == pytest.approx(score)

    def test_does_not_count_a_child_before_its_first_weight(self) -> None:
        with one_objective([90, 50], [1, [{"valid_from": "2026-09-01", "weight": 9}]]) as warehouse:
            row = found(warehouse)
            assert (row["score"], row["coverage"]) == (90, 1)


class TestCoverage:
    def test_is_half_where_every_objective_lacks_half_its_kpis(self) -> None:
        perspectives, given = tree(one=[[90, None], [None, 40]], two=[[10, None]])
        with rolled_up(perspectives, given) as warehouse:
            assert found(warehouse, "scorecard_score")["coverage"] == 0.5
            for perspective in ("one", "two"):
                row = found(warehouse, "perspective_score", perspective_id=perspective)
                assert row["coverage"] == 0.5
                assert row["score"] is not None

    def test_counts_by_weight(self) -> None:
        with one_objective([90, None, None], [2, 1, 1]) as warehouse:
            assert found(warehouse)["coverage"] == 0.5

    @pytest.mark.parametrize(("least", "score"), [(0.5, 90), (0.51, None), (0, 90), (1, None)])
    def test_below_the_least_gives_no_score(self, least: float, score: float | None) -> None:
        with one_objective([90, None], strategy={"min_coverage": least}) as warehouse:
            row = found(warehouse)
            assert (row["score"], row["coverage"]) == (score, 0.5)
            assert (row["band"] is None) == (score is None)

    @pytest.mark.parametrize("weights", [(1, 1, 1), (0.1, 0.1, 0.1), (0.7, 0.7, 0.7)])
    def test_is_held_against_the_least_without_the_last_digits_of_doubles(
        self, weights: tuple[float, ...]
    ) -> None:
        strategy = {"min_coverage": 2 / 3}
        with one_objective([90, 90, None], weights, strategy=strategy) as warehouse:
            assert found(warehouse)["score"] == 90

    def test_of_an_objective_without_a_score_counts_for_its_perspective(self) -> None:
        """An objective below its least coverage is covered as far as it is, and gives no score."""
        perspectives, given = tree(one=[[90, None, None], [60, 60, 60]])
        with rolled_up(perspectives, given) as warehouse:
            row = found(warehouse, "perspective_score")
            assert row["coverage"] == pytest.approx((1 / 3 + 1) / 2)
            assert row["score"] == 60

    def test_of_nothing_is_none(self) -> None:
        with one_objective([None, None]) as warehouse:
            row = found(warehouse)
            assert (row["score"], row["coverage"], row["data_state"]) == (None, 0, "no_data")
            assert row["weakest_child_id"] is None


class TestGate:
    @pytest.mark.parametrize("score", [None, 49.99])
    @pytest.mark.parametrize("weight", [0, 0.001])
    def test_of_a_kpi_holds_the_band_whatever_its_weight(
        self, score: float | None, weight: float
    ) -> None:
        with one_objective([score, 100], [weight, 9], a={"gate": 50}) as warehouse:
            row = found(warehouse)
            assert row["score"] > 99
            assert (row["band"], row["is_gated"]) == ("at_risk", True)

    @pytest.mark.parametrize("score", [50, 49.996])
    def test_is_met_at_its_edge_after_rounding(self, score: float) -> None:
        with one_objective([score, 100], [1, 9], a={"gate": 50}) as warehouse:
            row = found(warehouse)
            assert (row["band"], row["is_gated"]) == ("on_track", False)

    def test_lifts_no_band(self) -> None:
        with one_objective([20, 30], a={"gate": 50}) as warehouse:
            assert found(warehouse)["band"] == "off_track"

    def test_of_an_objective_holds_its_perspective(self) -> None:
        perspectives, given = tree(one=[[40], [100], [100]])
        perspectives[0]["objectives"][0]["gate"] = 50
        with rolled_up(perspectives, given) as warehouse:
            row = found(warehouse, "perspective_score")
            assert (row["score"], row["band"], row["is_gated"]) == (80, "at_risk", True)
            assert not found(warehouse, objective_id="one_0")["is_gated"]
            assert found(warehouse, "scorecard_score")["band"] == "on_track"


class TestState:
    def test_a_parent_is_marked_with_what_is_unverified_below(self) -> None:
        """Broken input leaves a gap; the parent says so at every level, though its score may rise."""
        perspectives, given = tree(one=[[None, 90]], two=[[80, 80]])
        given[0] = (*given[0][:4], "unverified")
        with rolled_up(perspectives, given) as warehouse:
            for table in ("objective_score", "perspective_score"):
                first = f"{table.removesuffix('_score')}_id"
                named = {first: "one_0" if table == "objective_score" else "one"}
                assert found(warehouse, table, **named)["data_state"] == "unverified"
            top = found(warehouse, "scorecard_score")
            assert (top["data_state"], top["coverage"]) == ("unverified", 0.75)

    def test_a_stale_child_counts_and_marks(self) -> None:
        with one_objective([90, 50]) as warehouse:
            assert found(warehouse)["data_state"] == "current"
        perspectives, given = tree(one=[[90, 50]])
        given[0] = (*given[0][:4], "stale")
        with rolled_up(perspectives, given) as warehouse:
            assert (found(warehouse)["score"], found(warehouse)["data_state"]) == (70, "stale")

    @pytest.mark.parametrize(("gate", "state"), [(None, "current"), (50, "unverified")])
    def test_a_child_without_weight_marks_where_its_gate_has_a_say(
        self, gate: int | None, state: str
    ) -> None:
        perspectives, given = tree(one=[[None, 90]])
        perspectives[0]["objectives"][0]["kpis"][0] |= {"weight": 0, "gate": gate}
        given[0] = (*given[0][:4], "unverified")
        with rolled_up(perspectives, given) as warehouse:
            assert found(warehouse)["data_state"] == state

    def test_what_is_off_track_is_counted_at_every_level_above(self) -> None:
        perspectives, given = tree(one=[[10, 100, 100, 100], [100]], two=[[20, 100, 100, 100, 100]])
        with rolled_up(perspectives, given) as warehouse:
            top = found(warehouse, "scorecard_score")
            assert (top["band"], top["off_track_below_count"]) == ("on_track", 2)
            one = found(warehouse, "perspective_score", perspective_id="one")
            assert one["off_track_below_count"] == 1
            assert found(warehouse, objective_id="one_1")["off_track_below_count"] == 0


class TestCost:
    def costs(self, warehouse: duckdb.DuckDBPyConnection) -> dict[str, float | None]:
        return dict(warehouse.execute(
            "select child_id, points_lost from scorecard.child_cost where parent_id = 'o'"
        ).fetchall())  # fmt: skip

    def test_of_scored_children_adds_up_to_what_the_mean_lacks(self) -> None:
        with one_objective([90, 130, None, 20], [1, 2, 5, 3], strategy={"min_coverage": 0}) as made:
            costs = self.costs(made)
            assert costs["b"] == pytest.approx(-2 / 6 * 30)
            assert costs["c"] is None
            assert math.fsum(cost or 0 for cost in costs.values()) == pytest.approx(
                100 - found(made)["score"]
            )

    def test_names_the_weakest_the_costlier_of_equals_then_the_first(self) -> None:
        with one_objective([40, 40, 90], [1, 2, 9]) as warehouse:
            assert found(warehouse)["weakest_child_id"] == "b"
        with one_objective([40, 40, 90], [1, 1, 9]) as warehouse:
            assert found(warehouse)["weakest_child_id"] == "a"


class TestBalance:
    @pytest.mark.parametrize(
        ("scores", "balance"),
        [
            ((50, 50, 50, 50), 100),
            ((80, 60, 70, 65), 80),
            ((100, 0, 0, 0), 0),
            ((150, 120, 90), 90),
        ],
    )
    def test_of_result_takes_scores_as_at_most_100(
        self, scores: tuple[float, ...], balance: float
    ) -> None:
        perspectives, given = tree(**{f"p{place}": [[score]] for place, score in enumerate(scores)})
        with rolled_up(perspectives, given) as warehouse:
            assert found(warehouse, "balance")["result_balance"] == pytest.approx(balance)

    @pytest.mark.parametrize(
        ("weights", "balance"),
        [((60, 10, 10, 20), 78.55), ((1, 1, 1, 1), 100), ((1, 0, 0, 0), 0), ((1, 1, 0, 0), 50)],
    )
    def test_of_weight_is_the_share_of_the_greatest_entropy(
        self, weights: tuple[float, ...], balance: float
    ) -> None:
        perspectives, given = tree(**{f"p{place}": [[50]] for place in range(len(weights))})
        weighed = [
            one | {"weight": weight} for one, weight in zip(perspectives, weights, strict=True)
        ]
        with rolled_up(weighed, given) as warehouse:
            made = found(warehouse, "balance")["weight_balance"]
            assert made == pytest.approx(balance, abs=0.005)
            assert math.copysign(1, made) == 1

    @pytest.mark.parametrize(
        ("month", "balance"), [(AUGUST, 86.50), (JULY, 94.64)], ids=["60", "20 until then"]
    )
    def test_of_weight_counts_a_perspective_that_has_no_kpi(
        self, month: date, balance: float
    ) -> None:
        """20/20/60 with nothing measured in the 60: most of the weight lies where nothing is seen."""
        perspectives, given = tree(p0=[[50]], p1=[[80]])
        weighed = [one | {"weight": 20} for one in perspectives]
        dated = [
            {"valid_from": "2026-01-01", "weight": 40},
            {"valid_from": "2026-08-31", "weight": 60},
        ]
        bare = {"id": "o_p2", "name": "O", "owner": "Owner", "kpis": []}
        empty = {"id": "p2", "name": "P", "weight": dated, "objectives": [bare]}
        july = [(name, unit, JULY, score, state) for name, unit, _, score, state in given]
        with rolled_up([*weighed, empty], [*given, *july]) as warehouse:
            made = found(warehouse, "balance", period_start_date=month)
            assert made["weight_balance"] == pytest.approx(balance, abs=0.005)
            assert made["result_balance"] == pytest.approx(70)
            assert (made["highest_perspective_id"], made["lowest_perspective_id"]) == ("p1", "p0")

    def test_leaves_out_a_perspective_whose_kpis_do_not_apply(self) -> None:
        perspectives, given = tree(p0=[[50]], p1=[[80]], p2=[[60]])
        elsewhere = [row for row in given if not row[0].startswith("p2")]
        weighed = [one | {"weight": w} for one, w in zip(perspectives, (20, 20, 60), strict=True)]
        with rolled_up(weighed, elsewhere) as warehouse:
            assert found(warehouse, "balance")["weight_balance"] == pytest.approx(100)

    def test_needs_two_perspectives(self) -> None:
        with one_objective([50]) as warehouse:
            assert warehouse.execute("from scorecard.balance").fetchall() == []
