"""Signal or noise: XmR limits and signals, against Wheeler's arithmetic, on each KPI's own length of period."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pytest

from scorecard.check import check_workspace
from scorecard.workspace import read_workspace
from tests.scorecard.small import write
from tests.transforms.small_scorecard import SmallScorecard, kpi, months
from transforms.steps import step_text

MONTHS = months(date(2024, 1, 1), 36)
CALM = [10, 12, 11, 13, 12, 10, 12, 11, 13, 12, 10, 12]
Point = dict[str, Any]


@pytest.fixture
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    """Give a connection with the macros, and with one KPI that is watched by its actual, month by month."""
    with duckdb.connect() as connection:
        connection.execute(step_text("macros"))
        connection.execute("create schema scorecard")
        watch(connection)
        yield connection


def watch(
    connection: duckdb.DuckDBPyConnection, *, frequency: str = "month", signal_on: str = "actual",
    baselines: Sequence[date] = (),
) -> None:  # fmt: skip
    """Say how the KPI `k` is watched."""
    connection.execute(
        "create or replace table scorecard.dim_kpi as "
        "select 'k' as kpi_id, $frequency as frequency, $signal_on as signal_on",
        {"frequency": frequency, "signal_on": signal_on},
    )
    connection.execute(
        "create or replace table scorecard.signal_baseline as "
        "select 'k' as kpi_id, unnest($dates::date[]) as valid_from_date",
        {"dates": list(baselines)},
    )


def usual(
    connection: duckdb.DuckDBPyConnection, *series: Sequence[float | None],
    days: Sequence[date] = MONTHS, grain: str = "month",
) -> dict[date, Point]:  # fmt: skip
    """Give limits and signals by period; several series are units `0`, `1`, …, of which the first is given back."""
    rows = [
        {"kpi_id": "k", "unit_id": str(unit), "grain": grain, "period_start_date": day, "actual": x}
        for unit, values in enumerate(series)
        for day, x in zip(days, values, strict=False)
        if x is not None
    ]
    lay(connection, pa.Table.from_pylist(rows))
    found = connection.execute("select * from usual_range where unit_id = '0'")
    names = [column[0] for column in found.description or []]
    points = [dict(zip(names, row, strict=True)) for row in found.fetchall()]
    return {point["period_start_date"]: point for point in points}


def lay(connection: duckdb.DuckDBPyConnection, values: pa.Table) -> None:
    """Compute the usual range of these whole values."""
    connection.register("values_given", values)
    connection.execute("create or replace temp table whole_value as from values_given")
    connection.unregister("values_given")
    connection.execute(f"create or replace temp table usual_range as {step_text('usual_range')}")


def signals(points: dict[date, Point]) -> list[str | None]:
    return [points[day]["signal"] for day in sorted(points)]


class TestLimits:
    def test_match_the_worked_vector(self, connection: duckdb.DuckDBPyConnection) -> None:
        """10, 12, 11, 13, 12: mean 11.6, mean moving range 1.5, limits 7.61 and 15.59."""
        limits = connection.execute("select xmr_limits([10, 12, 11, 13, 12]::double[])").fetchall()
        mean, reach = limits[0][0]["mean"], limits[0][0]["reach"]
        assert mean == pytest.approx(11.6)
        assert reach == pytest.approx(2.66 * 1.5)
        assert (round(mean - reach, 2), round(mean + reach, 2)) == (7.61, 15.59)

    def test_are_those_of_the_first_twelve_periods(
        self, connection: duckdb.DuckDBPyConnection
    ) -> None:
        points = usual(connection, [*CALM, 40, 41])
        mean = sum(CALM) / 12
        reach = 2.66 * sum(abs(b - a) for a, b in pairwise(CALM)) / 11
        for point in points.values():
            assert point["usual_mean"] == pytest.approx(mean)
            assert point["usual_low"] == pytest.approx(mean - reach)
            assert point["usual_high"] == pytest.approx(mean + reach)
        assert signals(points) == [None] * 12 + ["high", "high"]

    def test_need_twelve_periods(self, connection: duckdb.DuckDBPyConnection) -> None:
        assert usual(connection, CALM[:11]) == {}
        assert len(usual(connection, CALM)) == 12

    def test_begin_anew_where_a_person_says_so(self, connection: duckdb.DuckDBPyConnection) -> None:
        watch(connection, baselines=[MONTHS[14]])
        lower, higher = CALM + CALM[:2], [x + 100 for x in CALM]
        points = usual(connection, lower + higher)
        assert points[MONTHS[13]]["usual_mean"] == pytest.approx(sum(CALM) / 12)
        assert points[MONTHS[14]]["usual_mean"] == pytest.approx(sum(CALM) / 12 + 100)
        assert set(signals(points)) == {None}

    def test_wait_for_twelve_periods_after_each_new_baseline(
        self, connection: duckdb.DuckDBPyConnection
    ) -> None:
        watch(connection, baselines=[MONTHS[14], MONTHS[28]])
        points = usual(connection, [*CALM, *CALM[:2], *CALM, *CALM[:2], *CALM[:8]])
        assert sorted(points) == MONTHS[:28]

    def test_a_baseline_within_a_period_begins_with_the_next(
        self, connection: duckdb.DuckDBPyConnection
    ) -> None:
        watch(connection, baselines=[MONTHS[12].replace(day=15)])
        points = usual(connection, [*CALM, 12, *[x + 100 for x in CALM]])
        assert points[MONTHS[12]]["usual_mean"] == pytest.approx(sum(CALM) / 12)
        assert points[MONTHS[13]]["usual_mean"] > 100

    @pytest.mark.parametrize("grain", ["quarter", "half", "year"])
    def test_are_on_the_length_of_period_that_the_kpi_is_measured_in(
        self, connection: duckdb.DuckDBPyConnection, grain: str
    ) -> None:
        step = {"quarter": 3, "half": 6, "year": 12}[grain]
        days = months(date(2010, 1, 1), 14 * step)[::step]
        watch(connection, frequency=grain)
        points = usual(connection, [*CALM, 12, 60], days=days, grain=grain)
        assert {point["grain"] for point in points.values()} == {grain}
        assert signals(points)[-2:] == [None, "high"]
        assert usual(connection, CALM, days=MONTHS, grain="month") == {}

    def test_lie_around_last_years_value_where_season_is_declared(
        self, connection: duckdb.DuckDBPyConnection
    ) -> None:
        watch(connection, signal_on="change_yoy")
        season = [100 * month for month in range(12)]
        series = [s + x for s, x in zip(season * 3, CALM * 2 + [x + 5 for x in CALM], strict=True)]
        points = usual(connection, series)
        assert sorted(points) == MONTHS[12:]
        last = points[MONTHS[-1]]
        assert last["usual_mean"] == pytest.approx(series[-13])
        assert set(signals(points)[:12]) == {None}


class TestSignals:
    @pytest.mark.parametrize(
        ("tail", "signal"),
        [
            ([11.6, 17], "high"),
            ([11.6, 6], "low"),
            ([12.5] * 8, "shift_up"),
            ([10.5] * 8, "shift_down"),
            ([12.5] * 7, None),
            ([14.5, 11, 14.5, 14.5], "near_high"),
            ([8.5, 12, 8.5, 8.5], "near_low"),
            ([14.5, 14.5, 14.5, 11.7], None),
            ([14.5, 8.5, 14.5, 8.5], None),
            ([14.5, 11, 11, 14.5, 14.5], None),
        ],
    )
    def test_are_a_point_outside_a_run_or_three_of_four_near_one_limit(
        self, connection: duckdb.DuckDBPyConnection, tail: list[float], signal: str | None
    ) -> None:
        """The last point of the tail decides; the points before are usual, the twelfth on the other side of the mean."""
        side = 10 if tail[-1] > 11.6 else 13
        points = usual(connection, [*CALM[:10], 13, 10, side, *tail])
        assert signals(points)[-1] == signal

    def test_no_run_crosses_a_new_baseline(self, connection: duckdb.DuckDBPyConnection) -> None:
        watch(connection, baselines=[MONTHS[18]])
        points = usual(connection, [*CALM, *[12.5] * 6, *[12.5] * 2, *CALM[:10]])
        uncut = [*CALM, *[12.5] * 8]
        assert points[MONTHS[19]]["signal"] is None
        watch(connection)
        assert usual(connection, uncut)[MONTHS[19]]["signal"] == "shift_up"

    @pytest.mark.parametrize("level", [0.1, 1e-9, 1234.1, 3e11 + 0.3])
    def test_a_constant_series_is_calm_whatever_doubles_make_of_its_mean(
        self, connection: duckdb.DuckDBPyConnection, level: float
    ) -> None:
        assert set(signals(usual(connection, [level] * 30))) == {None}
        watch(connection, signal_on="change_yoy")
        series = [level * month + level for month in range(36)]
        assert set(signals(usual(connection, series))) == {None}

    def test_a_step_after_a_constant_baseline_is_a_signal(
        self, connection: duckdb.DuckDBPyConnection
    ) -> None:
        assert signals(usual(connection, [0.1] * 12 + [0.1001]))[-1] == "high"


def test_three_of_four_flags_one_noise_series_in_thirty_not_one_in_ten(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    """Two years of noise with limits that are known: nearer the same limit 1 in 30, nearer either limit 1 in 10.

    The baseline's moving ranges are made to give the true limits, so that the rule alone is measured.
    """
    count, known, watched = 3000, 12, 24
    noise = np.random.default_rng(20261123).standard_normal((count, watched))
    half = 3 / 2.66 / 2  # moving ranges of 3 / 2.66 give limits at 3 standard deviations
    baseline = np.tile([half, -half], (count, known // 2))
    series = np.hstack([baseline, noise])
    days = months(date(2020, 1, 1), known + watched)
    lay(connection, pa.table({
        "kpi_id": ["k"] * series.size,
        "unit_id": np.repeat(np.arange(count).astype(str), len(days)),
        "grain": ["month"] * series.size,
        "period_start_date": pa.array(np.tile(np.array(days, dtype="datetime64[D]"), count)),
        "actual": series.ravel(),
    }))  # fmt: skip
    flagged = connection.execute(
        "select count(distinct unit_id) from usual_range where signal like 'near%'"
    ).fetchall()[0][0]
    near = np.abs(noise) > 1.5
    either = np.lib.stride_tricks.sliding_window_view(near, 4, axis=1).sum(axis=2) >= 3
    assert 1 / 36 < flagged / count < 1 / 25
    assert 1 / 12 < either.any(axis=1).mean() < 1 / 8


SEPTEMBER = date(2026, 9, 1)


def movements(warehouse: duckdb.DuckDBPyConnection, unit: str = "all") -> dict[date, Point]:
    """Give the rows of scorecard.movement by period."""
    found = warehouse.execute("from scorecard.movement where unit_id = $unit", {"unit": unit})
    names = [column[0] for column in found.description or []]
    rows = [dict(zip(names, row, strict=True)) for row in found.fetchall()]
    return {row["period_start_date"]: row for row in rows}


def test_a_quarterly_kpis_months_show_its_quarters_signal(tmp_path: Path) -> None:
    """Thirteen quarters, the last one far out: the months that show it say so, months and quarters of other KPIs do not."""
    days = months(date(2023, 7, 1), 39)
    card = SmallScorecard(kpis=[kpi("k", frequency="quarter"), kpi("other")])
    values = [x for x in [*CALM, 40] for _ in range(3)]
    for name in ("k", "other"):
        card.add(name, [("south", m, x) for m, x in zip(days, values, strict=True)])
    with card.scored(tmp_path) as warehouse:
        shown = warehouse.execute(
            "select kpi_id, grain, signal, usual_mean from scorecard.kpi_score "
            "where period_start_date in (date '2026-09-01', date '2026-07-01') and unit_id = 'all' "
            "and usual_mean is not null and (grain != 'month' or month(period_start_date) = 9) order by all"
        ).fetchall()
        mean = 3 * sum(CALM) / 12
        assert [row[:3] for row in shown] == [
            ("k", "month", "high"), ("k", "quarter", "high"), ("other", "month", "high"),
        ]  # fmt: skip
        assert [row[3] for row in shown[:2]] == pytest.approx([mean, mean])


class TestMovement:
    def test_is_split_into_signal_and_noise(self, tmp_path: Path) -> None:
        """Twelve calm months are noise from the first on; a jump is new, then kept, then over."""
        card = SmallScorecard(
            kpis=[kpi("k", direction="lower_is_better")],
            targets=[{"kpi": "k", "unit": "all", "red": 20, "target": 11}],
        )
        values = [*CALM, 40, 42, 11, 41]
        days = months(date(2025, 6, 1), len(values))
        card.add("k", [("south", m, x) for m, x in zip(days, values, strict=True)])
        with card.scored(tmp_path) as warehouse:
            found = movements(warehouse)
        told = [(found[day]["kind"], found[day]["since_date"]) for day in days[-5:]]
        assert told == [
            ("no_change", None), ("new_signal", days[-4]), ("kept_signal", days[-4]),
            ("no_change", None), ("new_signal", days[-1]),
        ]  # fmt: skip
        last = found[SEPTEMBER]
        assert (last["signal"], last["is_better"], last["change_previous"]) == ("high", False, 30)
        assert (last["band_before"], last["band"]) == ("on_track", "off_track")
        assert (last["score_before"], last["score"]) == (pytest.approx(200 / 3), 0)

    def test_of_a_short_series_is_not_judged(self, tmp_path: Path) -> None:
        card = SmallScorecard(kpis=[kpi("k")])
        days = months(date(2026, 5, 1), 5)
        card.add("k", [("south", m, 5) for m in days if m.month != 7])
        with card.scored(tmp_path) as warehouse:
            found = movements(warehouse)
        assert {day: row["kind"] for day, row in found.items()} == dict.fromkeys(
            [day for day in days if day.month != 7], "too_short"
        )

    @pytest.mark.parametrize(("last", "is_better"), [(16, True), (40, False)])
    def test_of_a_kpi_without_direction_is_judged_by_its_score(
        self, tmp_path: Path, last: float, is_better: bool
    ) -> None:
        card = SmallScorecard(
            kpis=[kpi("k", aggregation="mean", rule="range", direction=None)],
            targets=[{"kpi": "k", "unit": "all", "low": 15, "high": 16, "tolerance": 10}],
        )
        days = months(date(2025, 9, 1), 13)
        card.add("k", [("south", m, x) for m, x in zip(days, [*CALM, last], strict=True)])
        with card.scored(tmp_path) as warehouse:
            found = movements(warehouse)[SEPTEMBER]
        assert (found["kind"], found["is_better"]) == ("new_signal", is_better)


@pytest.mark.parametrize("second", ["2025-01-01", "2024-06-01"])
def test_baselines_are_written_in_the_order_of_their_dates(tmp_path: Path, second: str) -> None:
    baselines = (
        "is_leading: true\n            baselines:\n"
        "              - {valid_from: 2025-01-01, reason: New line}\n"
        f"              - {{valid_from: {second}, reason: Again}}\n"
    )
    root = write(tmp_path, ("strategy.yaml", "is_leading: true\n", baselines))
    said = defaultdict(list)
    for finding in check_workspace(read_workspace(root)):
        said[finding.severity].append(str(finding))
    assert said["error"] == [
        "strategy.yaml:20: error: The baseline of revenue from "
        f"{second} comes after the one from 2025-01-01. "
        "Mend: Write baselines in the order of their dates, each date once."
    ]
