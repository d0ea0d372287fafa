"""Scoring, from components to scorecard, against worked examples of the method."""

import math
from collections.abc import Iterator
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.transforms.small_scorecard import (
    MONTHS,
    SEPTEMBER,
    SmallScorecard,
    kpi,
    row,
    scored,
    value,
)
from transforms.steps import step_text


@pytest.fixture(scope="module")
def rules() -> Iterator[duckdb.DuckDBPyConnection]:
    """Give a connection that knows the scoring rules."""
    with duckdb.connect() as connection:
        connection.execute(step_text("macros"))
        yield connection


def linear(
    rules: duckdb.DuckDBPyConnection, actual: float, red: float, target: float,
    worst: float | None = None, best: float | None = None,
) -> float:  # fmt: skip
    """Score one actual with the SQL that the warehouse uses."""
    worst = 2 * red - target if worst is None else worst
    best = 2 * target - red if best is None else best
    answer = rules.execute(
        "select score_linear($a::double, $w::double, $r::double, $t::double, $b::double)",
        {"a": actual, "w": worst, "r": red, "t": target, "b": best},
    ).fetchone()
    assert answer is not None
    return float(answer[0])


class TestLinearRule:
    """Spider Impact's goal and red flag rule, times ten."""

    @pytest.mark.parametrize(
        ("actual", "score"), [(300, 0), (500, 100 / 3), (600, 50), (700, 200 / 3), (900, 100)]
    )
    def test_scores_the_worked_values(
        self, rules: duckdb.DuckDBPyConnection, actual: float, score: float
    ) -> None:
        assert linear(rules, actual, red=500, target=700) == pytest.approx(score, abs=1e-9)

    @pytest.mark.parametrize(
        ("actual", "score"), [(900, 0), (700, 100 / 3), (600, 50), (500, 200 / 3), (300, 100)]
    )
    def test_mirrors_where_lower_is_better(
        self, rules: duckdb.DuckDBPyConnection, actual: float, score: float
    ) -> None:
        assert linear(rules, actual, red=700, target=500) == pytest.approx(score, abs=1e-9)

    def test_bends_at_given_ends(self, rules: duckdb.DuckDBPyConnection) -> None:
        assert linear(rules, 750, 500, 700, worst=0, best=800) == pytest.approx(250 / 3, abs=1e-9)
        assert linear(rules, 250, 500, 700, worst=0, best=800) == pytest.approx(50 / 3, abs=1e-9)

    @given(
        st.floats(-1e9, 1e9), st.floats(-1e9, 1e9), st.floats(-1e6, 1e6), st.floats(1e-3, 1e6),
        st.booleans(),
    )  # fmt: skip
    def test_is_monotone_and_stays_within_0_and_100(
        self, a: float, b: float, red: float, gap: float, falls: bool
    ) -> None:
        target = red - gap if falls else red + gap
        low, high = sorted((a, b), reverse=falls)
        with duckdb.connect() as connection:
            connection.execute(step_text("macros"))
            first, second = (linear(connection, each, red, target) for each in (low, high))
        assert 0 <= first <= second + 1e-9
        assert second <= 100


class TestTargets:
    """Which scoring points a period is scored with."""

    def test_are_those_valid_at_the_periods_end(self, tmp_path: Path) -> None:
        card = SmallScorecard(
            kpis=[kpi("m")],
            targets=[
                {"kpi": "m", "unit": "all", "red": 0, "target": 10},
                {
                    "kpi": "m",
                    "unit": "all",
                    "red": 0,
                    "target": 20,
                    "valid_from": date(2026, 9, 30),
                },
                {
                    "kpi": "m",
                    "unit": "all",
                    "red": 0,
                    "target": 40,
                    "valid_from": date(2026, 10, 1),
                },
            ],
        )
        card.add("m", [("south", month, 10) for month in MONTHS])
        with card.scored(tmp_path) as warehouse:
            assert scored(warehouse, "m")["target"] == 20
            before = scored(warehouse, "m", period_start_date=date(2026, 8, 1))
            assert (before["target"], before["band"]) == (10, "on_track")

    def test_of_additive_kpis_add_up_over_the_period(self, tmp_path: Path) -> None:
        card = SmallScorecard(
            kpis=[kpi("m")],
            targets=[
                {"kpi": "m", "unit": "all", "per": "year", "red": 600, "target": 1200},
                {"kpi": "m", "unit": "south", "per": "quarter", "red": 30, "target": 60},
            ],
        )
        card.add("m", [("south", month, 10) for month in MONTHS])
        with card.scored(tmp_path) as warehouse:
            assert scored(warehouse, "m")["target"] == 100
            assert scored(warehouse, "m", grain="ytd")["target"] == 900
            assert scored(warehouse, "m", grain="ttm", unit_id="south")["target"] == 240

    def test_given_for_a_quarters_or_years_very_length_stand_before_the_sum_of_months(
        self, tmp_path: Path
    ) -> None:
        """A target per year was once ignored beside targets per month."""
        card = SmallScorecard(
            kpis=[kpi("m")],
            targets=[
                {"kpi": "m", "unit": "all", "red": 10, "target": 20},
                {"kpi": "m", "unit": "all", "per": "quarter", "red": 40, "target": 70},
                {"kpi": "m", "unit": "all", "per": "year", "red": 100, "target": 300},
            ],
        )
        card.add("m", [("south", month, 10) for month in MONTHS])
        with card.scored(tmp_path) as warehouse:
            targets = {
                (grain, first): scored(warehouse, "m", grain=grain, period_start_date=first)["target"]
                for grain, first in [
                    ("month", SEPTEMBER), ("quarter", date(2026, 7, 1)), ("year", date(2025, 1, 1)),
                    ("ytd", SEPTEMBER),
                ]
            }  # fmt: skip
            assert list(targets.values()) == [20, 70, 300, 180]

    @pytest.mark.parametrize(
        ("form", "state"), [("relative", "current"), ("absolute", "no_target")]
    )
    def test_of_an_absolute_change_are_not_inherited(
        self, tmp_path: Path, form: str, state: str
    ) -> None:
        """An amount of money for the whole company is no target for one department."""
        change = {"against": "previous", "form": form}
        card = SmallScorecard(
            kpis=[kpi("step", measure="m", change=change)],
            targets=[{"kpi": "step", "unit": "all", "red": 0, "target": 1}],
        )
        card.add("m", [("south", month, i) for i, month in enumerate(MONTHS, 1)])
        with card.scored(tmp_path) as warehouse:
            assert scored(warehouse, "step", unit_id="south")["data_state"] == state

    @pytest.mark.parametrize(("aggregation", "state"), [("ratio", "current"), ("sum", "no_target")])
    def test_are_inherited_from_above_where_the_kpi_is_intensive(
        self, tmp_path: Path, aggregation: str, state: str
    ) -> None:
        card = SmallScorecard(
            kpis=[kpi("m", aggregation=aggregation)],
            targets=[
                {"kpi": "m", "unit": "all", "red": 0, "target": 1},
                {"kpi": "m", "unit": "north", "red": 0, "target": 2},
            ],
        )
        amount = (1, 2) if aggregation == "ratio" else 1
        card.add("m", [("n1", SEPTEMBER, amount), ("south", SEPTEMBER, amount)])
        with card.scored(tmp_path) as warehouse:
            south = scored(warehouse, "m", unit_id="south")
            assert south["data_state"] == state
            if aggregation == "ratio":
                assert south["target"] == 1
                assert scored(warehouse, "m", unit_id="n1")["target"] == 2


class TestDataState:
    """Missing, late and rejected data are statuses, and are never shown as good."""

    def card(self, **changes: Any) -> SmallScorecard:
        card = SmallScorecard(
            kpis=[kpi("m", **changes)],
            targets=[{"kpi": "m", "unit": "all", "red": 10, "target": 20}],
            data_as_of=date(2026, 8, 31),
        )
        card.add("m", [("south", month, i) for i, month in enumerate(MONTHS[:-1], 1)])
        return card

    def test_the_last_good_value_stands_in_for_a_late_one(self, tmp_path: Path) -> None:
        with self.card().scored(tmp_path) as warehouse:
            found = scored(warehouse, "m")
            assert (found["data_state"], found["actual"]) == ("stale", 32)
            assert found["value_period_start_date"] == date(2026, 8, 1)
            assert found["change_previous"] is None

    @pytest.mark.parametrize(("broken", "state"), [(True, "unverified"), (False, "no_data")])
    def test_until_it_is_too_old(self, tmp_path: Path, broken: bool, state: str) -> None:
        card = self.card(max_age=0)
        card.broken = frozenset({"m"} if broken else ())
        with card.scored(tmp_path) as warehouse:
            found = scored(warehouse, "m")
            assert (found["data_state"], found["score"], found["coverage"]) == (state, None, 0)
            objective = row(
                warehouse, "scorecard.objective_score", objective_id="o", unit_id="all",
                grain="month", period_start_date=SEPTEMBER,
            )  # fmt: skip
            assert objective["data_state"] == state
            assert objective["score"] is None

    def test_rows_of_an_unknown_unit_make_the_period_unverified(self, tmp_path: Path) -> None:
        card = self.card()
        card.unplaced = [("m", "nowhere", date(2026, 8, 1))]
        with card.scored(tmp_path) as warehouse:
            august = scored(warehouse, "m", period_start_date=date(2026, 8, 1))
            assert (august["data_state"], august["score"]) == ("unverified", None)
            assert (
                scored(warehouse, "m", period_start_date=date(2026, 7, 1))["data_state"]
                == "current"
            )

    def test_too_few_observations_are_held_back(self, tmp_path: Path) -> None:
        card = SmallScorecard(kpis=[kpi("nps", aggregation="score", min_observations=5)])
        card.add("nps", [("n1", SEPTEMBER, (1, 4)), ("south", SEPTEMBER, (3, 9))])
        with card.scored(tmp_path) as warehouse:
            held = value(warehouse, "nps", unit_id="n1")
            assert held["is_suppressed"]
            assert (held["actual"], held["numerator"], held["observations_count"]) == (None,) * 3
            assert value(warehouse, "nps")["actual"] == 4 / 13

    def test_what_is_held_back_is_not_published_as_components_either(self, tmp_path: Path) -> None:
        """A suppressed cell once stood beside itself in measure.component."""
        card = SmallScorecard(kpis=[kpi("nps", aggregation="score", min_observations=5)])
        card.add("nps", [("n1", SEPTEMBER, (1, 4)), ("south", SEPTEMBER, (3, 9))])
        with card.scored(tmp_path) as warehouse:
            shown = warehouse.execute(
                "select unit_id, numerator, denominator, observations_count from measure.component "
                "order by unit_id"
            ).fetchall()
            # south, too: what is all but south is n1
            assert shown == [("n1", None, None, None), ("south", None, None, None)]
            assert value(warehouse, "nps")["actual"] == 4 / 13

    def test_the_open_month_is_provisional_and_not_scored(self, tmp_path: Path) -> None:
        card = self.card()
        card.data_as_of = date(2026, 10, 4)
        card.add("m", [("south", date(2026, 10, 1), 3)])
        with card.scored(tmp_path) as warehouse:
            october = {"period_start_date": date(2026, 10, 1)}
            assert value(warehouse, "m", **october)["is_provisional"]
            count = warehouse.execute(
                "select count(*) from scorecard.kpi_score where period_start_date >= '2026-10-01'"
            ).fetchone()
            assert count == (0,)


class TestRollUp:
    """KPI to objective to perspective to scorecard."""

    def two(self, tmp_path: Path, weights: tuple[Any, Any], scores: tuple[float | None, float | None],
            **changes: Any) -> duckdb.DuckDBPyConnection:  # fmt: skip
        """Score an objective over two KPIs that have these weights and scores."""
        card = SmallScorecard(
            kpis=[kpi(name, weight=weight, **changes.pop(name, {}))
                  for name, weight in zip("ab", weights, strict=True)],
            targets=[{"kpi": name, "unit": "all", "worst": 0, "red": "33.333333333",
                      "target": "66.666666667", "best": 100} for name in "ab"],
            **changes,
        )  # fmt: skip
        for name, score in zip("ab", scores, strict=True):
            card.add(name, [("south", SEPTEMBER, score)] if score is not None else [])
        return card.scored(tmp_path)

    def objective(self, warehouse: duckdb.DuckDBPyConnection) -> dict[str, Any]:
        return row(warehouse, "scorecard.objective_score", objective_id="o", unit_id="all",
                   grain="month", period_start_date=SEPTEMBER)  # fmt: skip

    @pytest.mark.parametrize(("weights", "score"), [((50, 50), 70), ((90, 10), 86), ((1, 0), 90)])
    def test_is_the_weighted_mean(
        self, tmp_path: Path, weights: tuple[int, int], score: float
    ) -> None:
        with self.two(tmp_path, weights, (90, 50)) as warehouse:
            found = self.objective(warehouse)
            assert found["score"] == pytest.approx(score, abs=1e-6)
            assert found["coverage"] == 1

    def test_uses_the_weights_of_the_time(self, tmp_path: Path) -> None:
        later = (
            {"valid_from": "2020-01-01", "weight": 1},
            {"valid_from": "2026-09-15", "weight": 9},
        )
        with self.two(tmp_path, (later, 1), (90, 50)) as warehouse:
            assert self.objective(warehouse)["score"] == pytest.approx(86, abs=1e-6)

    def test_redistributes_a_missing_childs_weight_and_lowers_coverage(
        self, tmp_path: Path
    ) -> None:
        with self.two(tmp_path, (60, 40), (90, None)) as warehouse:
            found = self.objective(warehouse)
            assert found["score"] == pytest.approx(90, abs=1e-6)
            assert found["coverage"] == pytest.approx(0.6)

    def test_gives_no_score_below_the_minimum_coverage(self, tmp_path: Path) -> None:
        with self.two(tmp_path, (60, 40), (None, 90)) as warehouse:
            found = self.objective(warehouse)
            assert (found["score"], found["data_state"]) == (None, "no_data")
            assert found["coverage"] == pytest.approx(0.4)

    @pytest.mark.parametrize("score_of_a", [20.0, None])
    def test_a_gate_holds_the_parents_band(self, tmp_path: Path, score_of_a: float | None) -> None:
        with self.two(tmp_path, (1, 9), (score_of_a, 100), a={"gate": 50}) as warehouse:
            found = self.objective(warehouse)
            assert found["score"] > 90
            assert (found["band"], found["is_gated"]) == ("at_risk", True)

    def test_says_what_is_off_track_below_and_what_cost_most(self, tmp_path: Path) -> None:
        with self.two(tmp_path, (1, 9), (10, 90)) as warehouse:
            found = self.objective(warehouse)
            assert (found["band"], found["off_track_below_count"]) == ("on_track", 1)
            assert found["weakest_child_id"] == "a"
            cost = dict(warehouse.execute(
                "select child_id, points_lost from scorecard.child_cost where parent_id = 'o'"
                " and unit_id = 'all' and grain = 'month' and period_start_date = '2026-09-01'"
            ).fetchall())  # fmt: skip
            assert cost["a"] == pytest.approx(9, abs=1e-6)
            assert cost["b"] == pytest.approx(9, abs=1e-6)
            assert math.fsum(cost.values()) == pytest.approx(100 - found["score"], abs=1e-9)


def test_balance_matches_the_worked_vectors(tmp_path: Path) -> None:
    """60/10/10/20 balances at 78.55; 80/60/70/65 differ by twenty."""
    weights, scores = (60, 10, 10, 20), (80, 60, 70, 65)
    card = SmallScorecard(perspectives=[
        {"id": f"p{i}", "name": "P", "weight": weight, "objectives": [
            {"id": f"o{i}", "name": "O", "owner": "Owner", "kpis": [kpi(f"k{i}")]}]}
        for i, weight in enumerate(weights)
    ], targets=[{"kpi": f"k{i}", "unit": "all", "worst": 0, "red": "33.333333333",
                 "target": "66.666666667", "best": 100} for i in range(4)])  # fmt: skip
    for i, score in enumerate(scores):
        card.add(f"k{i}", [("south", SEPTEMBER, score)])
    with card.scored(tmp_path) as warehouse:
        found = row(warehouse, "scorecard.balance", unit_id="all", grain="month",
                    period_start_date=SEPTEMBER)  # fmt: skip
        assert round(found["weight_balance"], 2) == 78.55
        assert found["result_balance"] == pytest.approx(80, abs=1e-6)
        assert (found["highest_perspective_id"], found["lowest_perspective_id"]) == ("p0", "p1")


def test_usual_range_matches_the_worked_vector(tmp_path: Path) -> None:
    """10, 12, 11, 13, 12 give limits 7.61 and 15.59; here as a baseline of twelve with the same mean and range."""
    series = [10, 12, 11, 13, 12, 10, 12, 11, 13, 12, 10, 12]
    card = SmallScorecard(kpis=[kpi("m")])
    card.add("m", [("south", m, x) for m, x in zip(MONTHS[-13:], [*series, 40], strict=True)])
    mean = sum(series) / 12
    moving = sum(abs(b - a) for a, b in pairwise(series)) / 11
    with card.scored(tmp_path) as warehouse:
        found = scored(warehouse, "m")
        assert found["usual_mean"] == pytest.approx(mean)
        assert found["usual_high"] == pytest.approx(mean + 2.66 * moving)
        assert found["signal"] == "high"
        calm = scored(warehouse, "m", period_start_date=date(2026, 8, 1))
        assert calm["signal"] is None


def test_scoring_twice_gives_the_same_bytes(tmp_path: Path) -> None:
    """Two threads once added floating weights in another order, and a score differed in its last digit."""
    answers = []
    for attempt in ("a", "b"):
        folder = tmp_path / attempt
        folder.mkdir()
        card = SmallScorecard(kpis=[kpi(f"k{i}", weight=0.1 + i / 7) for i in range(9)],
                              targets=[{"kpi": f"k{i}", "unit": "all", "red": 3, "target": 17}
                                       for i in range(9)])  # fmt: skip
        for i in range(9):
            card.add(f"k{i}", [("south", m, i + n / 3) for n, m in enumerate(MONTHS)])
        with card.scored(folder) as warehouse:
            answers.append(
                warehouse.execute("from scorecard.scorecard_score order by all").fetchall()
            )
    assert answers[0] == answers[1]
    assert answers[0]
