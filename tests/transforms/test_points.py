"""Which scoring points a period is scored with: dated, inherited, added up, phased."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import duckdb
import pytest

from tests.transforms.small_scorecard import REGIONS, SmallScorecard, kpi, months
from transforms.summary import warnings

MONTHS = months(date(2024, 1, 1), 33)
SEPTEMBER = date(2026, 9, 1)
BANDS = {"on_track": 90, "at_risk": 50}
STEPS = [(0, 10), (12, 60), (24, 100)]

Row = dict[str, Any]


def scored(connection: duckdb.DuckDBPyConnection, **keys: Any) -> Row:
    """Give the score of the KPI `m`, by default the organisation's in September 2026."""
    keys = {
        "kpi_id": "m",
        "unit_id": "all",
        "grain": "month",
        "period_start_date": SEPTEMBER,
    } | keys
    where = " and ".join(f"{name} = ${name}" for name in keys)
    found = connection.execute(f"select * from scorecard.kpi_score where {where}", keys)
    names = [column[0] for column in found.description or []]
    ((row),) = found.fetchall()
    return dict(zip(names, row, strict=True))


def listed(row: Row) -> list[tuple[str, float, float | None]]:
    """Give the points of a score as tuples."""
    return [(point["point"], point["value"], point["score"]) for point in row["points"]]


def small(
    *targets: Row, amounts: Any = 10, company: Row | None = None, **changes: Any
) -> SmallScorecard:
    """Give a card with one KPI `m`, an amount per month of the unit south, and its targets."""
    card = SmallScorecard(
        kpis=[kpi("m", **changes)],
        targets=[{"kpi": "m", "unit": "all"} | target for target in targets],
        company=company or {},
    )
    card.add("m", [
        ("south", month, amounts(i) if callable(amounts) else amounts) for i, month in enumerate(MONTHS)
    ])  # fmt: skip
    return card


LISTED: list[tuple[Row, Row, float, list[tuple[str, float, float | None]]]] = [
    (
        {}, {"red": 5, "target": 8}, 250 / 3 + 50 / 9,
        [("worst", 2, 0), ("red", 5, 100 / 3), ("target", 8, 200 / 3), ("best", 11, 100)],
    ),
    ({"rule": "min_max", "bands": BANDS}, {"min": 0, "max": 40}, 25, [("min", 0, 0), ("max", 40, 100)]),
    (
        {"rule": "min_max", "bands": BANDS, "direction": "lower_is_better"}, {"min": 0, "max": 40}, 75,
        [("max", 40, 0), ("min", 0, 100)],
    ),
    (
        {"rule": "progress", "bands": BANDS}, {"baseline": 5, "target": 15}, 50,
        [("baseline", 5, 0), ("target", 15, 100)],
    ),
    ({"rule": "ratio", "bands": BANDS}, {"target": 20}, 50, [("target", 20, 100)]),
    ({"rule": "ratio", "bands": BANDS, "cap": 150}, {"target": 8}, 125, [("target", 8, 100)]),
    ({"rule": "ratio", "bands": BANDS, "cap": "none"}, {"target": 2}, 500, [("target", 2, 100)]),
    (
        {"rule": "ratio", "bands": BANDS, "direction": "lower_is_better", "form": "inverse", "cap": 120},
        {"target": 5}, 50, [("target", 5, 100)],
    ),
    (
        {"rule": "ratio", "bands": BANDS, "at_zero_target": "full_if_met"}, {"target": 0}, 100,
        [("target", 0, 100)],
    ),
    (
        {"rule": "ratio", "bands": BANDS}, {"basis": -10, "target": 30}, 50,
        [("basis", -10, 0), ("target", 30, 100)],
    ),
    (
        {"rule": "range", "direction": None}, {"low": 12, "high": 14, "tolerance": 4}, 50,
        [("low", 12, 100), ("high", 14, 100), ("tolerance_below", 4, None), ("tolerance_above", 4, None)],
    ),
    (
        {"rule": "steps", "direction": None}, {"points": STEPS}, 10,
        [("step", 0, 10), ("step", 12, 60), ("step", 24, 100)],
    ),
    (
        {"rule": "curve", "direction": None}, {"points": STEPS}, 10 + 50 * 10 / 12,
        [("point", 0, 10), ("point", 12, 60), ("point", 24, 100)],
    ),
    ({"rule": "binary"}, {"target": 11}, 0, [("target", 11, 100)]),
]  # fmt: skip


@pytest.fixture(scope="module")
def every_rule(tmp_path_factory: pytest.TempPathFactory) -> Iterator[duckdb.DuckDBPyConnection]:
    """Give a warehouse in which one measure is scored by each of `LISTED`, as the KPIs k0, k1 and so on."""
    card = SmallScorecard(
        kpis=[
            kpi(f"k{n}", **({"measure": "m"} | changes)) for n, (changes, *_) in enumerate(LISTED)
        ],
        targets=[
            {"kpi": f"k{n}", "unit": "all"} | target for n, (_, target, *_) in enumerate(LISTED)
        ],
    )
    card.add("m", [("south", month, 10) for month in MONTHS])
    with card.scored(tmp_path_factory.mktemp("rules")) as warehouse:
        yield warehouse


@pytest.mark.parametrize("number", range(len(LISTED)))
def test_a_score_says_which_points_it_was_given(
    every_rule: duckdb.DuckDBPyConnection, number: int
) -> None:
    changes, _, score, points = LISTED[number]
    found = scored(every_rule, kpi_id=f"k{number}")
    assert found["score"] == pytest.approx(score, abs=1e-9)
    assert listed(found) == [
        (name, value, None if its is None else pytest.approx(its)) for name, value, its in points
    ]
    assert found["rule"] == changes.get("rule", "linear")
    assert found["data_state"] == "current"


def test_bands_are_the_kpis_own(every_rule: duckdb.DuckDBPyConnection) -> None:
    assert LISTED[4][0] == {"rule": "ratio", "bands": BANDS}
    assert scored(every_rule, kpi_id="k4")["band"] == "at_risk"


class TestAddingUp:
    """Points of amounts over periods of other lengths than they were given for."""

    def test_the_values_of_steps_add_up_and_their_scores_do_not(self, tmp_path: Path) -> None:
        card = small({"points": STEPS}, rule="steps", direction=None)
        with card.scored(tmp_path) as warehouse:
            quarter = scored(warehouse, grain="quarter", period_start_date=date(2026, 7, 1))
            assert listed(quarter) == [("step", 0, 10), ("step", 36, 60), ("step", 72, 100)]
            assert quarter["score"] == 10

    def test_the_widths_of_a_range_add_up_as_its_edges_do(self, tmp_path: Path) -> None:
        card = small(
            {"per": "year", "low": 120, "high": 144, "tolerance_below": 12, "tolerance_above": 24},
            rule="range", direction=None,
        )  # fmt: skip
        with card.scored(tmp_path) as warehouse:
            assert [value for _, value, _ in listed(scored(warehouse))] == [10, 12, 1, 2]
            year_to_date = scored(warehouse, grain="ytd")
            assert [value for _, value, _ in listed(year_to_date)] == [90, 108, 9, 18]

    @pytest.mark.parametrize(
        ("per", "grain", "first", "target"),
        [
            ("half", "month", SEPTEMBER, 10),
            ("half", "half", date(2026, 1, 1), 60),
            ("half", "quarter", date(2026, 7, 1), 30),
            ("half", "year", date(2025, 1, 1), 120),
            ("month", "half", date(2026, 1, 1), 360),
            ("year", "half", date(2026, 1, 1), 30),
            ("year", "ttm", SEPTEMBER, 60),
        ],
    )
    def test_half_years_are_a_length_like_the_others(
        self, tmp_path: Path, per: str, grain: str, first: date, target: float
    ) -> None:
        with small({"per": per, "red": 0, "target": 60}).scored(tmp_path) as warehouse:
            assert scored(warehouse, grain=grain, period_start_date=first)["target"] == target

    def test_the_row_of_the_very_length_wins(self, tmp_path: Path) -> None:
        card = small(
            {"red": 0, "target": 10}, {"per": "half", "red": 0, "target": 50}, {"per": "year", "red": 0, "target": 90}
        )  # fmt: skip
        with card.scored(tmp_path) as warehouse:
            half = scored(warehouse, grain="half", period_start_date=date(2026, 1, 1))
            year = scored(warehouse, grain="year", period_start_date=date(2025, 1, 1))
            assert (half["target"], year["target"]) == (50, 90)
            assert scored(warehouse, grain="ytd")["target"] == 90

    def test_each_month_has_the_points_of_its_own_time(self, tmp_path: Path) -> None:
        card = small(
            {"red": 0, "target": "0.1"}, {"red": 0, "target": "0.2", "valid_from": SEPTEMBER}
        )
        with card.scored(tmp_path) as warehouse:
            quarter = scored(warehouse, grain="quarter", period_start_date=date(2026, 7, 1))
            assert quarter["target"] == 0.4
            assert scored(warehouse, grain="ytd")["target"] == 1.0

    def test_a_sum_of_months_is_exact(self, tmp_path: Path) -> None:
        """0.1 + 0.1 + 0.1 is more than 0.3 in doubles, and a target met to the cent would be missed."""
        card = small(
            {"target": "0.1"},
            {"target": "0.1", "valid_from": SEPTEMBER},
            amounts="0.1",
            rule="binary",
        )
        with card.scored(tmp_path) as warehouse:
            quarter = scored(warehouse, grain="quarter", period_start_date=date(2026, 7, 1))
            assert (quarter["target"], quarter["score"]) == (0.3, 100)

    def test_a_period_with_a_month_that_has_none_has_none(self, tmp_path: Path) -> None:
        card = small({"red": 0, "target": 10, "valid_from": date(2026, 8, 1)})
        with card.scored(tmp_path) as warehouse:
            quarter = scored(warehouse, grain="quarter", period_start_date=date(2026, 7, 1))
            assert (quarter["data_state"], quarter["points"]) == ("no_target", None)

    @pytest.mark.parametrize(
        ("changes", "before", "after"),
        [
            ({"rule": "steps", "direction": None}, {"points": STEPS}, {"points": [(0, 10), (12, 70), (24, 100)]}),
            ({"rule": "curve", "direction": None}, {"points": STEPS}, {"points": STEPS[:2]}),
            ({"rule": "ratio", "bands": BANDS}, {"target": 10}, {"target": 10, "basis": 5}),
        ],
    )  # fmt: skip
    def test_months_whose_points_are_of_another_kind_make_none_together(
        self, tmp_path: Path, changes: Row, before: Row, after: Row
    ) -> None:
        card = small(before, after | {"valid_from": SEPTEMBER}, **changes)
        with card.scored(tmp_path) as warehouse:
            quarter = scored(warehouse, grain="quarter", period_start_date=date(2026, 7, 1))
            assert quarter["data_state"] == "no_target"
            assert scored(warehouse)["data_state"] == "current"

    def test_amounts_too_large_for_exact_sums_are_added_all_the_same(self, tmp_path: Path) -> None:
        with small({"red": 0, "target": "9e28"}).scored(tmp_path) as warehouse:
            trailing = scored(warehouse, grain="ttm")
            assert trailing["target"] == pytest.approx(12 * 9e28, rel=1e-12)
            assert trailing["score"] == pytest.approx(100 / 3, abs=1e-9)

    def test_what_is_counted_anew_takes_rows_of_its_very_length_only(self, tmp_path: Path) -> None:
        card = SmallScorecard(
            kpis=[kpi("m", aggregation="distinct")],
            targets=[{"kpi": "m", "unit": "all", "red": 0, "target": 1},
                     {"kpi": "m", "unit": "all", "per": "year", "red": 0, "target": 9}],
        )  # fmt: skip
        card.keys = [("m", "south", month, "ann") for month in MONTHS]
        with card.scored(tmp_path) as warehouse:
            grains = {
                "month": SEPTEMBER,
                "quarter": date(2026, 7, 1),
                "year": date(2025, 1, 1),
                "ytd": SEPTEMBER,
                "ttm": SEPTEMBER,
            }
            found = [
                scored(warehouse, grain=g, period_start_date=p)["target"] for g, p in grains.items()
            ]
            assert found == [1, None, 9, None, 9]
            assert {
                grain
                for (grain,) in warehouse.execute(
                    "select grain from quality.warning where unit_id = 'all'"
                ).fetchall()
            } == {"quarter", "half"}


PER_HEAD = {
    "expression": "revenue / heads",
    "terms": {
        "revenue": {"measure": "revenue", "aggregation": "sum"},
        "heads": {"measure": "heads", "aggregation": "last"},
    },
}


def test_a_flow_over_a_stock_takes_rows_of_its_very_length_only(tmp_path: Path) -> None:
    """A target of 5 per head and month is no target for a year, whose revenue is twelve times as high."""
    derived = kpi("m", measure=None, aggregation=None, derived=PER_HEAD)
    card = SmallScorecard(
        kpis=[derived],
        targets=[{"kpi": "m", "unit": "all", "red": 0, "target": 5},
                 {"kpi": "m", "unit": "all", "per": "year", "red": 0, "target": 60}],
    )  # fmt: skip
    for measure, amount in (("revenue", 20), ("heads", 4)):
        card.add(measure, [("south", month, amount) for month in MONTHS])
    with card.scored(tmp_path) as warehouse:
        assert (scored(warehouse)["actual"], scored(warehouse)["target"]) == (5, 5)
        year = scored(warehouse, grain="year", period_start_date=date(2025, 1, 1))
        assert (year["actual"], year["target"]) == (60, 60)
        quarter = scored(warehouse, grain="quarter", period_start_date=date(2026, 7, 1))
        assert quarter["data_state"] == "no_target"


class TestPhasing:
    """A longer target divided into months."""

    def test_follows_last_years_season(self, tmp_path: Path) -> None:
        """December sells as much as the other months of the quarter together."""
        card = small(
            {"per": "year", "red": 0, "target": 1300},
            amounts=lambda i: 20 if i % 12 == 11 else 10, phasing="seasonal",
        )  # fmt: skip
        with card.scored(tmp_path) as warehouse:
            december = scored(warehouse, period_start_date=date(2025, 12, 1))
            assert december["target"] == pytest.approx(200)
            assert scored(warehouse)["target"] == pytest.approx(100)
            assert scored(warehouse, grain="ytd")["target"] == pytest.approx(900)
            assert scored(warehouse, grain="ttm")["target"] == pytest.approx(1300)
            year = scored(warehouse, grain="year", period_start_date=date(2025, 1, 1))
            assert year["target"] == 1300

    def test_is_even_with_a_warning_where_there_is_no_last_year(self, tmp_path: Path) -> None:
        card = small(
            {"per": "year", "red": 0, "target": 1200}, amounts=lambda i: i + 1, phasing="seasonal"
        )
        with card.scored(tmp_path) as warehouse:
            assert scored(warehouse, period_start_date=date(2024, 3, 1))["target"] == 100
            assert scored(warehouse, period_start_date=date(2025, 3, 1))["target"] != 100
            (warning,) = warehouse.execute(
                "select kind, kpi_id, unit_id, grain, first_period_start_date, last_period_start_date, message "
                "from quality.warning where unit_id = 'all'"
            ).fetchall()
            assert warning[:-1] == (
                "phased_evenly",
                "m",
                "all",
                "year",
                date(2024, 1, 1),
                date(2024, 1, 1),
            )
            assert "divided evenly" in warning[-1]

    @pytest.mark.parametrize("amount", [0, -5])
    def test_is_even_where_a_month_of_last_year_was_not_positive(
        self, tmp_path: Path, amount: int
    ) -> None:
        card = small(
            {"per": "quarter", "red": 0, "target": 30},
            amounts=lambda i: amount if i == 18 else 10 + i, phasing="seasonal",
        )  # fmt: skip
        with card.scored(tmp_path) as warehouse:
            assert scored(warehouse)["target"] == 10
            june = scored(warehouse, period_start_date=date(2026, 6, 1))
            assert june["target"] == pytest.approx(30 * 27 / (25 + 26 + 27))

    def test_is_by_unit(self, tmp_path: Path) -> None:
        card = small(
            {"per": "half", "red": 0, "target": 60, "unit": "north"},
            {"per": "half", "red": 0, "target": 60, "unit": "south"}, phasing="seasonal",
        )  # fmt: skip
        card.add("m", [("n1", month, month.month) for month in MONTHS])
        with card.scored(tmp_path) as warehouse:
            assert scored(warehouse, unit_id="south")["target"] == pytest.approx(10)
            north = scored(warehouse, unit_id="north")
            assert north["target"] == pytest.approx(60 * 9 / (7 + 8 + 9 + 10 + 11 + 12))

    def test_spans_are_fiscal(self, tmp_path: Path) -> None:
        card = small(
            {"per": "quarter", "red": 0, "target": 30}, amounts=lambda i: 10 + i, phasing="seasonal",
            company={"fiscal_year_start_month": 2},
        )  # fmt: skip
        with card.scored(tmp_path) as warehouse:
            # August, September and October of 2025 are its quarter.
            assert scored(warehouse)["target"] == pytest.approx(30 * 30 / (29 + 30 + 31))

    def test_rows_per_month_are_phasing_by_hand(self, tmp_path: Path) -> None:
        card = small(
            {"per": "year", "red": 0, "target": 1200}, {"red": 0, "target": 7}, phasing="seasonal",
        )  # fmt: skip
        with card.scored(tmp_path) as warehouse:
            assert scored(warehouse)["target"] == 7
            assert "phased_evenly" not in [each.kind for each in warnings(warehouse)]

    def test_of_a_quarterly_kpi_goes_by_its_quarters(self, tmp_path: Path) -> None:
        card = small(
            {"per": "year", "red": 0, "target": 100},
            amounts=lambda i: i // 3 % 4 + 1, phasing="seasonal", frequency="quarter",
        )  # fmt: skip
        with card.scored(tmp_path) as warehouse:
            third = scored(warehouse, grain="quarter", period_start_date=date(2026, 7, 1))
            assert third["target"] == pytest.approx(30)


class TestInheritance:
    """From the nearest unit above, as the tree stood at the period's end."""

    def card(self, *, aggregation: str = "ratio") -> SmallScorecard:
        """Give a card on which N1 moves from north to south in July 2026."""
        tree = REGIONS | {
            "moves": [{"unit": "n1", "parent": "south", "valid_from": date(2026, 7, 15)}]
        }
        card = SmallScorecard(
            kpis=[kpi("m", aggregation=aggregation)],
            targets=[
                {"kpi": "m", "unit": unit, "red": 0, "target": target}
                for unit, target in (("all", 1), ("north", 2), ("south", 3))
            ],
            company={"trees": [tree]},
        )
        card.add("m", [(unit, month, (1, 2)) for unit in ("n1", "n2", "south") for month in MONTHS])
        return card

    def test_follows_a_unit_to_its_new_parent(self, tmp_path: Path) -> None:
        with self.card().scored(tmp_path) as warehouse:
            june = scored(warehouse, unit_id="n1", period_start_date=date(2026, 6, 1))
            july = scored(warehouse, unit_id="n1", period_start_date=date(2026, 7, 1))
            assert (june["target"], july["target"]) == (2, 3)
            quarter = scored(
                warehouse, unit_id="n1", grain="quarter", period_start_date=date(2026, 4, 1)
            )
            assert quarter["target"] == 2
            assert scored(warehouse, unit_id="n1", grain="ytd")["target"] == 3
            assert scored(warehouse, unit_id="n2")["target"] == 2

    def test_passes_on_every_kind_of_points(self, tmp_path: Path) -> None:
        card = SmallScorecard(
            kpis=[kpi("m", aggregation="ratio", rule="curve", direction=None)],
            targets=[{"kpi": "m", "unit": "all", "points": [(0, 0), (1, 100)]}],
        )
        card.add("m", [("n1", SEPTEMBER, (1, 4))])
        with card.scored(tmp_path) as warehouse:
            assert scored(warehouse, unit_id="n1")["score"] == 25


class TestOtherPeriods:
    """A value that is shown in another period is scored with its own period's points."""

    def test_a_quarterly_kpi_is_scored_with_its_quarters_points(self, tmp_path: Path) -> None:
        card = small(
            {"red": 0, "target": 10}, {"red": 0, "target": 40, "valid_from": SEPTEMBER}, frequency="quarter",
        )  # fmt: skip
        with card.scored(tmp_path) as warehouse:
            for month, value_period, target in [(8, 4, 30), (9, 7, 60)]:
                found = scored(warehouse, period_start_date=date(2026, month, 1))
                assert (found["value_grain"], found["value_period_start_date"]) == (
                    "quarter",
                    date(2026, value_period, 1),
                )
                assert (found["actual"], found["target"]) == (30, target)

    def test_a_stale_value_is_scored_with_the_points_of_its_time(self, tmp_path: Path) -> None:
        card = small({"red": 0, "target": 10}, {"red": 0, "target": 40, "valid_from": SEPTEMBER})
        card.data_as_of = date(2026, 8, 31)
        card.components = [row for row in card.components if row[2] < SEPTEMBER]
        with card.scored(tmp_path) as warehouse:
            found = scored(warehouse)
            assert (found["data_state"], found["target"]) == ("stale", 10)

    def test_points_are_shown_where_nothing_was_measured(self, tmp_path: Path) -> None:
        card = small({"red": 0, "target": 10})
        card.components = [row for row in card.components if row[2] < SEPTEMBER]
        with card.scored(tmp_path) as warehouse:
            found = scored(warehouse)
            assert (found["data_state"], found["target"], found["score"]) == ("no_data", 10, None)


class TestWarnings:
    """What `quality.warning` says of actuals without points."""

    def test_runs_of_periods_are_one_row(self, tmp_path: Path) -> None:
        card = small({"red": 0, "target": 10, "valid_from": date(2026, 3, 1)})
        with card.scored(tmp_path) as warehouse:
            found = warehouse.execute(
                "select grain, first_period_start_date, last_period_start_date from quality.warning "
                "where kind = 'no_points' and unit_id = 'all' and grain in ('month', 'quarter') order by grain"
            ).fetchall()
            assert found == [
                ("month", date(2024, 1, 1), date(2026, 2, 1)),
                ("quarter", date(2024, 1, 1), date(2026, 1, 1)),
            ]
            everywhere = warnings(warehouse)
            assert [(each.kind, each.kpi_id, each.unit_ids) for each in everywhere] == [
                ("no_points", "m", ("all", "south"))
            ]
            assert "add a row to targets.csv" in everywhere[0].message

    def test_a_kpi_without_any_target_is_left_to_the_check(self, tmp_path: Path) -> None:
        with small().scored(tmp_path) as warehouse:
            assert scored(warehouse)["data_state"] == "no_target"
            assert warnings(warehouse) == []
