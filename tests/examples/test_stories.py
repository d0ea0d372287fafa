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
