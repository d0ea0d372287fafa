"""The worked values of the scoring method, one test each, two ways: `score_actual`, and a workspace of files alone.

Not here: the values (vectors).
"""

import contextlib
import io
import os
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest
from rich.console import Console

from pipelines.night import Order, open_night
from pipelines.progress import LineProgress
from pipelines.runs import RunRecord
from pipelines.state import State
from scorecard.check import check_workspace
from scorecard.workspace import Workspace, read_workspace
from tests.oracle.roll_up import balance_of_result, balance_of_weight
from tests.oracle.signals import usual_range
from tests.oracle.vectors import AS_OF, CONTROL, EDGES, RULES, Vector, write_workspace
from transforms.rules import PointsError, score_actual

HUNDREDTH = 0.005
"""The method's text gives scores to two decimals."""
Ask = Callable[..., dict[str, Any]]


def night(workspace: Workspace, state: State, **asked: Any) -> RunRecord:
    """Run the steps of a night on a workspace, and give the run's record."""
    progress = LineProgress(Console(file=io.StringIO()))
    with open_night(
        workspace,
        state,
        Order(**asked),
        environment=dict(os.environ),
        progress=progress,
        clock=lambda: datetime.now(tz=UTC),
    ) as opened:
        for source_id in workspace.sources.sources:
            opened.extract(source_id, is_last=True)
        opened.publish()
    assert progress.record is not None
    return progress.record


@pytest.fixture(scope="module")
def warehouse(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    """Give the warehouse that one night makes of the workspace of all vectors."""
    folder = tmp_path_factory.mktemp("vectors")
    write_workspace(folder / "workspace")
    workspace = read_workspace(folder / "workspace")
    assert [str(each) for each in check_workspace(workspace) if each.severity == "error"] == []
    state = State(folder / "state")
    record = night(workspace, state, as_of=AS_OF, publish=True)
    assert (record.status, record.problems) == ("published", ())
    path = state.current.resolve() / "warehouse.duckdb"
    with duckdb.connect(str(path), read_only=True) as connection:
        yield connection


@pytest.fixture
def ask(warehouse: duckdb.DuckDBPyConnection) -> Ask:
    """Give one row of a table of scores: by default of September 2026."""

    def asked(table: str, unit: str, node: str = "", **where: Any) -> dict[str, Any]:
        wanted = {"unit_id": unit, "grain": "month", "period_start_date": date(2026, 9, 1)} | where
        if node:
            wanted[f"{table.removesuffix('_score').removesuffix('_value')}_id"] = node
        named = " and ".join(f"{name} = ${name}" for name in wanted)
        found = warehouse.execute(f"select * from scorecard.{table} where {named}", wanted)
        names = [column[0] for column in found.description or []]
        (row,) = found.fetchall()
        return dict(zip(names, row, strict=True))

    return asked


def by_id(vector: Vector) -> str:
    return vector.id


# ---------------------------------------------------------------------------------------------------------------- rules


@pytest.mark.parametrize("vector", RULES, ids=by_id)
def test_a_rule_scores_its_worked_value(vector: Vector) -> None:
    cap = None if vector.cap == "none" else 100 if vector.cap is None else vector.cap
    points = vector.points.get("points", vector.points)
    scored = score_actual(
        vector.rule, points, float(vector.actual), direction=vector.direction, cap=cap
    )
    assert scored == pytest.approx(vector.score, abs=HUNDREDTH)


@pytest.mark.parametrize("vector", RULES, ids=by_id)
def test_a_workspace_of_files_alone_scores_the_worked_value(vector: Vector, ask: Ask) -> None:
    row = ask("kpi_score", "rules", vector.id)
    assert row["score"] == pytest.approx(vector.score, abs=HUNDREDTH)
    assert (row["data_state"], row["actual"]) == ("current", float(vector.actual))


def test_the_function_and_the_warehouse_agree_to_the_last_bit(ask: Ask) -> None:
    """They run the same SQL: two ways to a rule would differ in rounding at least."""
    differing = {}
    for vector in RULES:
        cap = None if vector.cap == "none" else 100 if vector.cap is None else vector.cap
        points = vector.points.get("points", vector.points)
        found = score_actual(
            vector.rule, points, float(vector.actual), direction=vector.direction, cap=cap
        )
        stored = ask("kpi_score", "rules", vector.id)["score"]
        if found != stored:
            differing[vector.id] = (found, stored)
    assert differing == {}


@pytest.mark.parametrize("target", [-2, 0])
def test_a_ratio_to_a_target_of_zero_or_below_is_refused(target: float) -> None:
    """An actual of 3 against a target of -2 must never score -150."""
    with pytest.raises(PointsError):
        score_actual("ratio", {"target": target}, 3)


REFUSED: list[tuple[str, Mapping[str, Any], str]] = [
    ("linear", {"red": 700, "target": 500}, "higher_is_better"),
    ("linear", {"red": 500, "target": 700}, "lower_is_better"),
    ("linear", {"red": 500, "target": 500}, "higher_is_better"),
    ("linear", {"red": 500, "target": 700, "worst": 500}, "higher_is_better"),
    ("min_max", {"min": 5, "max": 5}, "higher_is_better"),
    ("progress", {"baseline": 45, "target": 15}, "higher_is_better"),
    ("range", {"low": 105, "high": 95, "tolerance": 10}, "higher_is_better"),
    ("steps", {"points": [(66666, 2), (0, 1)]}, "higher_is_better"),
    ("curve", {"points": [(0, 0), (0, 80)]}, "higher_is_better"),
]


@pytest.mark.parametrize(("rule", "points", "direction"), REFUSED)
def test_points_in_the_wrong_order_or_without_a_gap_are_refused(
    rule: str, points: Mapping[str, Any], direction: str
) -> None:
    with pytest.raises(PointsError):
        score_actual(rule, points, 1, direction=direction)


@pytest.mark.parametrize("name", EDGES)
def test_a_band_is_told_after_rounding_to_two_decimals(name: str, ask: Ask) -> None:
    score, band = EDGES[name]
    row = ask("kpi_score", "rules", name)
    assert (row["score"], row["band"]) == (pytest.approx(float(score)), band)


# -------------------------------------------------------------------------------------------------------------- roll-up


@pytest.mark.parametrize(
    ("objective", "score"),
    [
        ("half_half", 70), ("ninety_ten", 86), ("scaled", 86), ("weightless", 90), ("covered_half", 80),
        ("covered_third", None), ("gated", 93), ("gate_unknown", 100), ("green_over_red", 90),
        ("worst", 40), ("best", 90), ("geometric", 60), ("geometric_zero", 0),
    ],
)  # fmt: skip
def test_an_objective_rolls_up_to_its_worked_value(
    objective: str, score: float | None, ask: Ask
) -> None:
    row = ask("objective_score", "parents", objective)
    assert row["score"] == (None if score is None else pytest.approx(score))


@pytest.mark.parametrize(
    ("objective", "coverage"),
    [("half_half", 1), ("covered_half", 0.5), ("covered_third", 1 / 3), ("gate_unknown", 0.9)],
)
def test_coverage_is_the_share_of_weight_that_has_a_score(
    objective: str, coverage: float, ask: Ask
) -> None:
    assert ask("objective_score", "parents", objective)["coverage"] == pytest.approx(coverage)


def test_a_scorecard_whose_every_objective_lacks_half_its_kpis_has_coverage_one_half(
    ask: Ask,
) -> None:
    row = ask("scorecard_score", "half", "card")
    assert (row["coverage"], row["score"]) == (pytest.approx(0.5), pytest.approx(80))


@pytest.mark.parametrize(
    ("objective", "band", "is_gated"),
    [
        ("gated", "at_risk", True),
        ("gate_unknown", "at_risk", True),
        ("gate_held", "on_track", False),
    ],
)
def test_a_gate_lets_its_parent_be_at_risk_at_best(
    objective: str, band: str, is_gated: bool, ask: Ask
) -> None:
    row = ask("objective_score", "parents", objective)
    assert (row["band"], row["is_gated"]) == (band, is_gated)


def test_a_parent_on_track_over_a_kpi_off_track_says_so(ask: Ask) -> None:
    row = ask("objective_score", "parents", "green_over_red")
    assert (row["band"], row["off_track_below_count"]) == ("on_track", 1)
    assert row["weakest_child_id"] == "green_over_red_a"


@pytest.mark.parametrize(("child", "lost"), [("ninety_ten_a", 9.0), ("ninety_ten_b", 5.0)])
def test_points_lost_are_the_weight_share_of_what_is_lacking(
    child: str, lost: float, ask: Ask
) -> None:
    row = ask("child_cost", "parents", child_id=child)
    assert row["points_lost"] == pytest.approx(lost)


# -------------------------------------------------------------------------------------------------------------- balance


@pytest.mark.parametrize(("unit", "result"), [("even", 100), ("mixed", 80), ("lone", 0)])
def test_balance_of_result_is_100_less_the_gap(unit: str, result: float, ask: Ask) -> None:
    assert ask("balance", unit)["result_balance"] == pytest.approx(result)


def test_balance_of_weight_is_entropy_over_its_greatest_value(ask: Ask) -> None:
    assert ask("balance", "mixed")["weight_balance"] == pytest.approx(78.55, abs=HUNDREDTH)
    assert balance_of_weight([60, 10, 10, 20]) == pytest.approx(78.55, abs=HUNDREDTH)


def test_the_balance_names_the_highest_and_the_lowest(ask: Ask) -> None:
    row = ask("balance", "mixed")
    ends = (row["highest_perspective_id"], row["lowest_perspective_id"])
    assert ends == ("financial", "customer")


@pytest.mark.parametrize(
    ("scores", "result"), [((50,) * 4, 100), ((80, 60, 70, 65), 80), ((100, 0, 0, 0), 0)]
)
def test_the_oracle_knows_the_balance_of_result(scores: tuple[float, ...], result: float) -> None:
    assert balance_of_result(scores) == result


# --------------------------------------------------------------------------------------------------- values and signals


@pytest.mark.parametrize(
    ("grain", "start", "actual"),
    [
        ("month", date(2026, 7, 1), None),
        ("month", date(2026, 8, 1), 0.5),
        ("month", date(2026, 9, 1), 0.4),
        ("quarter", date(2026, 7, 1), 405 / 1010),
    ],
)
def test_a_ratio_of_sums_is_no_mean_of_ratios_and_a_zero_denominator_gives_no_data(
    grain: str, start: date, actual: float | None, ask: Ask
) -> None:
    row = ask("kpi_value", "sums", "share", grain=grain, period_start_date=start)
    assert row["actual"] == (None if actual is None else pytest.approx(actual))


def test_limits_are_the_mean_and_2_66_mean_moving_ranges(ask: Ask) -> None:
    row = ask("kpi_score", "control", "control_chart")
    limits = (row["usual_low"], row["usual_mean"], row["usual_high"])
    assert limits == pytest.approx((7.61, 11.6, 15.59), abs=HUNDREDTH)
    assert row["signal"] is None


def test_the_oracle_knows_the_limits() -> None:
    worked = pytest.approx((7.61, 11.6, 15.59), abs=HUNDREDTH)
    assert usual_range([10, 12, 11, 13, 12]) == worked
    assert usual_range([float(value) for value in CONTROL]) == worked


@pytest.mark.parametrize(
    ("month", "state"), [(date(2026, 6, 1), "current"), (date(2026, 8, 1), "current")]
)
def test_a_month_shows_a_quarterly_kpi_with_its_last_closed_quarter(
    month: date, state: str, ask: Ask
) -> None:
    row = ask("kpi_score", "late", "quarterly", period_start_date=month)
    shown = (row["value_grain"], row["value_period_start_date"], row["score"], row["data_state"])
    assert shown == ("quarter", date(2026, 4, 1), pytest.approx(70), state)


def test_a_workspace_of_files_alone_holds_nothing_else(tmp_path: Path) -> None:
    write_workspace(tmp_path / "workspace")
    kinds = {path.suffix for path in (tmp_path / "workspace").rglob("*") if path.is_file()}
    assert kinds == {".yaml", ".csv"}
    with contextlib.suppress(KeyError):
        assert not read_workspace(tmp_path / "workspace").staging
