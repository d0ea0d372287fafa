"""What Dagster sees of a workspace: every table and page group as an asset, in a few coarse steps, one nightly job.

    extract_<source> …  ->  contracts  ->  measures  ->  marts  ->  audit  ->  pages  ->  publish

A step costs more than most tables do, so one step makes many assets. Contracts are asset checks and never blocking: what
keeps a bad load from being used is the selection of loads. Steps are wiring: they ask the run (`night.Night`) for a part and
report what it made.

Not here: what a part does (`nightly`), when it runs and how it is recorded (`night`), what is said of assets (`assets`).
"""

import os
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import dagster as dg

from pipelines import results
from pipelines.assets import RELEASE, Assets, workspace_assets
from pipelines.failures import write_failure
from pipelines.night import Night, Order, open_night
from pipelines.progress import LogProgress, Progress
from pipelines.state import State
from scorecard.workspace import Workspace, read_workspace

JOB = "nightly"
NIGHT = "night"
RUNS_KEPT = 60
"""Runs that the Dagster UI can show."""
_NEEDS = {NIGHT}


def build_definitions(
    workspace_root: Path, state: Path, *, progress: Progress | None = None
) -> dg.Definitions:
    """Build the definitions of a workspace whose state lies in the folder `state`."""
    workspace = read_workspace(workspace_root)
    assets = workspace_assets(workspace)
    job = dg.define_asset_job(
        JOB,
        selection=dg.AssetSelection.all(),
        hooks={_tell_of_failure},
        executor_def=dg.in_process_executor,
        description="The whole night: sources to published scorecard.",
    )
    return dg.Definitions(
        assets=[
            *(_extraction(workspace, source, assets) for source in workspace.sources.sources),
            _measures(assets),
            _marts(assets),
            _pages(assets),
            _publishing(assets),
        ],
        asset_checks=[_contracts(workspace, assets), _audit(assets)],
        jobs=[job],
        schedules=[
            dg.ScheduleDefinition(
                name="every_night",
                job=job,
                cron_schedule=workspace.company.schedule,
                execution_timezone=workspace.company.time_zone,
                default_status=dg.DefaultScheduleStatus.RUNNING,
                description="The workspace's schedule, on the organisation's clock.",
            )
        ],
        resources={NIGHT: _night(workspace, State(state), progress or LogProgress())},
        executor=dg.in_process_executor,
    )


def run_config(order: Order) -> dict[str, Any]:
    """Give the run configuration that asks for the same as `order`."""
    config = {
        "as_of": order.as_of.isoformat() if order.as_of else None,
        "known_at": order.known_at.isoformat() if order.known_at else None,
        "publish": order.publish,
        "extract": order.extract,
        "fresh": order.fresh,
    }
    return {"resources": {NIGHT: {"config": config}}}


# --- steps ------------------------------------------------------------------------------------------------------------


def _extraction(workspace: Workspace, source_id: str, assets: Assets) -> dg.AssetsDefinition:
    source = workspace.sources.sources[source_id]
    tables = [assets.raw[f"raw.{source_id}__{table}"] for table in source.tables]

    @dg.multi_asset(
        name=f"extract_{source_id}",
        specs=tables,
        check_specs=[results.answered_check(spec.key, source.name) for spec in tables],
        required_resource_keys=_NEEDS,
        description=f"Asks {source.name} for its tables and lands what came in the lake.",
    )
    def extract(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult[Any]]:
        night: Night = context.resources.night
        if night.extract(source_id, is_last=context.retry_number >= source.retries):
            wait = source.retry_delay_seconds * 2**context.retry_number
            raise dg.RetryRequested(max_retries=source.retries, seconds_to_wait=wait)
        for spec, arrival in zip(tables, night.arrivals(source_id), strict=True):
            yield results.arrival(spec.key, arrival)

    return extract


def _contracts(workspace: Workspace, assets: Assets) -> dg.AssetChecksDefinition:
    @dg.multi_asset_check(
        name="contracts",
        specs=[
            check
            for source_id, source in workspace.sources.sources.items()
            for table in source.tables
            for check in results.table_checks(
                assets.raw[f"raw.{source_id}__{table}"].key,
                workspace.contracts.get(f"{source_id}__{table}"),
                max_age_days=source.max_age_days,
            )
        ],
        can_subset=True,
        required_resource_keys=_NEEDS,
        op_tags={"dagster/priority": "1"},
        description="Holds every load to its contract.",
    )
    def contracts(context: dg.AssetCheckExecutionContext) -> Iterator[dg.AssetCheckResult]:
        night: Night = context.resources.night
        for table in night.judged.tables:
            yield from results.table(table, context.selected_asset_check_keys)

    return contracts


def _measures(assets: Assets) -> dg.AssetsDefinition:
    @dg.multi_asset(
        name="measures",
        specs=list(assets.definitions.values()),
        check_specs=[
            check
            for spec in assets.definitions.values()
            for check in results.definition_checks(spec.key)
        ],
        can_subset=True,
        required_resource_keys=_NEEDS,
        description="Runs the staging and measure SQL of the workspace.",
    )
    def measures(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult[Any]]:
        night: Night = context.resources.night
        measured = night.measured
        made = (
            results.definition(built, measured.unplaced.get(name))
            for name, built in measured.built.items()
        )
        yield from results.selected(context, made)

    return measures


def _marts(assets: Assets) -> dg.AssetsDefinition:
    @dg.multi_asset(
        name="marts",
        specs=list(assets.marts.values()),
        can_subset=True,
        required_resource_keys=_NEEDS,
        description="Values, scores, quality and history: the tables that are published.",
    )
    def marts(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult[Any]]:
        night: Night = context.resources.night
        rows = night.mart_rows
        seconds = night.seconds("scores")
        made = (results.mart(name, rows[name], step_seconds=seconds) for name in assets.marts)
        yield from results.selected(context, made)

    return marts


def _audit(assets: Assets) -> dg.AssetChecksDefinition:
    @dg.multi_asset_check(
        name="audit",
        specs=[results.audit_check(spec.key) for spec in assets.marts.values()],
        can_subset=True,
        required_resource_keys=_NEEDS,
        op_tags={"dagster/priority": "1"},
        description="Audits the marts before anything is published.",
    )
    def audit(context: dg.AssetCheckExecutionContext) -> Iterator[dg.AssetCheckResult]:
        night: Night = context.resources.night
        audited = [] if night.is_unchanged else night.audited
        for key in sorted(context.selected_asset_check_keys):
            name = ".".join(key.asset_key.path)
            yield results.audited(name, [each for each in audited if each.table == name])

    return audit


def _pages(assets: Assets) -> dg.AssetsDefinition:
    @dg.multi_asset(
        name="pages",
        specs=list(assets.pages.values()),
        can_subset=True,
        required_resource_keys=_NEEDS,
        description="The site, after the audit of the marts, and audited itself.",
    )
    def pages(context: dg.AssetExecutionContext) -> Iterator[dg.MaterializeResult[Any]]:
        night: Night = context.resources.night
        counts = {} if night.is_unchanged else night.pages
        made = (
            results.page_group(
                spec.key,
                counts.get(name),
                seconds=night.seconds_of_pages(name.removeprefix("site.")),
            )
            for name, spec in assets.pages.items()
        )
        yield from results.selected(context, made)

    return pages


def _publishing(assets: Assets) -> dg.AssetsDefinition:
    @dg.multi_asset(
        name="publish",
        specs=[assets.release],
        required_resource_keys=_NEEDS,
        description="Renames the release into place, writes the ledger, moves the pointer.",
    )
    def publish(context: dg.AssetExecutionContext) -> dg.MaterializeResult[Any]:
        night: Night = context.resources.night
        night.publish()
        return results.release(assets.release.key, night)

    return publish


# --- the run ----------------------------------------------------------------------------------------------------------


@dg.failure_hook(required_resource_keys=_NEEDS)
def _tell_of_failure(context: dg.HookContext) -> None:
    """Write what a person needs to know."""
    night: Night = context.resources.night
    if context.op_exception is not None:
        night.failed(context.op.name, context.op_exception)
        path = write_failure(night.context, step=context.op.name, error=context.op_exception)
        context.log.error("What to do is in %s", path)


def _night(workspace: Workspace, state: State, progress: Progress) -> dg.ResourceDefinition:
    @dg.resource(config_schema=_ASKED, description="The run: its lock, its dates, its record.")
    def night(context: dg.InitResourceContext) -> Iterator[Night]:
        order = _order(context.resource_config, is_partial=_is_partial(context))
        with open_night(
            workspace, state, order, environment=os.environ, progress=progress, clock=_now
        ) as opened:
            yield opened
        if context.instance:
            _forget_old_runs(context.instance)

    return night


def _forget_old_runs(instance: dg.DagsterInstance) -> None:
    """Let Dagster's own record of old runs go, some megabytes each; runs/<run_id>.json stays."""
    ended = dg.RunsFilter(
        statuses=[
            dg.DagsterRunStatus.SUCCESS,
            dg.DagsterRunStatus.FAILURE,
            dg.DagsterRunStatus.CANCELED,
        ]
    )
    for run_id in instance.get_run_ids(filters=ended)[RUNS_KEPT:]:
        instance.delete_run(run_id)


_ASKED = {
    "as_of": dg.Field(
        dg.Noneable(str),
        default_value=None,
        description="Business date, YYYY-MM-DD; the workspace's own, or today, where left out.",
    ),
    "known_at": dg.Field(
        dg.Noneable(str),
        default_value=None,
        description="Only loads extracted by this moment count, ISO 8601 with its zone; all where left out.",
    ),
    "publish": dg.Field(
        bool,
        default_value=False,
        description="Publish also a run for another date than the present one.",
    ),
    "extract": dg.Field(
        bool, default_value=True, description="Ask the sources; if not, the lake stays as it is."
    ),
    "fresh": dg.Field(
        bool,
        default_value=False,
        description="Compute everything anew, whatever is kept of earlier nights.",
    ),
}


def _order(config: dict[str, Any], *, is_partial: bool) -> Order:
    as_of, known_at = config["as_of"], config["known_at"]
    return Order(
        as_of=date.fromisoformat(as_of) if as_of else None,
        known_at=datetime.fromisoformat(known_at) if known_at else None,
        publish=config["publish"],
        extract=config["extract"],
        fresh=config["fresh"],
        is_partial=is_partial,
    )


def _is_partial(context: dg.InitResourceContext) -> bool:
    """Say whether a person has asked for some assets only, the release not among them."""
    selected = (context.run.asset_selection if context.run else None) or set()
    return bool(selected) and dg.AssetKey(RELEASE.split(".")) not in selected


def _now() -> datetime:
    return datetime.now(tz=UTC)
