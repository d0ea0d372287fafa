"""Surveys: how answers become a value at every unit and grain, and how sure it is."""

import math
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest
from scipy import stats

from scorecard.workspace import Workspace
from tests.transforms.small_scorecard import SmallScorecard, kpi
from tests.transforms.test_build import build, workspace
from transforms.build import BuildPaths
from transforms.check import check_sql
from transforms.measures import Built

SEPTEMBER, AUGUST = date(2026, 9, 1), date(2026, 8, 1)
Histogram = Mapping[float, int]
Z = stats.norm.ppf(0.975)


def asked(survey: str, *rows: tuple[str, date, Histogram], **changes: Any) -> SmallScorecard:
    """Ask a question: rows of unit, month and how often each answer was given."""
    made = SmallScorecard(kpis=[kpi("asked", aggregation="score", survey=survey, **changes)])
    made.answers = [
        ("asked", unit, month, answer, count)
        for unit, month, histogram in rows
        for answer, count in histogram.items()
    ]
    return made


def value(
    warehouse: duckdb.DuckDBPyConnection, unit: str = "all", grain: str = "month", period: date = SEPTEMBER
) -> tuple[Any, ...]:  # fmt: skip
    """Give actual, interval and observations of the one KPI."""
    found = warehouse.execute(
        "select actual, interval_low, interval_high, observations_count from scorecard.kpi_value "
        "where unit_id = $unit and grain = $grain and period_start_date = $period",
        {"unit": unit, "grain": grain, "period": period},
    ).fetchall()
    assert len(found) == 1
    return tuple(found[0])


@pytest.mark.parametrize(
    ("survey", "histogram", "actual"),
    [
        ("nps", {10: 3, 9: 2, 8: 4, 7: 1, 6: 1, 0: 2}, (5 - 3) / 13),
        ("enps", {9: 1, 6: 1}, 0),
        ("csat", {5: 3, 4: 2, 3: 4, 1: 1}, 0.5),
        ("likert_mean", {1: 1, 4.5: 2}, 10 / 3),
    ],
)
def test_answers_become_a_value(
    tmp_path: Path, survey: str, histogram: Histogram, actual: float
) -> None:
    with asked(survey, ("south", SEPTEMBER, histogram)).scored(tmp_path) as warehouse:
        assert value(warehouse)[0] == pytest.approx(actual, abs=1e-9)
        assert value(warehouse)[3] == sum(histogram.values())


def test_answers_add_up_over_units_and_months_and_are_not_averaged(tmp_path: Path) -> None:
    made = asked(
        "nps", ("n1", AUGUST, {10: 1}), ("n1", SEPTEMBER, {0: 1}), ("south", SEPTEMBER, {10: 8, 7: 1})
    )  # fmt: skip
    with made.scored(tmp_path) as warehouse:
        assert value(warehouse)[0] == pytest.approx(7 / 10)
        assert value(warehouse, "north", "quarter", date(2026, 7, 1))[0] == 0
        assert value(warehouse, grain="quarter", period=date(2026, 7, 1))[0] == pytest.approx(
            8 / 11
        )


def wilson(share: float, count: int) -> tuple[float, float]:
    """Give Wilson's interval, as scipy has it."""
    found = stats.binomtest(round(share * count), count).proportion_ci(0.95, method="wilson")
    return float(found.low), float(found.high)


@pytest.mark.parametrize("good", [0, 1, 7, 20])
def test_a_share_has_wilsons_interval(tmp_path: Path, good: int) -> None:
    with asked("csat", ("south", SEPTEMBER, {5: good, 2: 20 - good})).scored(tmp_path) as warehouse:
        _, low, high, _ = value(warehouse)
    assert (low, high) == pytest.approx(wilson(good / 20, 20), abs=1e-12)
    assert 0 <= low <= high <= 1


def test_wilsons_interval_of_a_worked_example(tmp_path: Path) -> None:
    """Newcombe 1998, table I: 81 of 263 gives 0.2553 to 0.3662."""
    made = SmallScorecard(kpis=[kpi("asked", aggregation="score", survey="response_rate")])
    made.add("asked", [("south", SEPTEMBER, (81, 263))])
    with made.scored(tmp_path) as warehouse:
        actual, low, high, _ = value(warehouse)
    assert actual == 81 / 263
    assert (round(low, 4), round(high, 4)) == (0.2553, 0.3662)


def test_a_response_rate_beyond_all_has_no_interval(tmp_path: Path) -> None:
    made = SmallScorecard(kpis=[kpi("asked", aggregation="score", survey="response_rate")])
    made.add("asked", [("south", SEPTEMBER, (12, 10))])
    with made.scored(tmp_path) as warehouse:
        assert value(warehouse)[:3] == (1.2, None, None)


@pytest.mark.parametrize("histogram", [{10: 30, 8: 50, 3: 20}, {10: 2}, {0: 3}, {9: 1, 0: 1}])
def test_a_net_promoter_score_has_the_adjusted_wald_interval(
    tmp_path: Path, histogram: Histogram
) -> None:
    """Rocks 2016: three quarters of an answer more for promoters and detractors each, one and a half for passives."""
    count = sum(histogram.values()) + 3
    up = (sum(n for answer, n in histogram.items() if answer >= 9) + 0.75) / count
    down = (sum(n for answer, n in histogram.items() if answer <= 6) + 0.75) / count
    half = Z * math.sqrt((up + down - (up - down) ** 2) / count)
    expected = (max(up - down - half, -1), min(up - down + half, 1))
    with asked("nps", ("south", SEPTEMBER, histogram)).scored(tmp_path) as warehouse:
        assert value(warehouse)[1:3] == pytest.approx(expected, abs=1e-12)


@pytest.mark.parametrize("count", [2, 3, 10, 31, 32, 33, 60, 400])
def test_a_mean_has_students_interval(tmp_path: Path, count: int) -> None:
    answers = [1 + i % 5 for i in range(count)]
    histogram = {answer: answers.count(answer) for answer in set(answers)}
    expected = stats.t.interval(
        0.95, count - 1, loc=sum(answers) / count, scale=stats.sem(answers)
    )  # fmt: skip
    with asked("likert_mean", ("south", SEPTEMBER, histogram)).scored(tmp_path) as warehouse:
        assert value(warehouse)[1:3] == pytest.approx(expected, abs=1e-5)


@pytest.mark.parametrize(("histogram", "interval"), [({4: 1}, (None, None)), ({4: 6}, (4, 4))])
def test_one_answer_tells_nothing_of_the_spread(
    tmp_path: Path, histogram: Histogram, interval: tuple[float | None, float | None]
) -> None:
    with asked("likert_mean", ("south", SEPTEMBER, histogram)).scored(tmp_path) as warehouse:
        assert value(warehouse)[1:3] == interval


def test_intervals_follow_units_and_periods(tmp_path: Path) -> None:
    made = asked("csat", ("n1", AUGUST, {5: 4}), ("south", SEPTEMBER, {2: 5, 5: 1}))
    with made.scored(tmp_path) as warehouse:
        quarter = value(warehouse, grain="quarter", period=date(2026, 7, 1))
        assert quarter[1:3] == pytest.approx(wilson(0.5, 10))


def test_what_is_held_back_has_no_interval_and_no_answers(tmp_path: Path) -> None:
    made = asked(
        "nps", ("n1", SEPTEMBER, {10: 2}), ("n2", SEPTEMBER, {10: 6}), ("south", SEPTEMBER, {0: 7}),
        min_observations=5,
    )  # fmt: skip
    with made.scored(tmp_path) as warehouse:
        assert value(warehouse, "n1") == (None, None, None, None) == value(warehouse, "n2")
        assert value(warehouse)[0] == pytest.approx(1 / 15)
        assert warehouse.execute("select unit_id from measure.answer").fetchall() == [("south",)]


def test_a_kpi_without_a_survey_has_no_interval(tmp_path: Path) -> None:
    made = SmallScorecard(kpis=[kpi("asked", aggregation="ratio")])
    made.add("asked", [("south", SEPTEMBER, (1, 2))])
    with made.scored(tmp_path) as warehouse:
        assert value(warehouse)[1:3] == (None, None)


# --- from the workspace's SQL -----------------------------------------------------------------------------------------


def asking(sql: str, **changes: Any) -> Workspace:
    """Give a workspace whose one KPI is asked by a measure of this SQL."""
    spec = workspace(measure__sold=sql)
    card = SmallScorecard(kpis=[kpi("sold", **{"aggregation": "score", "survey": "nps"} | changes)])
    return replace(spec, strategy=card.workspace().strategy)


ROWS = "select shop as unit, day as period, amount as answer from staging.sale"
COUNTED = f"select unit, period, answer, 2 as observations from ({ROWS}) as rows"


def query(paths: BuildPaths, sql: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(paths.warehouse), read_only=True) as connection:
        return connection.execute(sql).fetchall()


@pytest.mark.parametrize(("sql", "times"), [(ROWS, 1), (COUNTED, 2)])
def test_each_row_is_one_answer_unless_it_says_how_many(
    tmp_path: Path, sql: str, times: int
) -> None:
    paths, built = build(tmp_path, asking(sql))
    assert built["measure.sold"] == Built("measure.sold", 300, built["measure.sold"].seconds)
    assert query(paths, "select sum(observations_count)::int, count(*) from measure.answer")[0][
        0
    ] == (300 * times)
    assert query(paths, "select kind, dimensions from measure.dim_measure") == [("answers", [])]
    assert query(paths, "select count(*) from measure.component") == [(0,)]


def test_no_answer_is_not_counted(tmp_path: Path) -> None:
    sql = (
        "select unit, period, case when answer > 0 then answer end as answer from ("
        + ROWS
        + ") as a"
    )
    paths, _ = build(tmp_path, asking(sql))
    ((count,),) = query(paths, "select sum(observations_count)::int from measure.answer")
    assert 0 < count < 300


@pytest.mark.parametrize(
    ("survey", "expression", "problem"),
    [
        ("nps", "amount + 5", "among the rows is the answer 11"),
        ("enps", "amount - 1", "among the rows is the answer -1"),
        ("csat", "amount", "whole numbers from 1 to 5; among the rows is the answer 0"),
        ("nps", "amount / 4", "among the rows is the answer 0.25"),
    ],
)
def test_an_answer_that_the_survey_does_not_know_fails_the_measure(
    tmp_path: Path, survey: str, expression: str, problem: str
) -> None:
    spec = asking(ROWS.replace("amount as", f"{expression} as"), survey=survey)
    paths, built = build(tmp_path, spec)
    error = built["measure.sold"].error
    assert error is not None
    assert f"The KPI sold is a survey of kind {survey}" in error
    assert problem in error
    assert query(paths, "select distinct data_state from scorecard.kpi_score") == [("unverified",)]
    assert query(paths, "select count(*) from measure.answer") == [(0,)]


@pytest.mark.parametrize("observations", ["-1", "null"])
def test_counts_that_are_none_fail_the_measure(tmp_path: Path, observations: str) -> None:
    sql = COUNTED.replace("2 as", f"{observations}::integer as")
    _, built = build(tmp_path, asking(sql))
    assert "300 rows do not say how many gave the answer" in str(built["measure.sold"].error)


@pytest.mark.parametrize(
    ("sql", "changes", "message"),
    [
        (ROWS.replace("as answer", "as numerator"), {}, "The measure yields no column answer, which the KPI sold needs, since it is a survey of kind nps."),
        (ROWS, {"survey": None}, "The measure yields answers, but the KPI sold is a score and does not say how they are read."),
        (ROWS, {"survey": None, "aggregation": "sum"}, "The measure yields answers, but the KPI sold is a sum"),
        (ROWS, {"survey": "response_rate"}, "The measure yields answers, but the KPI sold is a score"),
        (ROWS, {}, ""),
    ],
)  # fmt: skip
def test_a_survey_and_its_measure_belong_together(
    sql: str, changes: dict[str, Any], message: str
) -> None:
    found = [str(each) for each in check_sql(asking(sql, **changes), raw_columns=None)]
    if message:
        assert any(message in each for each in found), found
    else:
        assert found == []
