"""From components to values: how months and units add up, and what a change is taken of.

Not here: scores (test_scoring), and random organisations (tests/oracle).
"""

from datetime import date
from pathlib import Path

import pytest

from tests.transforms.small_scorecard import MONTHS, SEPTEMBER, SmallScorecard, kpi, scored, value


class TestAggregation:
    """How months and units become periods and wholes."""

    def test_a_ratio_of_sums_is_not_the_mean_of_ratios(self, tmp_path: Path) -> None:
        card = SmallScorecard(kpis=[kpi("rate", aggregation="ratio")])
        card.add("rate", [("n1", SEPTEMBER, (5, 10)), ("south", SEPTEMBER, (400, 1000))])
        with card.scored(tmp_path) as warehouse:
            found = value(warehouse, "rate")
            assert (found["numerator"], found["denominator"]) == (405, 1010)
            assert found["actual"] == 405 / 1010

    def test_a_zero_denominator_gives_no_data(self, tmp_path: Path) -> None:
        card = SmallScorecard(
            kpis=[kpi("rate", aggregation="ratio")],
            targets=[{"kpi": "rate", "unit": "all", "red": 0, "target": 1}],
        )
        card.add("rate", [("n1", SEPTEMBER, (0, 0))])
        with card.scored(tmp_path) as warehouse:
            assert value(warehouse, "rate")["actual"] is None
            assert scored(warehouse, "rate")["data_state"] == "no_data"

    @pytest.mark.parametrize(
        ("aggregation", "grain", "period", "actual"),
        [
            ("sum", "quarter", date(2026, 7, 1), 31 + 32 + 33),
            ("sum", "ytd", SEPTEMBER, sum(range(25, 34))),
            ("sum", "ttm", SEPTEMBER, sum(range(22, 34))),
            ("sum", "year", date(2025, 1, 1), sum(range(13, 25))),
            ("last", "quarter", date(2026, 7, 1), 33),
            ("last", "ytd", SEPTEMBER, 33),
            ("mean", "quarter", date(2026, 7, 1), 32),
            ("mean", "ttm", SEPTEMBER, sum(range(22, 34)) / 12),
        ],
    )
    def test_periods_add_up_as_declared(
        self, tmp_path: Path, aggregation: str, grain: str, period: date, actual: float
    ) -> None:
        card = SmallScorecard(kpis=[kpi("m", aggregation=aggregation)])
        card.add("m", [("south", month, i) for i, month in enumerate(MONTHS, 1)])
        with card.scored(tmp_path) as warehouse:
            found = value(warehouse, "m", grain=grain, period_start_date=period)
            assert found["actual"] == pytest.approx(actual, abs=1e-12)
            assert not found["is_provisional"]

    def test_a_unit_holds_its_own_rows_and_all_below(self, tmp_path: Path) -> None:
        card = SmallScorecard(kpis=[kpi("m")])
        card.add("m", [("n1", SEPTEMBER, 1), ("n2", SEPTEMBER, 2), ("north", SEPTEMBER, 4)])
        with card.scored(tmp_path) as warehouse:
            assert value(warehouse, "m", unit_id="north")["actual"] == 7
            assert value(warehouse, "m")["actual"] == 7

    def test_distinct_things_are_counted_anew_at_each_grain_and_unit(self, tmp_path: Path) -> None:
        card = SmallScorecard(kpis=[kpi("c", aggregation="distinct")])
        card.keys = [
            ("c", "n1", date(2026, 7, 1), "ann"), ("c", "n2", date(2026, 8, 1), "ann"),
            ("c", "n1", SEPTEMBER, "ann"), ("c", "n1", SEPTEMBER, "bob"), ("c", "n2", SEPTEMBER, "bob"),
        ]  # fmt: skip
        with card.scored(tmp_path) as warehouse:
            assert value(warehouse, "c")["actual"] == 2
            assert value(warehouse, "c", unit_id="n1")["actual"] == 2
            assert value(warehouse, "c", unit_id="n2")["actual"] == 1
            quarter = value(warehouse, "c", grain="quarter", period_start_date=date(2026, 7, 1))
            assert quarter["actual"] == 2

    def test_a_row_that_names_no_thing_counts_nothing(self, tmp_path: Path) -> None:
        card = SmallScorecard(kpis=[kpi("c", aggregation="distinct")])
        card.keys = [
            ("c", "n1", date(2026, 7, 1), None), ("c", "n1", SEPTEMBER, None), ("c", "n2", SEPTEMBER, None),
            ("c", "n1", SEPTEMBER, "ann"),
        ]  # fmt: skip
        with card.scored(tmp_path) as warehouse:
            assert value(warehouse, "c")["actual"] == 1
            assert value(warehouse, "c", period_start_date=date(2026, 7, 1))["actual"] == 0
            quarter = value(warehouse, "c", grain="quarter", period_start_date=date(2026, 7, 1))
            assert quarter["actual"] == 1

    def test_a_fiscal_year_may_start_in_any_month(self, tmp_path: Path) -> None:
        card = SmallScorecard(kpis=[kpi("m")], company={"fiscal_year_start_month": 4})
        card.add("m", [("south", month, 1) for month in MONTHS])
        with card.scored(tmp_path) as warehouse:
            year = value(warehouse, "m", grain="ytd")
            assert year["actual"] == 6
            fiscal = value(warehouse, "m", grain="year", period_start_date=date(2025, 4, 1))
            assert fiscal["actual"] == 12

    def test_months_without_rows_are_zero_only_where_the_kpi_says_so(self, tmp_path: Path) -> None:
        card = SmallScorecard(kpis=[kpi("zero", empty="zero"), kpi("none")])
        for measure in ("zero", "none"):
            card.add(measure, [("south", date(2026, 7, 1), 5)])
        with card.scored(tmp_path) as warehouse:
            assert value(warehouse, "zero")["actual"] == 0
            assert scored(warehouse, "none")["data_state"] == "no_data"

    def test_a_sum_with_a_missing_month_is_provisional_and_not_scored(self, tmp_path: Path) -> None:
        card = SmallScorecard(
            kpis=[kpi("m")], targets=[{"kpi": "m", "unit": "all", "red": 1, "target": 2}]
        )
        card.add("m", [("south", date(2026, 6, 1), 5), ("south", date(2026, 7, 1), 5),
                       ("south", SEPTEMBER, 5)])  # fmt: skip
        with card.scored(tmp_path) as warehouse:
            quarter = {"grain": "quarter", "period_start_date": date(2026, 7, 1)}
            assert value(warehouse, "m", **quarter)["is_provisional"]
            assert scored(warehouse, "m", **quarter)["score"] is None

    @pytest.mark.parametrize("aggregation", ["ratio", "score", "last"])
    def test_rates_and_stocks_of_a_young_unit_are_whole(
        self, tmp_path: Path, aggregation: str
    ) -> None:
        """All its answers of the year are there, however short a year it was for the unit."""
        card = SmallScorecard(kpis=[kpi("m", aggregation=aggregation)])
        amount = 1 if aggregation == "last" else (1, 2)
        card.add("m", [("south", month, amount) for month in MONTHS])
        card.add("m", [("n1", month, amount) for month in MONTHS[-2:]])
        with card.scored(tmp_path) as warehouse:
            for grain in ("ytd", "ttm"):
                assert not value(warehouse, "m", unit_id="n1", grain=grain)["is_provisional"]

    @pytest.mark.parametrize("aggregation", ["sum", "mean", "distinct"])
    def test_a_unit_younger_than_its_measure_has_no_whole_year_yet(
        self, tmp_path: Path, aggregation: str
    ) -> None:
        """A shop's first month was once scored as its trailing twelve, up by 1,117 %."""
        card = SmallScorecard(kpis=[kpi("m", aggregation=aggregation)])
        opened = MONTHS[-3:]
        if aggregation == "distinct":
            card.keys = [("m", "south", month, "k") for month in MONTHS]
            card.keys += [("m", "n1", month, "k") for month in opened]
        else:
            card.add("m", [("south", month, 1) for month in MONTHS])
            card.add("m", [("n1", month, 1) for month in opened])
        with card.scored(tmp_path) as warehouse:
            assert value(warehouse, "m", unit_id="n1", grain="ytd")["is_provisional"]
            quarter = {"grain": "quarter", "period_start_date": date(2026, 7, 1)}
            assert not value(warehouse, "m", unit_id="n1", **quarter)["is_provisional"]
            assert not value(warehouse, "m", grain="ttm")["is_provisional"]
            young = warehouse.execute(
                "select count(*) from scorecard.kpi_value where unit_id = 'n1' and grain = 'ttm'"
            ).fetchall()
            assert young == [(0,)]


class TestChange:
    """KPIs that are the change of a measure."""

    @pytest.mark.parametrize(
        ("change", "numerator", "denominator"),
        [
            ({"against": "last_year"}, 12, 21),
            ({"against": "previous"}, 1, 32),
            ({"against": "previous", "form": "absolute"}, 1, 1),
        ],
    )
    def test_is_taken_of_components(
        self, tmp_path: Path, change: dict[str, str], numerator: int, denominator: int
    ) -> None:
        card = SmallScorecard(kpis=[kpi("growth", measure="m", change=change)])
        card.add("m", [("south", month, i) for i, month in enumerate(MONTHS, 1)])
        with card.scored(tmp_path) as warehouse:
            found = value(warehouse, "growth")
            assert (found["numerator"], found["denominator"]) == (numerator, denominator)

    def test_from_a_negative_base_is_relative_to_its_size(self, tmp_path: Path) -> None:
        card = SmallScorecard(kpis=[kpi("growth", measure="m", change={"against": "previous"})])
        card.add("m", [("south", date(2026, 8, 1), -10), ("south", SEPTEMBER, 5)])
        with card.scored(tmp_path) as warehouse:
            assert value(warehouse, "growth")["actual"] == 1.5

    def test_of_a_small_ratio_is_not_taken_of_rounded_quotients(self, tmp_path: Path) -> None:
        """Quotients were once rounded to nine places before they were divided."""
        change = {"against": "previous"}
        card = SmallScorecard(kpis=[kpi("growth", measure="m", aggregation="ratio", change=change)])
        card.add("m", [("south", date(2026, 8, 1), (19, 40_000_000)),
                       ("south", SEPTEMBER, (35, 40_000_000))])  # fmt: skip
        with card.scored(tmp_path) as warehouse:
            assert value(warehouse, "growth")["actual"] == pytest.approx(16 / 19, abs=1e-12)

    def test_from_a_zero_base_gives_no_data(self, tmp_path: Path) -> None:
        card = SmallScorecard(kpis=[kpi("growth", measure="m", change={"against": "previous"})])
        card.add("m", [("south", date(2026, 8, 1), 0), ("south", SEPTEMBER, 5)])
        with card.scored(tmp_path) as warehouse:
            assert value(warehouse, "growth")["actual"] is None
