"""The derivation of one score, read from a warehouse: of every kind of KPI and state of the data, and never what is held back."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.transforms.small_scorecard import SmallScorecard, kpi, months
from transforms.explanation import ExplanationError, evaluate, explain
from transforms.strategy_tables import insert_rows

JANUARY, SEPTEMBER = date(2025, 1, 1), date(2026, 9, 1)
YEARS = months(JANUARY, 21)


def scorecard() -> SmallScorecard:
    card = SmallScorecard(
        kpis=[
            kpi("sales", weight=3),
            kpi("rate", aggregation="ratio", applies_to=["all", "n1"], rule="ratio", bands={"on_track": 90, "at_risk": 50}),
            kpi("growth", measure="sales", change={"against": "last_year"}),
            kpi("level", measure="sales", index={"base": JANUARY, "per": "month"}),
            kpi("heads", aggregation="last", frequency="quarter"),
            kpi("untargeted", measure="sales"),
            kpi("late", aggregation="sum"),
            kpi("buyers", aggregation="distinct"),
            kpi("loyalty", aggregation="score", survey="nps"),
            kpi("mood", aggregation="ratio", min_observations=5),
            {"id": "margin", "name": "margin", "owner": "Owner", "direction": "higher_is_better",
             "derived": {"expression": "(sales - cost) / sales", "terms": {
                 "sales": {"measure": "sales", "aggregation": "sum"},
                 "cost": {"measure": "cost", "aggregation": "sum"}}}},
        ],
        targets=[
            {"kpi": "sales", "unit": "all", "red": 500, "target": 700},
            {"kpi": "sales", "unit": "n1", "red": 5, "target": 7, "per": "year"},
            {"kpi": "rate", "unit": "all", "target": 0.9},
            {"kpi": "growth", "unit": "all", "red": 0, "target": 0.1},
            {"kpi": "level", "unit": "all", "red": 90, "target": 110},
            {"kpi": "heads", "unit": "all", "red": 5, "target": 10},
            {"kpi": "untargeted", "unit": "all", "red": 5, "target": 10, "valid_from": date(2026, 12, 1)},
            {"kpi": "late", "unit": "all", "red": 5, "target": 10},
            {"kpi": "mood", "unit": "all", "red": 0.2, "target": 0.6},
            {"kpi": "margin", "unit": "all", "red": 0.1, "target": 0.5},
        ],
        keys=[("buyers", unit, month, key) for month in YEARS for unit, key in (("n1", "a"), ("n2", "a"), ("south", "b"))],
        answers=[("loyalty", "n1", month, answer, 3) for month in YEARS for answer in (2, 8, 10)],
        data_as_of_by_measure={"late": date(2026, 7, 31)},
    )  # fmt: skip
    card.add("sales", [("n1", month, 300 + number) for number, month in enumerate(YEARS)])
    card.add("sales", [("south", month, 280) for month in YEARS])
    card.add("cost", [("n1", month, 200) for month in YEARS])
    card.add("rate", [("n1", month, (8, 10)) for month in YEARS])
    card.add("heads", [("n1", month, 9) for month in YEARS])
    card.add("late", [("n1", month, 8) for month in YEARS if month < date(2026, 8, 1)])
    card.add("mood", [("n1", month, (1, 2)) for month in YEARS], observations=2)
    return card


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    folder: Path = tmp_path_factory.mktemp("explained")
    with scorecard().scored(folder) as connection:
        insert_rows(connection, "scorecard.release", [
            {"release_id": "r-0", "as_of_date": date(2026, 10, 5), "period_start_date": SEPTEMBER}
        ])  # fmt: skip
        yield connection


def test_it_begins_with_the_organisation_and_the_last_closed_period(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    found = explain(warehouse, "sales")
    assert (found.unit_id, found.period.start) == ("all", SEPTEMBER)
    assert found.score is not None
    assert found.score.actual == 600
    assert found.score.score == pytest.approx(50)


def test_it_names_points_and_the_row_of_targets_that_gave_them(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    score = explain(warehouse, "sales").score
    assert score is not None
    assert score.points is not None
    assert {row["point"]: row["value"] for row in score.points} == {
        "worst": 300, "red": 500, "target": 700, "best": 900
    }  # fmt: skip
    assert score.points_given_by == [
        {"unit_id": "all", "per": "month", "valid_from_date": date(2020, 1, 1), "share": 1.0}
    ]


def test_points_of_a_year_say_what_part_of_them_a_month_takes(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    score = explain(warehouse, "sales", unit_id="n1").score
    assert score is not None
    assert score.points_given_by is not None
    (row,) = score.points_given_by
    assert (row["unit_id"], row["per"]) == ("n1", "year")
    assert row["share"] == pytest.approx(1 / 12)


def test_it_follows_the_score_up_to_the_scorecard(warehouse: duckdb.DuckDBPyConnection) -> None:
    found = explain(warehouse, "sales")
    assert [effect.level for effect in found.effects] == ["objective", "perspective", "scorecard"]
    first = found.effects[0]
    assert first.weight == 3
    assert first.given_share == pytest.approx(3 / 13)
    assert found.scorecard_share == pytest.approx(first.weight_share)
    assert first.points_lost == pytest.approx((first.weight_share or 0) * 50)


@pytest.mark.parametrize("grain", ["month", "quarter", "half", "year", "ytd", "ttm"])
@pytest.mark.parametrize("unit", ["all", "n1", "north"])
def test_the_terms_of_a_derived_kpi_come_to_its_value(
    warehouse: duckdb.DuckDBPyConnection, unit: str, grain: str
) -> None:
    found = explain(warehouse, "margin", unit_id=unit, grain=grain)
    assert {term.term_id for term in found.terms} == {"sales", "cost"}
    assert found.value is not None
    assert evaluate(found.kpi.expression or "", found.terms) == pytest.approx(found.value.actual)


@pytest.mark.parametrize("grain", ["month", "quarter", "ytd"])
def test_a_change_names_what_it_is_taken_against(
    warehouse: duckdb.DuckDBPyConnection, grain: str
) -> None:
    found = explain(warehouse, "growth", grain=grain)
    (term,) = found.terms
    assert found.base_period is not None
    assert found.value is not None
    assert term.base is not None
    assert term.value is not None
    assert found.value.actual == pytest.approx((term.value - term.base) / term.base)


def test_an_index_names_its_base(warehouse: duckdb.DuckDBPyConnection) -> None:
    found = explain(warehouse, "level")
    (term,) = found.terms
    assert found.base_period is not None
    assert found.base_period.start == JANUARY
    assert found.value is not None
    assert found.value.actual == pytest.approx(100 * (term.value or 0) / (term.base or 1))


@pytest.mark.parametrize("grain", ["month", "quarter", "ttm"])
def test_what_is_counted_once_is_counted_anew(
    warehouse: duckdb.DuckDBPyConnection, grain: str
) -> None:
    found = explain(warehouse, "buyers", grain=grain)
    (term,) = found.terms
    assert found.value is not None
    assert (term.value, term.sum.numerator) == (found.value.actual, 2)
    assert term.rows.row_count == 3 * {"month": 1, "quarter": 3, "ttm": 12}[grain]


def test_answers_are_counted_for_a_survey(warehouse: duckdb.DuckDBPyConnection) -> None:
    found = explain(warehouse, "loyalty", grain="quarter")
    assert [(int(each.answer), each.answer_count) for each in found.terms[0].answers] == [
        (2, 9), (8, 9), (10, 9)
    ]  # fmt: skip
    assert found.value is not None
    assert (found.value.actual, found.value.observations) == (0, 27)


def test_a_kpi_measured_less_often_is_explained_by_its_own_period(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    found = explain(warehouse, "heads")
    assert (found.period.grain, found.value_period.grain) == ("month", "quarter")
    assert found.value_period.start == date(2026, 7, 1)
    assert found.value is not None
    assert found.value.actual == 9


def test_a_stale_score_is_explained_by_the_last_good_period(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    found = explain(warehouse, "late")
    assert found.score is not None
    assert found.score.data_state == "stale"
    assert found.value_period.start == date(2026, 7, 1)
    assert found.terms[0].sum.numerator == 8


def test_a_value_without_points_says_so(warehouse: duckdb.DuckDBPyConnection) -> None:
    found = explain(warehouse, "untargeted")
    assert found.score is not None
    assert (found.score.data_state, found.score.score) == ("no_target", None)
    assert [each.kind for each in found.warnings] == ["no_points"]


def test_an_open_period_has_a_provisional_value_and_no_score(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    found = explain(warehouse, "sales", period="2026-11", grain="quarter")
    assert (found.period.is_closed, found.score) == (False, None)


def test_nothing_of_what_is_held_back_is_given(warehouse: duckdb.DuckDBPyConnection) -> None:
    found = explain(warehouse, "mood")
    assert found.is_suppressed
    assert found.value is not None
    assert (found.value.numerator, found.value.denominator, found.value.actual) == (None,) * 3
    assert found.terms == ()
    assert found.score is None or (found.score.actual, found.score.score) == (None, None)


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"kpi_id": "sale"}, "no KPI sale. Did you mean sales?"),
        ({"unit_id": "nort"}, "no unit nort. Did you mean north?"),
        ({"period": "2019-01"}, "from 2025-01 to 2026-10"),
        ({"period": "last"}, "'last' is no period"),
        ({"kpi_id": "rate", "unit_id": "n9"}, "There is no unit n9"),
        ({"kpi_id": "zzz"}, "There are: sales, rate"),
    ],
)
def test_what_is_not_there_is_told_with_what_is(
    warehouse: duckdb.DuckDBPyConnection, asked: dict[str, Any], said: str
) -> None:
    with pytest.raises(ExplanationError, match=said.replace("?", r"\?")):
        explain(warehouse, asked.pop("kpi_id", "sales"), **asked)


def test_a_unit_that_it_does_not_apply_to_is_told(warehouse: duckdb.DuckDBPyConnection) -> None:
    with pytest.raises(ExplanationError, match=r"does not apply to n2\. It does to: all, n1"):
        explain(warehouse, "rate", unit_id="n2")
