"""KPIs that are measured quarterly, half-yearly or yearly, on a scorecard of months."""

from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.transforms.small_scorecard import REGIONS, SmallScorecard, actual, found, kpi, months

READINGS = {
    "2025-02": 10, "2025-05": 20, "2025-08": 30, "2025-11": 40,
    "2026-02": 50, "2026-06": 60, "2026-07": 70,
}  # fmt: skip
"""One row a quarter, in any of its months."""


def month(text: str) -> date:
    """Give the first day of a month written 2026-09."""
    return date.fromisoformat(f"{text}-01")


def quarterly(*more: dict[str, Any], without: tuple[str, ...] = (), **changes: Any) -> SmallScorecard:  # fmt: skip
    """Give the KPI q, read once a quarter in south."""
    settings = {name: changes.pop(name) for name in ("aggregation", "max_age", "empty") if name in changes}  # fmt: skip
    card = SmallScorecard(
        kpis=[kpi("q", frequency="quarter", **settings), *more],
        targets=[{"kpi": "q", "unit": "all", "per": "quarter", "red": 0, "target": 100}],
        **changes,
    )
    card.add("q", [("south", month(m), v) for m, v in READINGS.items() if m not in without])
    # another measure, so that the calendar has every month
    card.kpis.append(kpi("monthly"))
    card.add("monthly", [("south", m, 1) for m in months(date(2025, 1, 1), 21)])
    return card


def shown(
    warehouse: duckdb.DuckDBPyConnection, grain: str, first: str, **keys: str
) -> tuple[Any, ...]:
    """Give what a period shows: actual, its period, and the state of the data."""
    row = found(
        warehouse, "scorecard.kpi_score", **{"kpi_id": "q", "unit_id": "all"} | keys, grain=grain,
        period_start_date=month(first),
    )  # fmt: skip
    assert row is not None
    start = row["value_period_start_date"]
    return row["actual"], row["value_grain"], start and f"{start:%Y-%m}", row["data_state"]


class TestValues:
    """What a KPI that is measured quarterly has values of."""

    def test_are_of_quarters_and_longer_periods_alone(self, tmp_path: Path) -> None:
        with quarterly().scored(tmp_path) as warehouse:
            grains = warehouse.execute(
                "select grain, count(*), max(month(period_start_date) % 3) filter "
                "(where grain in ('ytd', 'ttm')) from scorecard.kpi_value where kpi_id = 'q' "
                "and unit_id = 'all' group by grain order by grain"
            ).fetchall()
            # seven quarters; trailing twelve months from December 2025 on
            assert grains == [
                ("half", 4, None), ("quarter", 7, None), ("ttm", 4, 0), ("year", 2, None), ("ytd", 7, 0),
            ]  # fmt: skip

    @pytest.mark.parametrize(
        ("aggregation", "grain", "first", "expected"),
        [
            ("sum", "quarter", "2026-04-01", 60),
            ("sum", "half", "2026-01-01", 110),
            ("sum", "year", "2025-01-01", 100),
            ("sum", "ytd", "2026-09-01", 180),
            ("sum", "ttm", "2026-09-01", 220),
            ("sum", "month", "2026-07-01", None),
            ("sum", "ytd", "2026-08-01", None),
            ("mean", "quarter", "2026-04-01", 60),
            ("mean", "year", "2025-01-01", 25),
            ("mean", "ytd", "2026-06-01", 55),
            ("last", "year", "2025-01-01", 40),
            ("last", "ttm", "2026-09-01", 70),
        ],
    )
    def test_add_up_over_its_own_periods(
        self, tmp_path: Path, aggregation: str, grain: str, first: str, expected: float | None
    ) -> None:
        with quarterly(aggregation=aggregation).scored(tmp_path) as warehouse:
            value = found(
                warehouse, "scorecard.kpi_value", kpi_id="q", unit_id="all", grain=grain,
                period_start_date=date.fromisoformat(first),
            )  # fmt: skip
            assert (value and value["actual"]) == expected
            assert value is None or not value["is_provisional"]

    def test_of_a_quarter_without_any_row_make_the_year_provisional(self, tmp_path: Path) -> None:
        with quarterly(without=("2025-08",)).scored(tmp_path) as warehouse:
            year = found(
                warehouse, "scorecard.kpi_value", kpi_id="q", unit_id="all", grain="year",
                period_start_date=date(2025, 1, 1),
            )  # fmt: skip
            assert year is not None
            assert (year["actual"], year["is_provisional"]) == (70, True)

    def test_of_a_quarter_without_any_row_are_zero_where_the_kpi_says_so(
        self, tmp_path: Path
    ) -> None:
        card = quarterly(without=("2025-08",), empty="zero", aggregation="mean")
        with card.scored(tmp_path) as warehouse:
            assert actual(warehouse, "q", "all", "quarter", "2025-07-01") == 0
            assert actual(warehouse, "q", "all", "year", "2025-01-01") == 70 / 4

    @pytest.mark.parametrize("aggregation", ["sum", "mean", "distinct"])
    def test_are_not_zero_before_the_first_month_that_the_data_reach(
        self, tmp_path: Path, aggregation: str
    ) -> None:
        """The first rows are of February, and the data end in January: of the quarter nothing is known."""
        card = SmallScorecard(
            kpis=[kpi("q", frequency="quarter", empty="zero", aggregation=aggregation), kpi("monthly")],
            data_as_of_by_measure={"q": date(2026, 1, 31)},
        )  # fmt: skip
        if aggregation == "distinct":
            card.keys = [("q", "north", month("2026-02"), "a")]
        else:
            card.add("q", [("north", month("2026-02"), 4)])
        card.add("monthly", [("south", m, 1) for m in months(date(2026, 1, 1), 6)])
        with card.scored(tmp_path) as warehouse:
            assert actual(warehouse, "q", "south", "quarter", "2026-01-01") is None

    @pytest.mark.parametrize(("aggregation", "expected"), [("last", 12), ("mean", 9), ("sum", 16)])
    def test_of_units_that_are_read_in_different_months_stand_together(
        self, tmp_path: Path, aggregation: str, expected: float
    ) -> None:
        """North is read in January and March, south in February: the quarter has both, and each level once."""
        card = SmallScorecard(kpis=[kpi("q", aggregation=aggregation, frequency="quarter")])
        card.add("q", [("north", month("2026-01"), 2), ("north", month("2026-03"), 8)])
        card.add("q", [("south", month("2026-02"), 4 if aggregation != "sum" else 6)])
        with card.scored(tmp_path) as warehouse:
            assert actual(warehouse, "q", "all", "quarter", "2026-01-01") == expected

    def test_of_a_ratio_are_ratios_of_sums(self, tmp_path: Path) -> None:
        card = SmallScorecard(kpis=[kpi("q", aggregation="ratio", frequency="quarter")])
        card.add("q", [("north", month("2026-01"), (1, 2)), ("south", month("2026-06"), (2, 8))])
        with card.scored(tmp_path) as warehouse:
            assert actual(warehouse, "q", "all", "half", "2026-01-01") == 3 / 10

    def test_of_a_level_belong_where_the_unit_stands_at_the_quarters_end(
        self, tmp_path: Path
    ) -> None:
        moves = [{"unit": "n1", "parent": "south", "valid_from": date(2026, 8, 15)}]
        for aggregation, north, south in (("last", None, 5), ("sum", 5, None)):
            (tmp_path / aggregation).mkdir()
            card = SmallScorecard(
                kpis=[kpi("q", aggregation=aggregation, frequency="quarter")],
                company={"trees": [{**REGIONS, "moves": moves}]},
            )
            card.add("q", [("n1", month("2026-07"), 5)])
            with card.scored(tmp_path / aggregation) as warehouse:
                assert actual(warehouse, "q", "north", "quarter", "2026-07-01") == north
                assert actual(warehouse, "q", "south", "quarter", "2026-07-01") == south

    @pytest.mark.parametrize(
        ("grain", "first", "expected"),
        [
            ("quarter", "2026-07-01", 10),
            ("half", "2026-01-01", 110 - 70),
            ("ttm", "2026-09-01", 220 - 180),
            ("ytd", "2026-09-01", 180 - 60),
        ],
    )
    def test_change_against_the_periods_before(
        self, tmp_path: Path, grain: str, first: str, expected: float
    ) -> None:
        step = kpi(
            "step", measure="q", frequency="quarter",
            change={"against": "previous", "form": "absolute"},
        )  # fmt: skip
        with quarterly(step).scored(tmp_path) as warehouse:
            assert actual(warehouse, "step", "all", grain, first) == expected

    def test_of_an_expression_are_computed_at_its_own_periods(self, tmp_path: Path) -> None:
        rate = {
            "id": "rate", "name": "Rate", "owner": "Jo", "direction": "higher_is_better",
            "frequency": "quarter",
            "derived": {"expression": "q / monthly", "terms": {
                "q": {"measure": "q", "aggregation": "sum"},
                "monthly": {"measure": "monthly", "aggregation": "sum"}}},
        }  # fmt: skip
        with quarterly(rate).scored(tmp_path) as warehouse:
            assert actual(warehouse, "rate", "all", "quarter", "2026-07-01") == 70 / 3
            assert actual(warehouse, "rate", "all", "year", "2025-01-01") == 100 / 12
            assert actual(warehouse, "rate", "all", "month", "2026-07-01") is None


class TestWhatAMonthShows:
    """The last closed period of the KPI's own, with its own points."""

    @pytest.mark.parametrize(
        ("grain", "first", "expected"),
        [
            ("month", "2026-06", (60, "quarter", "2026-04", "current")),
            ("month", "2026-07", (60, "quarter", "2026-04", "current")),
            ("month", "2026-08", (60, "quarter", "2026-04", "current")),
            ("month", "2026-09", (70, "quarter", "2026-07", "current")),
            ("month", "2025-02", (None, None, None, "no_data")),
            ("quarter", "2026-07", (70, "quarter", "2026-07", "current")),
            ("half", "2026-01", (110, "half", "2026-01", "current")),
            ("ytd", "2026-08", (110, "ytd", "2026-06", "current")),
            ("ytd", "2026-01", (100, "ytd", "2025-12", "current")),
            ("ttm", "2026-08", (180, "ttm", "2026-06", "current")),
        ],
    )
    def test_is_the_newest_that_had_closed(
        self, tmp_path: Path, grain: str, first: str, expected: tuple[Any, ...]
    ) -> None:
        with quarterly().scored(tmp_path) as warehouse:
            assert shown(warehouse, grain, first) == expected

    def test_is_scored_with_the_points_of_its_own_period(self, tmp_path: Path) -> None:
        with quarterly().scored(tmp_path) as warehouse:
            scores = [
                found(
                    warehouse, "scorecard.kpi_score", kpi_id="q", unit_id="all", grain=grain,
                    period_start_date=month(first),
                )
                for grain, first in (("month", "2026-08"), ("quarter", "2026-04"))
            ]  # fmt: skip
            # red 0 and target 100 a quarter: 60 scores 33.33 + 60 % of 33.33
            for score in scores:
                assert score is not None
                assert score["score"] == pytest.approx(100 / 3 * 1.6)
                assert score["target"] == 100

    def test_is_the_quarter_before_until_that_is_too_old(self, tmp_path: Path) -> None:
        """The third quarter closed on 30 September, and the data reach August: the second stands in for two quarters."""
        card = quarterly(without=("2026-07",), data_as_of=date(2026, 8, 31))
        with card.scored(tmp_path, as_of=date(2027, 4, 5)) as warehouse:
            stale = (60, "quarter", "2026-04", "stale")
            assert [
                shown(warehouse, "month", m)
                for m in ("2026-08", "2026-09", "2026-12", "2027-02", "2027-03")
            ] == [(*stale[:3], "current"), stale, stale, stale, (None, None, None, "no_data")]
            assert [shown(warehouse, "quarter", m) for m in ("2026-07", "2026-10", "2027-01")] == [
                stale,
                stale,
                (None, None, None, "no_data"),
            ]

    @pytest.mark.parametrize(
        ("max_age", "states"),
        [(0, ["no_data"] * 3), (1, ["stale", "no_data", "no_data"]), (3, ["stale"] * 3)],
    )
    def test_to_date_ages_at_the_steps_of_its_frequency(
        self, tmp_path: Path, max_age: int, states: list[str]
    ) -> None:
        """Trailing twelve months of a quarterly KPI end with quarters: these are counted, not the months between."""
        card = quarterly(without=("2026-07",), data_as_of=date(2026, 8, 31), max_age=max_age)
        with card.scored(tmp_path, as_of=date(2027, 4, 5)) as warehouse:
            shown_at = [shown(warehouse, "ttm", m) for m in ("2026-11", "2027-02", "2027-03")]
            assert [state for *_, state in shown_at] == states
            assert {start for *_, start, state in shown_at if state == "stale"} <= {"2026-06"}

    def test_is_no_data_where_the_data_reach_the_quarters_end_without_a_row(
        self, tmp_path: Path
    ) -> None:
        with quarterly(without=("2026-07",)).scored(tmp_path) as warehouse:
            assert shown(warehouse, "month", "2026-09") == (None, None, None, "no_data")
            assert shown(warehouse, "month", "2026-08")[3] == "current"

    def test_is_unverified_where_rows_of_that_quarter_have_an_unknown_unit(
        self, tmp_path: Path
    ) -> None:
        card = quarterly(unplaced=[("q", "nowhere", month("2026-05"))])
        with card.scored(tmp_path) as warehouse:
            states = {m: shown(warehouse, "month", f"2026-{m:02}")[3] for m in (5, 6, 8, 9)}
            assert states == {5: "current", 6: "unverified", 8: "unverified", 9: "current"}

    def test_of_a_reading_entered_by_hand_is_whole_whatever_its_month(self, tmp_path: Path) -> None:
        """The third quarter was entered in July, and nothing later: it is complete all the same."""
        card = quarterly(manual=frozenset({"q"}), data_as_of_by_measure={"q": date(2026, 7, 31)})
        with card.scored(tmp_path) as warehouse:
            assert shown(warehouse, "month", "2026-09") == (70, "quarter", "2026-07", "current")


@pytest.mark.parametrize(
    ("grain", "first", "state"),
    [
        ("month", "2026-10", "stale"),
        ("month", "2026-11", "no_data"),
        ("quarter", "2026-07", "stale"),
        ("quarter", "2026-10", "stale"),
        ("quarter", "2027-01", "no_data"),
        ("half", "2026-07", "stale"),
        ("half", "2027-01", "stale"),
        ("ytd", "2026-10", "stale"),
        ("ytd", "2026-11", "no_data"),
        ("ttm", "2026-10", "stale"),
        ("ttm", "2026-11", "no_data"),
    ],
)
def test_of_a_monthly_kpi_the_last_good_value_ages_in_periods_of_the_rows_length(
    tmp_path: Path, grain: str, first: str, state: str
) -> None:
    """The data reach 31 August; whole are August, the second quarter and the first half: each stands in for two of its kind."""
    card = SmallScorecard(
        kpis=[kpi("m")],
        targets=[{"kpi": "m", "unit": "all", "red": 0, "target": 1}],
        data_as_of=date(2026, 8, 31),
    )
    card.add("m", [("south", each, 1) for each in months(date(2025, 1, 1), 20)])
    with card.scored(tmp_path, as_of=date(2027, 7, 5)) as warehouse:
        assert shown(warehouse, grain, first, kpi_id="m")[3] == state


@pytest.mark.parametrize(
    ("first", "expected"),
    [
        ("2026-05", (1, "year", "2024-07", "no_target")),
        ("2026-06", (2, "year", "2025-07", "no_target")),
        ("2026-09", (2, "year", "2025-07", "no_target")),
    ],
)
def test_a_yearly_kpi_shows_the_last_fiscal_year(
    tmp_path: Path, first: str, expected: tuple[Any, ...]
) -> None:
    card = SmallScorecard(
        kpis=[kpi("q", frequency="year"), kpi("monthly")], company={"fiscal_year_start_month": 7}
    )
    card.add("q", [("south", month("2025-03"), 1), ("south", month("2025-12"), 2)])
    card.add("monthly", [("south", m, 1) for m in months(date(2024, 7, 1), 27)])
    with card.scored(tmp_path) as warehouse:
        for grain in ("month", "ytd"):
            row = shown(warehouse, grain, first)
            assert (row[0], row[3]) == (expected[0], expected[3])
        assert shown(warehouse, "month", first) == expected
        assert shown(warehouse, "quarter", "2026-01") == (1, "year", "2024-07", "no_target")


def test_a_half_yearly_kpi_follows_a_fiscal_year_from_november(tmp_path: Path) -> None:
    card = SmallScorecard(
        kpis=[kpi("q", frequency="half"), kpi("monthly")], company={"fiscal_year_start_month": 11}
    )
    card.add("q", [("south", month("2025-12"), 3), ("south", month("2026-05"), 4)])
    card.add("monthly", [("south", m, 1) for m in months(date(2025, 11, 1), 12)])
    with card.scored(tmp_path) as warehouse:
        assert actual(warehouse, "q", "all", "half", "2025-11-01") == 3
        assert shown(warehouse, "month", "2026-04")[:3] == (3, "half", "2025-11")
        assert shown(warehouse, "quarter", "2026-02")[:3] == (3, "half", "2025-11")
        assert shown(warehouse, "month", "2026-03")[:3] == (None, None, None)
