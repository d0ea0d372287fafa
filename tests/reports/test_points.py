import json
from dataclasses import replace

import pytest

from reports.standing import standing
from reports.views.derivation import derivation, held_back
from reports.words.points import Guides, gap, goal, good_regions, guides, points_of, summary


def _scored(edition, kpi_id, **changed):
    item = standing(edition, edition.strategy.kpis[kpi_id], "kettle")
    return item, item.score._replace(**changed)


def _points(*rows):
    listed = [{"point": name, "value": value, "score": score} for name, value, score in rows]
    return json.dumps(listed)


@pytest.mark.parametrize(
    ("kpi", "short", "sentence"),
    [
        ("on_time", "95.0", "The target is 95.0%"),
        ("stock_count", "200 for 100", "It scores 0 at 0, 100 at 200"),
        ("refills", "45", "The target is 45%"),
        ("sales_to_plan", "100", "The target is 100"),
        ("moisture", "9.5 to 10.5", "Good is between 9.5% and 10.5%"),
        ("cups", "from 66,667", "Good is from 66,667 on"),
        ("blends", "20 for 100", "It scores 80 at 10, 100 at 20, 40 at 30"),
        ("certificate", "1", "The target is 1"),
    ],
)
def test_every_rule_says_what_good_looks_like(edition, kpi, short, sentence) -> None:
    item, score = _scored(edition, kpi)
    found = goal(item.kpi, score, item.scale)
    assert (found.short, found.sentence) == (short, sentence)
    assert found.is_number == short.replace(".", "").replace(",", "").isdigit()


def test_without_points_there_is_no_goal(edition) -> None:
    item, score = _scored(edition, "research")
    assert goal(item.kpi, score, item.scale) is None
    assert summary(item.kpi, score, item.scale) == "no target"


@pytest.mark.parametrize(
    ("kpi", "changed", "said"),
    [
        ("on_time", {}, "between worst 89.0 (0) and red 92.0 (33.33): 0 + (91.2 − 89.0) / (92.0 − 89.0) × 33.33 = 24.44. "),
        ("stock_count", {"actual": 50.0, "score": 25.0}, "0 + (50 − 0) / (200 − 0) × 100 = 25.00. "),
        ("refills", {"actual": 0.16, "score": 3.33}, "0 + (16 − 15) / (45 − 15) × 100 = 3.33. "),
        ("sales_to_plan", {"actual": 170.0, "score": 150.0}, "170 / 100 × 100 = 150.00, the most that it may: its cap is 150. "),
        ("waste", {"actual": 6.0, "score": 50.0}, "3.0 / 6.0 × 100 = 50.00. "),
        ("moisture", {"actual": 0.1, "score": 100.0}, "10.0 is between low 9.5 (100) and high 10.5 (100): 100.00. "),
        ("cups", {"actual": 66665.0, "score": 0.0}, "66,665 is on the step from 0 on, which scores 0: 0.00. "),
        ("blends", {"actual": 5.0, "score": 40.0}, "between 0 (0) and 10 (80): 0 + (5 − 0) / (10 − 0) × 80 = 40.00. "),
        ("blends", {"actual": 35.0, "score": 40.0}, "above 30 (40), and beyond it the score stays: 40.00. "),
        ("certificate", {"actual": 1.0, "score": 100.0}, "held against the target 1, which is met (100): 100.00. "),
    ],
)  # fmt: skip
def test_the_page_tells_the_way_from_value_to_score_for_every_rule(
    edition, kpi, changed, said
) -> None:
    """The words themselves, and their truth, are in test_arithmetic."""
    item, score = _scored(edition, kpi, **changed)
    parts = derivation(edition, replace(item, score=score)).score
    assert parts[1].text.startswith(f" Rule {item.kpi.rule}")
    assert said in parts[1].text


@pytest.mark.parametrize(
    ("steps", "regions"),
    [
        (((0, 1), (66_666, 2), (133_333, 3)), [(133_333, None)]),
        (((0, 0), (10, 80), (20, 100)), [(10, None)]),
        (((0, 100), (10, 0)), [(0, 10)]),
        (((0, 100), (10, 0), (20, 70)), [(0, 10), (20, None)]),
    ],
)
def test_steps_are_good_where_they_are_on_track_or_else_best(edition, steps, regions) -> None:
    """Three steps of the method's vector score 1, 2 and 3: none is on track, the last is the best there is."""
    item, score = _scored(
        edition, "cups", points=_points(*(("step", value, points) for value, points in steps))
    )
    assert good_regions(item.kpi, points_of(score)) == regions


@pytest.mark.parametrize(("actual", "said"), [(0.09, "−0.5"), (0.1, "0.0"), (0.121, "+1.6")])
def test_the_gap_of_a_range_is_to_its_nearer_edge(edition, actual, said) -> None:
    item, score = _scored(edition, "moisture", actual=actual)
    assert gap(item.kpi, score, item.scale) == said


def test_a_chart_draws_what_a_rule_makes_clear_and_nothing_else(edition) -> None:
    kpis = edition.strategy.kpis
    found = {
        kpi: guides(kpis[kpi], standing(edition, kpis[kpi], "kettle").score)
        for kpi in ("on_time", "stock_count", "moisture", "cups", "blends")
    }
    assert (found["on_time"].target, found["on_time"].red) == (0.95, 0.92)
    assert (found["stock_count"].target, found["stock_count"].red) == (200, 0)
    assert found["moisture"].good == (0.095, 0.105)
    assert found["cups"].target == 66_667
    assert found["blends"] == Guides()


@pytest.mark.parametrize(
    ("count", "said"),
    [(3, "since fewer than 5 observations"), (40, "a unit could be worked out"), (None, "Either")],
)
def test_what_is_held_back_says_why(edition, count, said) -> None:
    item = standing(edition, edition.strategy.kpis["nps"], "north_station")
    value = item.value._replace(observations_count=count)
    told = held_back(item.kpi, value)
    assert told.startswith("Held back: it would reveal few answers")
    assert said in told
