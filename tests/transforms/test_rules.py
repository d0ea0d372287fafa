"""The eight rules, each by its worked values; asked through `score_actual`, which runs the warehouse's own SQL."""

import math
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from transforms.rules import PointsError, score_actual

LOWER = "lower_is_better"
LINEAR = {"red": 500, "target": 700}
STEPS = [(0, 1), (66666, 2), (133333, 3)]
CURVE = [(0, 0), (10, 80), (20, 100)]
RANGE = {"low": 95, "high": 105, "tolerance": 10}

Vector = tuple[str, Any, float, float]
"""Rule, points, actual, score."""

VECTORS: list[Vector] = [
    ("linear", LINEAR, 300, 0),
    ("linear", LINEAR, 500, 100 / 3),
    ("linear", LINEAR, 600, 50),
    ("linear", LINEAR, 700, 200 / 3),
    ("linear", LINEAR, 900, 100),
    ("min_max", {"min": 0, "max": 200}, 50, 25),
    ("progress", {"baseline": 15, "target": 45}, 16, 10 / 3),
    ("ratio", {"target": 100}, 90, 90),
    ("ratio", {"target": 6}, 3, 50),
    ("range", RANGE, 100, 100),
    ("range", RANGE, 90, 50),
    ("range", RANGE, 115, 0),
    ("steps", STEPS, 66665, 1),
    ("steps", STEPS, 133333, 3),
    ("curve", CURVE, 5, 40),
    ("curve", CURVE, 15, 90),
    ("binary", {"target": 10}, 10, 100),
    ("binary", {"target": 10}, 9.999, 0),
]


@pytest.mark.parametrize(("rule", "points", "actual", "score"), VECTORS)
def test_the_methods_vectors(rule: str, points: Any, actual: float, score: float) -> None:
    assert score_actual(rule, points, actual) == pytest.approx(score, abs=1e-9)


HIGHER_IS_BETTER: list[Vector] = [
    ("linear", {**LINEAR, "worst": 0, "best": 800}, 250, 50 / 3),
    ("linear", {**LINEAR, "worst": 0, "best": 800}, 750, 250 / 3),
    ("linear", {"red": -2, "target": -1}, -1.5, 50),
    ("min_max", {"min": 0, "max": 200}, -1, 0),
    ("min_max", {"min": 0, "max": 200}, 201, 100),
    ("progress", {"baseline": 15, "target": 45}, 0, 0),
    ("progress", {"baseline": 15, "target": 45}, 60, 100),
    ("ratio", {"target": 100}, 140, 100),
    ("ratio", {"target": 100}, -20, 0),
    ("ratio", {"target": -2, "basis": -4}, -3, 50),
    ("ratio", {"target": 0, "basis": -10}, -5, 50),
    ("ratio", {"target": 0, "at_zero_target": "full_if_met"}, 0, 100),
    ("ratio", {"target": 0, "at_zero_target": "full_if_met"}, -0.1, 0),
    ("ratio", {"target": 8, "at_zero_target": "full_if_met"}, 2, 25),
    ("range", RANGE, 95, 100),
    ("range", RANGE, 105, 100),
    ("range", RANGE, 85, 0),
    ("range", RANGE, 110, 50),
    ("range", {"low": 95, "high": 105, "tolerance_below": 5, "tolerance_above": 20}, 94, 80),
    ("range", {"low": 95, "high": 105, "tolerance_below": 5, "tolerance_above": 20}, 109, 80),
    ("range", {"low": 95, "high": 105, "tolerance": 5, "tolerance_above": 20}, 109, 80),
    ("range", {"low": 100, "high": 100, "tolerance": 10}, 100, 100),
    ("range", {"low": 100, "high": 100, "tolerance": 10}, 95, 50),
    ("steps", STEPS, -0.001, 0),
    ("steps", STEPS, 0, 1),
    ("steps", STEPS, 66666, 2),
    ("steps", STEPS, 1e9, 3),
    ("steps", [(0, 100), (5, 20)], 7, 20),
    ("curve", CURVE, -7, 0),
    ("curve", CURVE, 10, 80),
    ("curve", CURVE, 21, 100),
    ("curve", [(0, 10), (5, 90), (10, 30)], -1, 10),
    ("curve", [(0, 10), (5, 90), (10, 30)], 7.5, 60),
    ("curve", [(0, 10), (5, 90), (10, 30)], 11, 30),
    ("binary", {"target": 10}, 11, 100),
]


@pytest.mark.parametrize(("rule", "points", "actual", "score"), HIGHER_IS_BETTER)
def test_where_higher_is_better(rule: str, points: Any, actual: float, score: float) -> None:
    assert score_actual(rule, points, actual) == pytest.approx(score, abs=1e-9)


LOWER_IS_BETTER: list[Vector] = [
    ("linear", {"red": 700, "target": 500}, 900, 0),
    ("linear", {"red": 700, "target": 500}, 700, 100 / 3),
    ("linear", {"red": 700, "target": 500}, 600, 50),
    ("linear", {"red": 700, "target": 500}, 500, 200 / 3),
    ("linear", {"red": 700, "target": 500}, 300, 100),
    ("min_max", {"min": 0, "max": 200}, 50, 75),
    ("min_max", {"min": 0, "max": 200}, 0, 100),
    ("min_max", {"min": 0, "max": 200}, 250, 0),
    ("progress", {"baseline": 45, "target": 15}, 44, 10 / 3),
    ("ratio", {"target": 6}, 6, 100),
    ("ratio", {"target": 6}, 3, 100),
    ("ratio", {"target": 6}, 9, 50),
    ("ratio", {"target": 6}, 12, 0),
    ("ratio", {"target": 6, "form": "inverse"}, 12, 50),
    ("ratio", {"target": 6, "form": "inverse"}, 0, 100),
    ("ratio", {"target": 6, "form": "inverse"}, -1, 100),
    ("ratio", {"target": 4, "basis": 8}, 6, 50),
    ("ratio", {"target": 0, "at_zero_target": "full_if_met"}, 0, 100),
    ("ratio", {"target": 0, "at_zero_target": "full_if_met"}, 1, 0),
    ("binary", {"target": 10}, 10, 100),
    ("binary", {"target": 10}, 10.001, 0),
    ("steps", STEPS, 66665, 1),
    ("curve", CURVE, 5, 40),
    ("range", RANGE, 90, 50),
]


@pytest.mark.parametrize(("rule", "points", "actual", "score"), LOWER_IS_BETTER)
def test_where_lower_is_better(rule: str, points: Any, actual: float, score: float) -> None:
    assert score_actual(rule, points, actual, direction=LOWER) == pytest.approx(score, abs=1e-9)


@pytest.mark.parametrize(
    ("points", "actual", "direction", "cap", "score"),
    [
        ({"target": 100}, 140, "higher_is_better", 130, 130),
        ({"target": 100}, 140, "higher_is_better", 150, 140),
        ({"target": 100}, 1400, "higher_is_better", None, 1400),
        ({"target": 100}, 1400, "higher_is_better", math.inf, 1400),
        ({"target": 6}, 3, LOWER, 120, 120),
        ({"target": 6}, 3, LOWER, None, 150),
        ({"target": 6, "form": "inverse"}, 4, LOWER, 200, 150),
        ({"target": 6, "form": "inverse"}, 0, LOWER, 200, 200),
        ({"target": 6, "form": "inverse"}, 1e-300, LOWER, 200, 200),
        ({"target": 6, "form": "inverse"}, -5, LOWER, 200, 200),
        ({"target": 10, "basis": 0}, 14, "higher_is_better", None, 140),
        ({"target": 0, "at_zero_target": "full_if_met"}, 5, "higher_is_better", 200, 100),
    ],
)
def test_a_ratio_may_pass_100_up_to_its_cap(
    points: Mapping[str, Any], actual: float, direction: str, cap: float | None, score: float
) -> None:
    found = score_actual("ratio", points, actual, direction=direction, cap=cap)
    assert found == pytest.approx(score, abs=1e-9)


@pytest.mark.parametrize("actual", [None, math.nan, math.inf, -math.inf])
def test_what_is_no_number_has_no_score(actual: float | None) -> None:
    assert score_actual("linear", LINEAR, actual) is None


REFUSED: list[tuple[str, Any, dict[str, Any], str]] = [
    ("ratio", {"target": -2}, {}, "target (-2) is below 0"),
    ("ratio", {"target": 0}, {}, "target is 0: nothing can be a share of it"),
    ("ratio", {"target": 5, "basis": 5}, {}, "basis and target are both 5: there is no gap"),
    ("ratio", {"target": 5, "basis": 6}, {}, "basis (6) must be below target (5), since higher is better"),
    ("ratio", {"target": 6, "basis": 5}, {"direction": LOWER}, "basis (5) must be above target (6), since lower is better"),
    ("ratio", {"target": 6, "form": "inverse"}, {}, "`form: inverse` divides the target by the actual"),
    ("ratio", {"target": 6, "form": "inverse"}, {"direction": LOWER, "cap": None}, "so the cap must be a number"),
    ("ratio", {"target": 6, "basis": 9, "form": "inverse"}, {"direction": LOWER}, "basis does not go with `form: inverse`"),
    ("ratio", {"target": 6, "form": "upside down"}, {}, "form of the rule ratio cannot be 'upside down'"),
    ("ratio", {"target": 6, "at_zero_target": "yes"}, {}, "at_zero_target of the rule ratio cannot be 'yes'"),
    ("ratio", {"target": 6}, {"cap": 90}, "The cap 90 is below 100"),
    ("linear", LINEAR, {"cap": 120}, "`cap` is for the rule ratio"),
    ("linear", {**LINEAR, "at_zero_target": "full_if_met"}, {}, "`at_zero_target` is for the rule ratio"),
    ("linear", {"red": 700, "target": 500}, {}, "red (700) must be below target (500)"),
    ("linear", LINEAR, {"direction": LOWER}, "red (500) must be above target (700)"),
    ("linear", {"red": 5, "target": 5}, {}, "red and target are both 5"),
    ("linear", {**LINEAR, "worst": 600}, {}, "worst (600) must be below red (500)"),
    ("linear", {**LINEAR, "best": 700}, {}, "target and best are both 700"),
    ("linear", {"red": Decimal("1e20"), "target": Decimal("100000000000000000000.000000001")}, {}, "are too near each other"),
    ("linear", {"target": 5}, {}, "The rule linear needs red"),
    ("linear", {**LINEAR, "goal": 5}, {}, "The rule linear knows no point goal"),
    ("linear", {"red": 5, "traget": 7}, {}, "Did you mean target?"),
    ("linear", {"red": math.nan, "target": 5}, {}, "red is no number"),
    ("linear", {"red": 1e30, "target": 5}, {}, "red is no number that can be scored with"),
    ("linear", {"red": True, "target": 5}, {}, "red is no number"),
    ("linear", {"red": "4", "target": 5}, {}, "red is no number"),
    ("linear", LINEAR, {"direction": None}, "The rule linear needs a direction"),
    ("linear", LINEAR, {"direction": "up"}, "There is no direction up"),
    ("linear", [(0, 0), (1, 100)], {}, "The rule linear needs points by name"),
    ("linaer", LINEAR, {}, "There is no rule linaer. Did you mean linear?"),
    ("min_max", {"min": 2, "max": 1}, {}, "min (2) must be below max (1)"),
    ("min_max", {"min": 2, "max": 1}, {"direction": LOWER}, "min (2) must be below max (1)"),
    ("min_max", {"min": 2, "max": 2}, {}, "there is no gap"),
    ("progress", {"baseline": 45, "target": 15}, {}, "baseline (45) must be below target (15)"),
    ("progress", {"baseline": 4, "target": 4}, {}, "there is no gap"),
    ("range", {"low": 5, "high": 4, "tolerance": 1}, {}, "low (5) must not be above high (4)"),
    ("range", {"low": 4, "high": 5}, {}, "The rule range needs tolerance, or tolerance_below and tolerance_above"),
    ("range", {"low": 4, "high": 5, "tolerance_below": 1}, {}, "The rule range needs tolerance"),
    ("range", {"low": 4, "high": 5, "tolerance": 1, "tolerance_below": 1, "tolerance_above": 1}, {}, "The rule range needs tolerance"),
    ("range", {"low": 4, "high": 5, "tolerance": 0}, {}, "tolerance must be above 0, and is 0"),
    ("steps", [], {}, "needs at least 1 pairs"),
    ("steps", {}, {}, "The rule steps needs points"),
    ("steps", [(0, 1), (0, 2)], {}, "must rise: 0 comes after 0"),
    ("steps", [(5, 1), (0, 2)], {}, "must rise: 0 comes after 5"),
    ("steps", [(0, 101)], {}, "The score 101 at 0 is not within 0 and 100"),
    ("steps", [(0, 1, 2)], {}, "(0, 1, 2) among the points is no pair"),
    ("steps", [7], {}, "7 among the points is no pair"),
    ("steps", "0:1", {}, "'0:1' is no list of points"),
    ("curve", 5, {}, "5 is no list of points"),
    ("steps", [{"from": 0, "value": 0, "score": 1}], {}, "no pair of a value and a score"),
    ("ratio", {"target": 3}, {"cap": "some"}, "The cap 'some' is no number"),
    ("curve", [(0, 0)], {}, "needs at least 2 pairs"),
    ("curve", [(0, 0), (1, -1)], {}, "The score -1 at 1 is not within 0 and 100"),
    ("curve", [(0, 0), (1, math.nan)], {}, "is no pair"),
    ("binary", {}, {}, "The rule binary needs target"),
    ("binary", {"target": 1, "red": 0}, {}, "The rule binary knows no point red"),
]  # fmt: skip


@pytest.mark.parametrize(("rule", "points", "others", "said"), REFUSED)
def test_points_that_a_rule_cannot_score_with_are_refused(
    rule: str, points: Any, others: dict[str, Any], said: str
) -> None:
    with pytest.raises(PointsError) as caught:
        score_actual(rule, points, 3, **others)
    assert said in str(caught.value)


def test_an_actual_of_3_against_a_target_of_minus_2_never_scores_minus_150() -> None:
    with pytest.raises(ValueError, match="below 0"):
        score_actual("ratio", {"target": -2}, 3)


def test_points_may_stand_in_a_mapping_as_decimals_and_with_what_is_left_out() -> None:
    points = {"points": [(Decimal(0), Decimal(0)), (Decimal(10), Decimal(100))], "red": None}
    assert score_actual("curve", points, Decimal("2.5")) == 25


EXTREMES = [0.0, -0.0, 1e-300, -1e-300, 1e-9, 1e29, -1e29, 1e300, -1.7e308, 5e-324]
SETTINGS: list[tuple[str, Any, dict[str, Any]]] = [
    ("linear", {"red": 1, "target": 1.000000001}, {}),
    ("linear", {"red": 9e28, "target": 1e29}, {}),
    ("linear", {"red": 1e29, "target": -1e29}, {"direction": LOWER}),
    ("min_max", {"min": -1e29, "max": 1e29}, {}),
    ("min_max", {"min": 0, "max": 1e-9}, {"direction": LOWER}),
    ("progress", {"baseline": 0, "target": 1e-9}, {}),
    ("ratio", {"target": 1e-9}, {}),
    ("ratio", {"target": 1e-300}, {"cap": None}),
    ("ratio", {"target": 1e-300}, {"cap": None, "direction": LOWER}),
    ("ratio", {"target": 1e29, "form": "inverse"}, {"cap": 1000, "direction": LOWER}),
    ("ratio", {"target": -1e29, "basis": 1e29}, {"cap": None, "direction": LOWER}),
    ("range", {"low": 0, "high": 0, "tolerance": 1e-9}, {}),
    ("range", {"low": 1e29, "high": 1e29, "tolerance": 1e-9}, {}),
    ("steps", [(-1e29, 0), (0, 50), (1e29, 100)], {}),
    ("curve", [(-1e29, 0), (0, 100), (1e-9, 0), (1e29, 100)], {}),
    ("binary", {"target": 1e29}, {}),
]


@pytest.mark.parametrize(("rule", "points", "others"), SETTINGS)
def test_no_extreme_gives_inf_nan_or_a_score_out_of_bounds(
    rule: str, points: Any, others: dict[str, Any]
) -> None:
    cap = others.get("cap", 100.0)
    for actual in EXTREMES:
        score = score_actual(rule, points, actual, **others)
        assert score is not None
        assert math.isfinite(score)
        assert 0 <= score <= (math.inf if cap is None else cap)


DIRECTED: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("linear", {"red": 2.0, "target": 5.0, "best": 11.0}, {}),
    ("min_max", {"min": -3.0, "max": 8.0}, {}),
    ("progress", {"baseline": 1.0, "target": 6.0}, {}),
    ("ratio", {"target": 4.0}, {"cap": None}),
    ("ratio", {"target": 4.0, "basis": -4.0}, {"cap": 250}),
    ("binary", {"target": 4.0}, {}),
]


@settings(max_examples=25, deadline=None)
@given(st.sampled_from(DIRECTED), st.lists(st.floats(-20, 20), min_size=2, max_size=4))
def test_a_better_actual_never_scores_less(
    case: tuple[str, dict[str, Any], dict[str, Any]], actuals: list[float]
) -> None:
    rule, points, others = case
    scores = [score_actual(rule, points, actual, **others) for actual in sorted(actuals)]
    assert all(a is not None and b is not None and a <= b + 1e-9 for a, b in pairwise(scores))


@settings(max_examples=25, deadline=None)
@given(
    st.sampled_from([case for case in DIRECTED if case[0] != "ratio" or "basis" in case[1]]),
    st.floats(-20, 20),
)
def test_lower_is_better_mirrors_higher_is_better(
    case: tuple[str, dict[str, Any], dict[str, Any]], actual: float
) -> None:
    rule, points, others = case
    turned = {name: -value for name, value in points.items()}
    if rule == "min_max":
        turned = {"min": -points["max"], "max": -points["min"]}
    assert score_actual(rule, turned, -actual, direction=LOWER, **others) == pytest.approx(
        score_actual(rule, points, actual, **others), abs=1e-9
    )


def test_threads_may_score_at_once() -> None:
    with ThreadPoolExecutor(4) as pool:
        scores = list(
            pool.map(lambda a: score_actual("min_max", {"min": 0, "max": 40}, a), range(41))
        )
    assert scores == pytest.approx([a * 2.5 for a in range(41)], abs=1e-9)


@pytest.mark.parametrize(
    ("rule", "points", "actual", "cap", "expected"),
    [
        ("steps", [{"from": 0, "score": 1}, {"from": 66666, "score": 2}], 66666, 100, 2),
        ("curve", {"points": [{"value": 0, "score": 0}, {"value": 10, "score": 80}]}, 5, 100, 40),
        ("range", {"low": 95, "high": 105, "tolerance": (10, 20)}, 115, 100, 50),
        ("range", {"low": 95, "high": 105, "tolerance": [5, 20]}, 90, 100, 0),
        ("ratio", {"target": 100}, 150, "none", 150),
        ("ratio", {"target": 100}, 150, None, 150),
        ("linear", {"red": 500, "target": 700}, 900, None, 100),
        ("min_max", {"min": 0, "max": 200}, 400, "none", 100),
    ],
)
def test_points_and_caps_may_be_written_as_people_write_them(
    rule: str, points: Any, actual: float, cap: Any, expected: float
) -> None:
    assert score_actual(rule, points, actual, cap=cap) == pytest.approx(expected, abs=1e-9)
