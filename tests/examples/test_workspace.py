"""The example's workspace: complete, without findings, and with a KPI for each area that the method names."""

from decimal import Decimal
from pathlib import Path

import pytest

from scorecard.check import check_workspace
from scorecard.strategy import Kpi
from scorecard.workspace import Workspace, read_workspace
from transforms.check import check_sql

ROOT = Path(__file__).parents[2] / "examples" / "roastery"
AREAS = {
    "return on investment": "return_on_investment",
    "cost reduction": "cost_reduction",
    "cash flow": "operating_cash_flow",
    "customer satisfaction": "nps",
    "customer acquisition": "customer_acquisition",
    "customer retention": "customer_retention",
    "market share": "market_share",
    "defect rate": "defect_rate",
    "cycle time": "cycle_time",
    "innovation": "research_share",
    "training": "training_hours",
    "employee development": "certified_baristas",
    "engagement": "engagement",
}


@pytest.fixture(scope="module")
def workspace() -> Workspace:
    return read_workspace(ROOT)


@pytest.fixture(scope="module")
def kpis(workspace: Workspace) -> dict[str, Kpi]:
    return {kpi.id: kpi for _, _, kpi in workspace.strategy.kpis()}


def test_it_has_no_findings_not_even_warnings(workspace: Workspace) -> None:
    assert check_workspace(workspace) == []
    assert check_sql(workspace, raw_columns=None) == []


def test_it_is_as_large_as_a_real_scorecard(workspace: Workspace, kpis: dict[str, Kpi]) -> None:
    assert len(workspace.strategy.perspectives) == 4
    assert len(list(workspace.strategy.objectives())) == 12
    assert len(kpis) >= 24
    assert len(workspace.strategy.links) >= 12
    assert len(workspace.initiatives.initiatives) == 6
    assert len(workspace.comments) >= 8


@pytest.mark.parametrize("area", AREAS)
def test_every_area_that_the_method_names_has_a_kpi(area: str, kpis: dict[str, Kpi]) -> None:
    assert AREAS[area] in kpis


@pytest.mark.parametrize("aggregation", ["sum", "ratio", "last", "mean", "distinct", "score"])
def test_every_way_to_add_up_is_shown(aggregation: str, kpis: dict[str, Kpi]) -> None:
    assert aggregation in {kpi.aggregation for kpi in kpis.values()}


def test_sales_are_scored_by_territory_and_costs_by_department(
    workspace: Workspace, kpis: dict[str, Kpi]
) -> None:
    trees = {tree.id: {unit.id for top in tree.units for unit in top.walk()} for tree in workspace.company.trees}  # fmt: skip
    assert set(kpis["revenue"].applies_to) - {"kestrel"} <= trees["territory"]
    assert kpis["cost_against_budget"].applies_to == ("department",)


def test_every_source_table_has_a_contract_that_can_refuse_a_load(workspace: Workspace) -> None:
    tables = {f"{source_id}__{table_id}" for source_id, source in workspace.sources.sources.items() for table_id in source.tables}  # fmt: skip
    assert set(workspace.contracts) == tables
    for name, contract in workspace.contracts.items():
        assert "fail" in {each.severity for each in contract.expectations}, name
    severities = {each.severity for contract in workspace.contracts.values() for each in contract.expectations}  # fmt: skip
    assert severities == {"fail", "warn"}
    assert sum(bool(contract.row_rules) for contract in workspace.contracts.values()) >= 8


def test_every_source_table_is_staged_under_its_own_name(workspace: Workspace) -> None:
    entered_by_hand = {f"manual__{name}" for name in workspace.manual}
    assert set(workspace.contracts) - entered_by_hand <= set(workspace.staging)


def test_every_measure_serves_a_kpi(workspace: Workspace, kpis: dict[str, Kpi]) -> None:
    used = {term.measure for kpi in kpis.values() for term in kpi.terms().values()}
    assert used == set(workspace.measures)


def test_targets_are_dated_and_of_every_length(workspace: Workspace, kpis: dict[str, Kpi]) -> None:
    assert {target.kpi for target in workspace.targets} == set(kpis)
    assert {target.per for target in workspace.targets} == {"month", "quarter", "half", "year"}
    changed = {(target.kpi, target.unit, target.per) for target in workspace.targets if target.valid_from.year > 2023}  # fmt: skip
    assert len(changed) > 40


def test_units_have_targets_of_their_own_where_amounts_do_not_compare(
    workspace: Workspace, kpis: dict[str, Kpi]
) -> None:
    own = {(target.kpi, target.unit) for target in workspace.targets}
    for kpi in kpis.values():
        if not kpi.is_intensive:
            assert {(kpi.id, unit) for unit in kpi.applies_to or ("kestrel",)} <= own, kpi.id


def test_regions_plan_what_the_whole_plans(workspace: Workspace) -> None:
    """One row per year, divided into months by last year's shape."""
    plans: dict[tuple[object, bool], Decimal] = {}
    for target in workspace.targets:
        if target.kpi == "revenue":
            key = (target.valid_from, target.unit == "kestrel")
            plans[key] = plans.get(key, Decimal(0)) + target.target
    for day in {day for day, _ in plans}:
        assert plans[day, True] == plans[day, False]


@pytest.mark.parametrize("rule", ["linear", "ratio", "progress", "range", "steps", "curve", "binary"])  # fmt: skip
def test_rules_are_shown_where_they_are_natural(rule: str, kpis: dict[str, Kpi]) -> None:
    assert rule in {kpi.rule for kpi in kpis.values()}


@pytest.mark.parametrize("survey", ["nps", "enps", "csat", "response_rate"])
def test_surveys_are_shown(survey: str, kpis: dict[str, Kpi]) -> None:
    assert survey in {kpi.survey for kpi in kpis.values()}


def test_what_no_system_holds_is_entered_by_hand(
    workspace: Workspace, kpis: dict[str, Kpi]
) -> None:
    entered = {kpi.id: kpi.frequency for kpi in kpis.values() if kpi.measure in workspace.manual}
    assert entered == {
        "brand_awareness": "quarter",
        "food_safety_audit": "half",
        "organic_certificate": "year",
    }


def test_a_shop_has_moved_to_another_region(workspace: Workspace) -> None:
    (move,) = [move for tree in workspace.company.trees for move in tree.moves]
    assert (move.unit, move.parent, str(move.valid_from)) == ("dortmund", "north", "2025-01-01")


def test_every_link_names_the_kpis_that_stand_for_it(workspace: Workspace) -> None:
    assert all(link.cause_kpi and link.effect_kpi for link in workspace.strategy.links)


def test_a_baseline_is_fixed_with_a_reason(kpis: dict[str, Kpi]) -> None:
    (baseline,) = kpis["basket"].baselines
    assert "Prices rose" in baseline.reason
