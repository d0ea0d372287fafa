"""What Dagster sees: every table and page group as an asset, described and owned, checked and never blocked."""

from datetime import timedelta
from functools import cache
from pathlib import Path

import dagster as dg
import pytest

from pipelines.assets import longest_pause, owners
from pipelines.definitions import JOB, build_definitions, run_config
from pipelines.night import Order
from reports import site
from scorecard.workspace import read_workspace
from tests.pipelines.conftest import Tiny, make_tiny

ROOT = Path(__file__).parents[2]
EXAMPLES = sorted(path.parent for path in (ROOT / "examples").glob("*/company.yaml"))
OF_THE_WORKSPACE = [
    "measure/late_parcels",
    "measure/revenue",
    "raw/depot__parcel",
    "raw/shop__sale",
    "staging/shop__sale",
]
OF_STEELYARD = [
    "history/definition",
    "history/pointer",
    "history/release",
    "history/reported_closure",
    "history/reported_score",
    "history/reported_target",
    "history/reported_value",
    "history/reported_weight",
    "history/roll_up",
    "measure/answer",
    "measure/component",
    "measure/dim_measure",
    "measure/unplaced",
    "quality/contract_result",
    "quality/load",
    "quality/quarantined_row",
    "quality/source_status",
    "quality/staging_table",
    "quality/table_lineage",
    "quality/warning",
    "release/current",
    "scorecard/balance",
    "scorecard/child_cost",
    "scorecard/comment",
    "scorecard/dim_kpi",
    "scorecard/dim_objective",
    "scorecard/dim_period",
    "scorecard/dim_perspective",
    "scorecard/dim_scorecard",
    "scorecard/dim_unit",
    "scorecard/initiative",
    "scorecard/kpi_score",
    "scorecard/kpi_term",
    "scorecard/kpi_unit",
    "scorecard/kpi_value",
    "scorecard/link_evidence",
    "scorecard/milestone",
    "scorecard/movement",
    "scorecard/objective_score",
    "scorecard/perspective_score",
    "scorecard/release",
    "scorecard/score_contribution",
    "scorecard/scorecard_score",
    "scorecard/signal_baseline",
    "scorecard/strategy_link",
    "scorecard/target",
    "scorecard/unit_closure",
    "scorecard/unit_contribution",
    "scorecard/weight",
    *(f"site/{group}" for group in site.GROUPS),
]


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Tiny:
    return make_tiny(tmp_path_factory.mktemp("tiny"))


@pytest.fixture(scope="module")
def definitions(tiny: Tiny) -> dg.Definitions:
    return build_definitions(tiny.workspace, tiny.state.root)


@cache
def of_example(root: Path) -> dg.Definitions:
    return build_definitions(root, root / ".steelyard")


def specs(definitions: dg.Definitions) -> list[dg.AssetSpec]:
    return list(definitions.resolve_all_asset_specs())


def check_specs(definitions: dg.Definitions) -> list[dg.AssetCheckSpec]:
    made = [*(definitions.assets or ()), *(definitions.asset_checks or ())]
    return [
        spec for each in made if isinstance(each, dg.AssetsDefinition) for spec in each.check_specs
    ]


def test_the_assets_are_these(definitions: dg.Definitions) -> None:
    keys = [spec.key.to_user_string() for spec in specs(definitions)]
    assert sorted(keys) == sorted(OF_THE_WORKSPACE + OF_STEELYARD)


@pytest.mark.parametrize("root", EXAMPLES, ids=lambda path: path.name)
def test_an_example_has_an_asset_for_every_table_of_its_sources_and_sql(root: Path) -> None:
    workspace = read_workspace(root)
    expected = {f"staging/{name}" for name in workspace.staging}
    expected |= {f"measure/{name}" for name in workspace.measures}
    expected |= {
        f"raw/{source_id}__{table}"
        for source_id, source in workspace.sources.sources.items()
        for table in source.tables
    }
    keys = {spec.key.to_user_string() for spec in specs(of_example(root))}
    assert keys == expected | set(OF_STEELYARD)


@pytest.mark.parametrize("root", EXAMPLES, ids=lambda path: path.name)
def test_every_asset_has_owner_group_description_and_freshness(root: Path) -> None:
    lacking = [
        spec.key.to_user_string()
        for spec in specs(of_example(root))
        if not (spec.owners and spec.group_name and spec.description and spec.freshness_policy)
    ]
    assert lacking == []


@pytest.mark.parametrize("root", EXAMPLES, ids=lambda path: path.name)
def test_every_raw_table_has_checks_and_no_check_blocks(root: Path) -> None:
    """A failed blocking check skips everything after it, and then nothing is published."""
    checks = check_specs(of_example(root))
    checked = {check.asset_key for check in checks}
    raw = {spec.key for spec in specs(of_example(root)) if spec.group_name == "raw"}
    assert raw <= checked
    assert not any(check.blocking for check in checks)


def test_groups_are_layers(definitions: dg.Definitions) -> None:
    assert all(spec.group_name == spec.key.path[0] for spec in specs(definitions))


def test_lineage_is_that_of_the_sql(definitions: dg.Definitions) -> None:
    upstream = {
        spec.key.to_user_string(): sorted(dep.asset_key.to_user_string() for dep in spec.deps)
        for spec in specs(definitions)
    }
    assert upstream["raw/shop__sale"] == []
    assert upstream["staging/shop__sale"] == ["raw/shop__sale"]
    assert upstream["measure/revenue"] == ["staging/shop__sale"]
    assert upstream["measure/component"] == ["measure/late_parcels", "measure/revenue"]
    assert "measure/component" in upstream["scorecard/kpi_value"]
    assert "scorecard/kpi_value" in upstream["scorecard/kpi_score"]
    assert "scorecard/kpi_score" in upstream["history/reported_score"]


def test_owners_are_those_of_the_workspace(definitions: dg.Definitions) -> None:
    owned = {spec.key.to_user_string(): list(spec.owners) for spec in specs(definitions)}
    assert owned["raw/depot__parcel"] == ["depot@acme.example"]
    assert owned["raw/shop__sale"] == ["team:Head of sales"]
    assert owned["measure/late_parcels"] == ["team:Head of depot"]


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["a@b.example"], ["a@b.example"]),
        (["Head of sales", "Head of sales"], ["team:Head of sales"]),
        ([], ["team:data team"]),
    ],
)
def test_owners_are_written_as_dagster_has_them(names: list[str], expected: list[str]) -> None:
    assert owners(names) == expected


def test_the_contract_gives_the_checks_of_its_table(definitions: dg.Definitions) -> None:
    found = {
        check.name
        for check in check_specs(definitions)
        if check.asset_key == dg.AssetKey(["raw", "shop__sale"])
    }
    assert found == {
        "source_answered", "data_is_fresh", "amount_is_not_null", "amount_is_at_most_100000"
    }  # fmt: skip


def test_measures_are_checked_for_units_that_nobody_knows(definitions: dg.Definitions) -> None:
    found = {
        (check.asset_key.to_user_string(), check.name, check.blocking)
        for check in check_specs(definitions)
        if check.asset_key.path[0] in ("staging", "measure")
        and check.asset_key.to_user_string() in OF_THE_WORKSPACE
    }
    assert found == {
        ("staging/shop__sale", "is_built", False),
        ("measure/revenue", "is_built", False),
        ("measure/revenue", "units_are_known", False),
        ("measure/late_parcels", "is_built", False),
        ("measure/late_parcels", "units_are_known", False),
    }


def test_the_schedule_is_the_workspaces(definitions: dg.Definitions) -> None:
    schedule = definitions.resolve_schedule_def("every_night")
    assert isinstance(schedule, dg.ScheduleDefinition)
    assert (schedule.cron_schedule, schedule.execution_timezone) == ("0 3 * * *", "Europe/Berlin")
    assert schedule.job_name == JOB


def test_a_steps_price_is_paid_once_per_layer(definitions: dg.Definitions) -> None:
    """A step costs more than most tables do."""
    steps = {node.name for node in definitions.resolve_job_def(JOB).nodes}
    assert steps == {
        "extract_shop", "extract_depot", "contracts", "measures", "marts", "audit", "pages", "publish"
    }  # fmt: skip


def test_only_sources_are_asked_again(definitions: dg.Definitions) -> None:
    assert all(
        getattr(node.definition, "retry_policy", None) is None
        for node in definitions.resolve_job_def(JOB).nodes
    )


def test_the_run_configuration_fits_the_job(definitions: dg.Definitions) -> None:
    config = run_config(Order(publish=True))
    assert dg.validate_run_config(definitions.resolve_job_def(JOB), config)


@pytest.mark.parametrize(
    ("schedule", "pause"), [("0 3 * * *", timedelta(days=1)), ("0 3 * * 1-5", timedelta(days=3))]
)
def test_an_asset_is_late_after_the_longest_pause_of_the_schedule(
    tiny: Tiny, schedule: str, pause: timedelta
) -> None:
    tiny.write(
        "company.yaml", (tiny.workspace / "company.yaml").read_text().replace("0 3 * * *", schedule)
    )
    assert longest_pause(read_workspace(tiny.workspace)) == pause
    tiny.write(
        "company.yaml", (tiny.workspace / "company.yaml").read_text().replace(schedule, "0 3 * * *")
    )
