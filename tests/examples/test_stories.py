"""The planted stories, found again in the published warehouse by who reads only scores and values."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any, Protocol

import duckdb
import pytest

TERRITORIES = ("north", "east", "south", "west", "online")


class Release(Protocol):
    """What the shared fixture gives."""

    @property
    def warehouse(self) -> Path: ...


@pytest.fixture(scope="module")
def warehouse(example_release: Release) -> Iterator[duckdb.DuckDBPyConnection]:
    """Open the published warehouse as an analyst does."""
    with duckdb.connect(str(example_release.warehouse), read_only=True) as connection:
        yield connection


def rows(warehouse: duckdb.DuckDBPyConnection, query: str, **values: Any) -> list[tuple[Any, ...]]:
    return warehouse.execute(query, values).fetchall()


def actual(
    warehouse: duckdb.DuckDBPyConnection, kpi: str, month: str, *, unit: str = "kestrel"
) -> float:
    """Give a KPI's actual in a month."""
    ((found,),) = rows(
        warehouse,
        "select actual from scorecard.kpi_value where kpi_id = $kpi and unit_id = $unit "
        "and grain = 'month' and period_start_date = $month",
        kpi=kpi,
        unit=unit,
        month=date.fromisoformat(f"{month}-01"),
    )
    assert found is not None, (kpi, month, unit)
    return float(found)


def worst_month(warehouse: duckdb.DuckDBPyConnection, kpi: str, unit: str, order: str) -> date:
    """Give the month of the last twelve in which a KPI was worst."""
    found: date
    ((found,),) = rows(
        warehouse,
        "select period_start_date from scorecard.kpi_value where kpi_id = $kpi and unit_id = $unit "
        "and grain = 'month' and period_start_date >= date '2025-10-01' and not is_provisional "
        f"order by actual {order} limit 1",
        kpi=kpi,
        unit=unit,
    )
    return found


def test_the_incident_shows_in_defects_then_in_nps_then_in_revenue(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    defects = worst_month(warehouse, "defect_rate", "south", "desc")
    recommendation = worst_month(warehouse, "nps", "south", "asc")
    growth = worst_month(warehouse, "revenue_growth", "south", "asc")
    assert (defects, recommendation, growth) == (
        date(2026, 3, 1),
        date(2026, 5, 1),
        date(2026, 7, 1),
    )


@pytest.mark.parametrize("unit", [unit for unit in TERRITORIES if unit != "south"])
def test_the_incident_is_in_one_region_only(
    warehouse: duckdb.DuckDBPyConnection, unit: str
) -> None:
    assert actual(warehouse, "defect_rate", "2026-03", unit=unit) < 0.02
    assert actual(warehouse, "nps", "2026-05", unit=unit) > 0.30
    assert actual(warehouse, "revenue_growth", "2026-07", unit=unit) > 0.0


def test_the_gate_holds_the_objective_during_the_incident(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    gated = rows(
        warehouse,
        "select period_start_date from scorecard.objective_score where objective_id = 'roast_right' "
        "and unit_id = 'south' and grain = 'month' and is_gated order by all",
    )
    assert gated == [(date(2026, 2, 1),), (date(2026, 3, 1),), (date(2026, 4, 1),)]


def test_the_xmr_chart_signals_the_defects(warehouse: duckdb.DuckDBPyConnection) -> None:
    ((signal,),) = rows(
        warehouse,
        "select signal from scorecard.kpi_score where kpi_id = 'defect_rate' and unit_id = 'south' "
        "and grain = 'month' and period_start_date = date '2026-03-01'",
    )
    assert signal == "high"


def test_leavers_come_in_a_wave_after_engagement_has_fallen(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    before = actual(warehouse, "engagement", "2026-02", unit="retail")
    assert before - actual(warehouse, "engagement", "2026-05", unit="retail") > 0.08
    for month in ("2026-06", "2026-07"):
        assert actual(warehouse, "leavers", month, unit="retail") > 1.0
    assert (
        actual(warehouse, "headcount", "2026-07") < actual(warehouse, "headcount", "2026-05") - 15
    )


def test_the_price_rise_lifts_basket_and_growth(warehouse: duckdb.DuckDBPyConnection) -> None:
    rise = actual(warehouse, "basket", "2025-10") / actual(warehouse, "basket", "2025-09")
    assert rise == pytest.approx(1.06, abs=0.005)
    assert actual(warehouse, "revenue_growth", "2025-11") > actual(
        warehouse, "revenue_growth", "2025-08"
    )


def test_the_broken_hr_rows_are_in_quarantine_with_their_reason(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    ((count, reasons, months),) = rows(
        warehouse,
        "select count(*), count(distinct reason), list(distinct row_json ->> 'month_end') "
        "from quality.quarantined_row where source_id = 'hr' and table_id = 'absence'",
    )
    assert count > 50
    assert reasons == 1
    assert [month[:10] for month in months] == ["2026-03-31"]


def test_the_broken_month_rests_on_the_other_departments(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    found = rows(
        warehouse,
        "select strftime(period_start_date, '%Y-%m'), observations_count from scorecard.kpi_value "
        "where kpi_id = 'sickness' and unit_id = 'kestrel' and grain = 'month' "
        "and period_start_date between date '2026-02-01' and date '2026-04-01' order by all",
    )
    observations = dict(found)
    assert observations["2026-03"] < 0.5 * observations["2026-02"]
    assert observations["2026-04"] > 0.9 * observations["2026-02"]
    states = rows(
        warehouse,
        "select unit_id, data_state from scorecard.kpi_score where kpi_id = 'sickness' and grain = 'month' "
        "and period_start_date = date '2026-03-01' and unit_id in ('retail', 'kestrel') order by all",
    )
    assert states == [("kestrel", "current"), ("retail", "no_data")]


def test_late_invoices_turn_a_cheaper_june_into_a_dearer_one(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    """The gas and freight of June 2026 were posted in September, when June had long been reported."""
    late = 12_730
    found = rows(
        warehouse,
        "select sum(numerator), sum(denominator) from measure.roasting_cost "
        "where period_start_date in (date '2025-06-01', date '2026-06-01') "
        "group by period_start_date order by period_start_date",
    )
    (then_cost, then_weight), (now_cost, now_weight) = (map(float, row) for row in found)
    last_year = then_cost / then_weight
    assert (now_cost - late) / now_weight < last_year < now_cost / now_weight
    assert actual(warehouse, "cost_reduction", "2026-06") == pytest.approx(
        now_cost / now_weight / last_year - 1
    )


def test_the_headline_has_all_three_bands(warehouse: duckdb.DuckDBPyConnection) -> None:
    found = rows(
        warehouse,
        "select band, count(*) from scorecard.kpi_score where unit_id = 'kestrel' and grain = 'month' "
        "and period_start_date = date '2026-09-01' group by band order by band",
    )
    counts = dict(found)
    assert set(counts) == {"on_track", "at_risk", "off_track"}
    assert min(counts.values()) >= 2


def test_the_whole_is_scored_between_sixty_and_seventy(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    ((score, coverage),) = rows(
        warehouse,
        "select score, coverage from scorecard.scorecard_score where unit_id = 'kestrel' and grain = 'month' "
        "and period_start_date = date '2026-09-01'",
    )
    assert 60 <= score <= 70
    assert coverage == 1


def test_no_row_is_without_a_place(warehouse: duckdb.DuckDBPyConnection) -> None:
    assert rows(warehouse, "from measure.unplaced") == []


def test_every_kpi_of_the_headline_is_scored_wherever_it_applies(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    missing = rows(
        warehouse,
        "select kpi_id, unit_id, data_state from scorecard.kpi_score where grain = 'month' "
        "and period_start_date = date '2026-09-01' and score is null order by all",
    )
    assert missing == []


def test_a_shop_counts_for_its_new_region_from_the_month_of_its_move_on(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    """Dortmund is led from the North since January 2025; its earlier months stay with the West."""

    def places(month: str, *units: str) -> float:
        ((total,),) = rows(
            warehouse,
            "select sum(numerator) from measure.component where measure_id = 'revenue' "
            "and unit_id in (select unnest($units)) and period_start_date = $month",
            units=list(units),
            month=date.fromisoformat(f"{month}-01"),
        )
        return float(total)

    north, west = ("north", "hamburg", "bremen", "kiel"), ("west", "cologne", "duesseldorf")
    assert actual(warehouse, "revenue", "2024-12", unit="north") == places("2024-12", *north)
    assert actual(warehouse, "revenue", "2024-12", unit="west") == places(
        "2024-12", *west, "dortmund"
    )
    assert actual(warehouse, "revenue", "2025-01", unit="north") == places(
        "2025-01", *north, "dortmund"
    )
    assert actual(warehouse, "revenue", "2025-01", unit="west") == places("2025-01", *west)


@pytest.mark.parametrize(
    ("kpi", "grain", "since", "shown"),
    [
        ("brand_awareness", "quarter", "2026-07-01", 284 / 1200),
        ("food_safety_audit", "half", "2026-01-01", 0.886),
        ("organic_certificate", "year", "2025-01-01", 1),
    ],
)
def test_what_is_measured_less_often_stands_with_its_last_closed_period(
    warehouse: duckdb.DuckDBPyConnection, kpi: str, grain: str, since: str, shown: float
) -> None:
    """September's awareness was entered twice: the row that was entered last counts."""
    found = rows(
        warehouse,
        "select value_grain, value_period_start_date, actual, data_state from scorecard.kpi_score "
        "where kpi_id = $kpi and unit_id = 'kestrel' and grain = 'month' "
        "and period_start_date = date '2026-09-01'",
        kpi=kpi,
    )
    assert found == [(grain, date.fromisoformat(since), pytest.approx(shown), "current")]


def test_green_coffee_is_dearer_than_in_the_year_that_is_100(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    ((base,),) = rows(
        warehouse,
        "select actual from scorecard.kpi_value where kpi_id = 'green_price_index' "
        "and unit_id = 'kestrel' and grain = 'year' and period_start_date = date '2024-01-01'",
    )
    assert base == pytest.approx(100)
    assert actual(warehouse, "green_price_index", "2025-05") < 103
    assert actual(warehouse, "green_price_index", "2025-12") > 112


def test_revenue_per_person_is_the_quotient_of_its_terms(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    revenue, people = (actual(warehouse, kpi, "2026-09") for kpi in ("revenue", "headcount"))
    assert actual(warehouse, "revenue_per_head", "2026-09") == pytest.approx(revenue / people)


def test_a_years_revenue_target_follows_last_years_shape(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    targets = dict(
        rows(
            warehouse,
            "select period_start_date, target from scorecard.kpi_score where kpi_id = 'revenue' "
            "and unit_id = 'kestrel' and grain = 'month' and year(period_start_date) = 2025",
        )
    )
    shares = {month: target / sum(targets.values()) for month, target in targets.items()}
    past = {month: actual(warehouse, "revenue", f"2024-{month:%m}") for month in shares}
    assert len(shares) == 12
    for month, share in shares.items():
        assert share == pytest.approx(past[month] / sum(past.values()), abs=1e-6)
    assert rows(
        warehouse,
        "select max(last_period_start_date) from quality.warning where kind = 'phased_evenly'",
    ) == [(date(2024, 1, 1),)]


def test_what_was_usual_for_the_basket_begins_anew_with_the_price_rise(
    warehouse: duckdb.DuckDBPyConnection,
) -> None:
    limits = rows(
        warehouse,
        "select usual_low, usual_high from scorecard.kpi_score where kpi_id = 'basket' "
        "and unit_id = 'kestrel' and grain = 'month' "
        "and period_start_date in (date '2025-09-01', date '2025-10-01') order by period_start_date",
    )
    (_, high_before), (low_after, _) = limits
    assert high_before < low_after


def test_every_survey_has_its_interval(warehouse: duckdb.DuckDBPyConnection) -> None:
    found = rows(
        warehouse,
        "select kpi.survey, value.interval_low < value.actual and value.actual < value.interval_high "
        "from scorecard.kpi_value as value inner join scorecard.dim_kpi as kpi using (kpi_id) "
        "where kpi.survey is not null and value.unit_id = 'kestrel' and value.grain = 'month' "
        "and value.period_start_date = date '2026-09-01' order by all",
    )
    assert found == [("csat", True), ("enps", True), ("nps", True), ("response_rate", True)]


def test_no_row_of_a_small_department_is_published(warehouse: duckdb.DuckDBPyConnection) -> None:
    found = rows(
        warehouse,
        "select distinct unit_id from measure.answer where measure_id in "
        "('engagement', 'employee_recommendation') order by all",
    )
    assert found == [("kestrel",), ("packing",), ("retail",), ("roasting",)]


def test_links_are_tested_and_not_all_are_supported(warehouse: duckdb.DuckDBPyConnection) -> None:
    verdicts = rows(warehouse, "select distinct evidence from scorecard.strategy_link order by all")
    assert verdicts == [("not_supported",), ("supported",)]
