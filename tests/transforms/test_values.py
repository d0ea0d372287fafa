"""From components to values: the fiscal calendar, deep trees, indices, and numbers at the edges."""

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from tests.transforms.small_scorecard import SmallScorecard, actual, found, kpi, months

MONTHS = months(date(2024, 1, 1), 33)
"""January 2024 to September 2026; their values are 1 to 33."""


def rising(*kpis: dict[str, Any], **changes: Any) -> SmallScorecard:
    """Give KPIs over the measure m, which rises by one a month."""
    card = SmallScorecard(kpis=list(kpis), **changes)
    card.add("m", [("south", month, i) for i, month in enumerate(MONTHS, 1)])
    return card


@pytest.mark.parametrize(
    ("start", "grain", "first", "value"),
    [
        (1, "half", "2026-01-01", sum(range(25, 31))),
        (7, "half", "2026-01-01", sum(range(25, 31))),
        (7, "half", "2025-07-01", sum(range(19, 25))),
        (7, "year", "2025-07-01", sum(range(19, 31))),
        (7, "ytd", "2026-08-01", 31 + 32),
        (11, "half", "2025-11-01", sum(range(23, 29))),
        (11, "half", "2025-05-01", sum(range(17, 23))),
        (11, "quarter", "2026-05-01", 29 + 30 + 31),
        (11, "year", "2024-11-01", sum(range(11, 23))),
        (11, "ytd", "2026-09-01", sum(range(23, 34))),
        (11, "half", "2026-01-01", None),
    ],
)
def test_quarters_halves_and_years_are_fiscal(
    tmp_path: Path, start: int, grain: str, first: str, value: int | None
) -> None:
    card = rising(kpi("m"), company={"fiscal_year_start_month": start})
    with card.scored(tmp_path) as warehouse:
        assert actual(warehouse, "m", "all", grain, first) == value


@pytest.mark.parametrize("start", range(1, 13))
def test_a_fiscal_year_may_start_in_any_month_and_twelve_trailing_months_in_none(
    tmp_path: Path, start: int
) -> None:
    """September 2026 is month 33; the year it lies in began with the newest month called as its start."""
    began = max(i for i, month in enumerate(MONTHS, 1) if month.month == start)
    with rising(kpi("m"), company={"fiscal_year_start_month": start}).scored(tmp_path) as warehouse:
        assert actual(warehouse, "m", "all", "ytd", "2026-09-01") == sum(range(began, 34))
        assert actual(warehouse, "m", "all", "ttm", "2026-09-01") == sum(range(22, 34))
        for grain, length in (("quarter", 3), ("half", 6), ("year", 12)):
            for i in range(began - 12, began, length):
                found = actual(warehouse, "m", "all", grain, MONTHS[i - 1].isoformat())
                assert found == sum(range(i, i + length)), (grain, MONTHS[i - 1])


def test_the_open_half_is_provisional_and_the_last_closed_one_the_headline(tmp_path: Path) -> None:
    with rising(kpi("m")).scored(tmp_path) as warehouse:
        halves = warehouse.execute(
            "select period_start_date, last_date, is_closed, is_headline from scorecard.dim_period "
            "where grain = 'half' order by 1 desc limit 2"
        ).fetchall()
        assert halves == [
            (date(2026, 7, 1), date(2026, 12, 31), False, False),
            (date(2026, 1, 1), date(2026, 6, 30), True, True),
        ]
        open_half = found(
            warehouse, "scorecard.kpi_value", kpi_id="m", unit_id="all", grain="half",
            period_start_date=date(2026, 7, 1),
        )  # fmt: skip
        assert open_half is not None
        assert open_half["is_provisional"]


def test_a_change_against_the_previous_half_is_taken_six_months_before(tmp_path: Path) -> None:
    card = rising(kpi("step", measure="m", change={"against": "previous", "form": "absolute"}))
    with card.scored(tmp_path) as warehouse:
        # January to June 2026 against July to December 2025
        expected = sum(range(25, 31)) - sum(range(19, 25))
        assert actual(warehouse, "step", "all", "half", "2026-01-01") == expected


DEEP = {"id": "land", "name": "Land", "units": [
    {"id": "europe", "name": "E", "units": [
        {"id": "germany", "name": "D", "units": [
            {"id": "hesse", "name": "H", "units": [{"id": "kassel", "name": "K"}]},
            {"id": "bavaria", "name": "B"}]},
        {"id": "france", "name": "F"}]},
    {"id": "asia", "name": "A"},
]}  # fmt: skip


def test_units_of_any_depth_hold_all_that_is_below_them(tmp_path: Path) -> None:
    card = SmallScorecard(kpis=[kpi("m")], company={"trees": [DEEP]})
    september = date(2026, 9, 1)
    rows = {
        "kassel": 1,
        "hesse": 10,
        "bavaria": 100,
        "france": 1000,
        "asia": 10_000,
        "all": 100_000,
    }
    card.add("m", [(unit, september, value) for unit, value in rows.items()])
    with card.scored(tmp_path) as warehouse:
        values = {
            unit: actual(warehouse, "m", unit, "month", "2026-09-01")
            for unit in ("kassel", "hesse", "germany", "europe", "all")
        }
        assert values == {
            "kassel": 1, "hesse": 11, "germany": 111, "europe": 1111, "all": 111_111,
        }  # fmt: skip


class TestIndex:
    """A fixed base period is 100."""

    @pytest.mark.parametrize(
        ("grain", "first", "expected"),
        [
            # the year 2024 has 1 to 12: 6.5 a month
            ("month", "2026-09-01", 100 * 33 / 6.5),
            ("quarter", "2026-07-01", 100 * 32 / 6.5),
            ("half", "2026-01-01", 100 * 27.5 / 6.5),
            ("year", "2025-01-01", 100 * 18.5 / 6.5),
            ("ytd", "2026-09-01", 100 * 29 / 6.5),
            ("ttm", "2026-09-01", 100 * 27.5 / 6.5),
            ("year", "2024-01-01", 100),
        ],
    )
    def test_compares_amounts_per_month(
        self, tmp_path: Path, grain: str, first: str, expected: float
    ) -> None:
        card = rising(kpi("x", measure="m", index={"base": date(2024, 1, 1), "per": "year"}))
        with card.scored(tmp_path) as warehouse:
            assert actual(warehouse, "x", "all", grain, first) == pytest.approx(expected, rel=1e-12)

    @pytest.mark.parametrize(
        ("aggregation", "grain", "first", "expected"),
        [
            ("mean", "year", "2025-01-01", 100 * 18.5 / 4),
            ("last", "quarter", "2026-07-01", 100 * 33 / 4),
            ("sum", "quarter", "2026-07-01", 100 * 32 / 4),
        ],
    )
    def test_takes_levels_as_they_are(
        self, tmp_path: Path, aggregation: str, grain: str, first: str, expected: float
    ) -> None:
        index = {"base": date(2024, 4, 1), "per": "month"}
        card = rising(kpi("x", measure="m", aggregation=aggregation, index=index))
        with card.scored(tmp_path) as warehouse:
            assert actual(warehouse, "x", "all", grain, first) == pytest.approx(expected, rel=1e-12)

    @pytest.mark.parametrize("base", [0, -5, None])
    def test_gives_no_data_without_a_base_above_zero(
        self, tmp_path: Path, base: int | None
    ) -> None:
        card = SmallScorecard(
            kpis=[kpi("x", measure="m", index={"base": date(2026, 1, 1), "per": "month"})]
        )
        card.add("m", [("south", month, 7) for month in months(date(2026, 2, 1), 8)])
        card.add("m", [("n1", date(2025, 12, 1), 1)])
        if base is not None:
            card.add("m", [("south", date(2026, 1, 1), base)])
        with card.scored(tmp_path) as warehouse:
            assert actual(warehouse, "x", "south", "month", "2026-09-01") is None
            score = found(
                warehouse, "scorecard.kpi_score", kpi_id="x", unit_id="south", grain="month",
                period_start_date=date(2026, 9, 1),
            )  # fmt: skip
            assert score is not None
            assert score["data_state"] == "no_data"


class TestTermsThatAreComputedAlike:
    """Two KPIs over one measure are computed once, and stay two."""

    def test_have_the_same_values(self, tmp_path: Path) -> None:
        with rising(kpi("a", measure="m"), kpi("b", measure="m")).scored(tmp_path) as warehouse:
            for grain, first in [("month", "2026-09-01"), ("ttm", "2026-09-01")]:
                a, b = (actual(warehouse, name, "south", grain, first) for name in "ab")
                assert a == b
                assert a is not None

    def test_are_told_apart_by_aggregation_and_by_what_empty_means(self, tmp_path: Path) -> None:
        card = SmallScorecard(
            kpis=[
                kpi("zero", measure="m", empty="zero", applies_to=["south"]),
                kpi("north_too", measure="m", empty="zero", applies_to=["north"]),
                kpi("last", measure="m", aggregation="last"),
                kpi("sum", measure="m"),
            ]
        )
        card.add("m", [("south", date(2026, 7, 1), 5), ("south", date(2026, 8, 1), 3)])
        with card.scored(tmp_path) as warehouse:
            september = ("month", "2026-09-01")
            assert actual(warehouse, "zero", "south", *september) == 0
            assert actual(warehouse, "zero", "north", *september) is None
            assert actual(warehouse, "north_too", "north", *september) == 0
            assert actual(warehouse, "last", "south", "quarter", "2026-07-01") == 3
            assert actual(warehouse, "sum", "south", "quarter", "2026-07-01") == 8


def test_huge_and_tiny_numbers_give_finite_values_or_none(tmp_path: Path) -> None:
    """A quotient beyond what a component can hold once ended the night."""
    card = SmallScorecard(
        kpis=[
            kpi("rate", aggregation="ratio"),
            kpi("growth", measure="rate", aggregation="ratio", change={"against": "previous"}),
            kpi("step", measure="rate", aggregation="ratio",
                change={"against": "previous", "form": "absolute"}),
        ]
    )  # fmt: skip
    huge = "9" * 26
    card.add("rate", [("south", date(2026, 8, 1), ("0.000000001", huge)),
                      ("south", date(2026, 9, 1), (huge, "0.000000001"))])  # fmt: skip
    with card.scored(tmp_path) as warehouse:
        assert actual(warehouse, "rate", "all", "month", "2026-09-01") == pytest.approx(1e35)
        assert actual(warehouse, "growth", "all", "month", "2026-09-01") == pytest.approx(1e70)
        assert actual(warehouse, "step", "all", "month", "2026-09-01") == pytest.approx(1e35)
