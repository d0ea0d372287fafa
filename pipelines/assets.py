"""The assets of a workspace: keys as in the warehouse, groups as its layers, owners, descriptions, lineage, freshness.

Not here: the steps that make them (`definitions`), and what a step reports of them (`results`).
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from graphlib import TopologicalSorter
from itertools import pairwise

import dagster as dg
from croniter import croniter

from pipelines.lineage import mart_lineage
from scorecard.workspace import Workspace
from transforms.catalogue import catalogue
from transforms.measures import guard_workspace, upstream
from transforms.sql_guard import GuardedSelect

RELEASE = "release.current"
DATA_TEAM = "team:data team"
"""Owns what the workspace gives no owner for: marts, pages, the release."""
LATE = timedelta(hours=2)
"""An asset is late this long after the longest time between two nights."""

PAGE_GROUPS = {
    "front": "The front page: the scorecard's score, the perspectives with their objectives and KPIs, what changed.",
    "perspectives": "A page per perspective.",
    "objectives": "A page per objective.",
    "kpis": "A page per KPI and unit: chart, definition, components, targets, the loads behind it.",
    "units": "A page per unit of the organisation.",
    "strategy_map": "The strategy map: objectives and what they move.",
    "heat_map": "The heat map: every KPI of the organisation by month.",
    "periods": "The scorecards of past months, quarters and fiscal years, as known now.",
    "initiatives": "The initiatives, and a page per initiative: budget, status, milestones.",
    "quality": "Data quality: what came in, what was held back and why.",
    "dictionary": "Every table and column of the warehouse.",
    "releases": "The archive of releases: what was published when, and what changed with each.",
    "glossary": "The words of the method and of the organisation, with their meaning.",
    "components": "Every component of the pages in all its states.",
    "method": "How scores come about.",
    "board_pack": "The board pack: the scorecard of the month as a PDF.",
    "workbook": "The workbook: scorecard, history, components, targets and definitions for a spreadsheet.",
    "data": "What stands on the pages as JSON and CSV, with their schema.",
    "kpi_data": "Every KPI with all its units and periods as JSON and CSV.",
    "period_data": "The scorecards of past periods as JSON and CSV.",
    "search": "The index that the search field reads.",
    "print_sheet": "The styles of paper: organisation, scorecard and period in the margin of every sheet.",
}
KINDS_OF_FILES = {
    "board_pack": "pdf",
    "workbook": "excel",
    "data": "json",
    "kpi_data": "json",
    "period_data": "json",
    "search": "javascript",
    "print_sheet": "css",
}
"""What a group is made of, where it is no pages."""
"""Groups of pages and of files: assets of the layer `site`."""

Specs = Mapping[str, dg.AssetSpec]
"""Assets by name, `schema.table`."""


@dataclass(frozen=True)
class Assets:
    """Every asset of a workspace, by the step that makes it."""

    raw: Specs
    definitions: Specs
    """Staging tables and measures of the workspace."""
    marts: Specs
    """Tables of the catalogue."""
    pages: Specs
    release: dg.AssetSpec


def workspace_assets(workspace: Workspace) -> Assets:
    """Describe every asset of a workspace, from the raw tables to the release."""
    selects = guard_workspace(workspace)
    fresh = dg.FreshnessPolicy.time_window(fail_window=longest_pause(workspace) + LATE)

    def named(specs: Iterable[dg.AssetSpec]) -> Specs:
        return {
            ".".join(spec.key.path): spec.replace_attributes(freshness_policy=fresh)
            for spec in specs
        }

    return Assets(
        raw=named(_raw(workspace)),
        definitions=named(_definitions(workspace, selects)),
        marts=named(_marts(workspace)),
        pages=named(_pages()),
        release=named([_release()])[RELEASE],
    )


def longest_pause(workspace: Workspace, *, nights: int = 14) -> timedelta:
    """Give the longest time between two nights of the schedule."""
    ticks = croniter(workspace.company.schedule, datetime(2024, 1, 1, tzinfo=UTC))
    moments = [ticks.get_next(datetime) for _ in range(nights)]
    pause: timedelta = max(later - earlier for earlier, later in pairwise(moments))
    return pause


def owners(names: Iterable[str]) -> list[str]:
    """Write owners as Dagster has them: e-mail addresses as they are, everything else as a team."""
    distinct = dict.fromkeys(name for name in names if name)
    return [
        name if re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", name) else f"team:{name}"
        for name in distinct
    ] or [DATA_TEAM]


def _spec(
    name: str, *, group: str, description: str, owned_by: list[str], deps: Iterable[str], kind: str
) -> dg.AssetSpec:
    return dg.AssetSpec(
        key=name.split("."),
        group_name=group,
        description=description,
        owners=owned_by,
        deps=[each.split(".") for each in deps],
        kinds={kind},
    )


def _raw(workspace: Workspace) -> Iterator[dg.AssetSpec]:
    for source_id, source in workspace.sources.sources.items():
        for table_id, table in source.tables.items():
            about = table.description or f"{table_id} as it left {source.name}."
            increments = (
                f"rows merged by {', '.join(table.primary_key)}"
                if table.cursor
                else "a snapshot per load"
            )
            yield _spec(
                f"raw.{source_id}__{table_id}",
                group="raw",
                description=f"{about}\n\nSource: {source.name} ({source.kind}); {increments}.",
                owned_by=owners([source.owner]),
                deps=(),
                kind="parquet",
            )


def _definitions(
    workspace: Workspace, selects: Mapping[str, GuardedSelect]
) -> Iterator[dg.AssetSpec]:
    """Staging tables first, then measures: the order of the layers."""
    for name in sorted(selects, key=lambda each: (each.startswith("measure."), each)):
        select = selects[name]
        yield _spec(
            name,
            group=name.split(".", maxsplit=1)[0],
            description="\n\n".join(
                filter(None, (select.description, select.grain and f"Grain: {select.grain}"))
            )
            or f"{name.split('.')[0].capitalize()} table {name.split('.')[1]}.",
            owned_by=_owners_of(name, workspace, selects),
            deps=sorted({table.removesuffix("__loads") for table in select.depends_on}),
            kind="duckdb",
        )


def _owners_of(name: str, workspace: Workspace, selects: Mapping[str, GuardedSelect]) -> list[str]:
    """Give the owner that the SQL names; else those of its KPIs, for a measure; else those of the sources it reads."""
    if named := selects[name].comments.get("owner"):
        return owners([named.rstrip(".")])
    of_kpis = [
        kpi.owner for _, _, kpi in workspace.strategy.kpis() if name == f"measure.{kpi.measure}"
    ]
    of_sources = [
        source.owner
        for source_id, source in workspace.sources.sources.items()
        for table in sorted(upstream(name, selects))
        if table.startswith(f"raw.{source_id}__")
    ]
    return owners(of_kpis or of_sources)


def _marts(workspace: Workspace) -> Iterator[dg.AssetSpec]:
    measures = [f"measure.{name}" for name in workspace.measures]
    counted = [
        f"measure.{kpi.measure}"
        for _, _, kpi in workspace.strategy.kpis()
        if kpi.aggregation == "distinct"
    ]
    raw = [
        f"raw.{source_id}__{table}"
        for source_id, source in workspace.sources.sources.items()
        for table in source.tables
    ]
    from_workspace = {
        "measure.component": measures,
        "measure.answer": measures,
        "measure.dim_measure": measures,
        "measure.unplaced": measures,
        "scorecard.kpi_value": counted,
        "quality.load": raw,
        "quality.contract_result": raw,
        "quality.quarantined_row": raw,
        "quality.source_status": raw,
        "quality.staging_table": [f"staging.{name}" for name in workspace.staging],
    }
    # a step must report its assets after those that they are made from
    for name in TopologicalSorter(mart_lineage()).static_order():
        table = catalogue()[name]
        yield _spec(
            name,
            group=name.split(".", maxsplit=1)[0],
            description=table.comment,
            owned_by=[DATA_TEAM],
            deps=sorted({*mart_lineage()[name], *from_workspace.get(name, ())}),
            kind="duckdb",
        )


def _pages() -> Iterator[dg.AssetSpec]:
    for group, description in PAGE_GROUPS.items():
        yield _spec(
            f"site.{group}",
            group="site",
            description=description,
            owned_by=[DATA_TEAM],
            deps=list(catalogue()),
            kind=KINDS_OF_FILES.get(group, "html"),
        )


def _release() -> dg.AssetSpec:
    return _spec(
        RELEASE,
        group="release",
        description="The published release: warehouse and site of one run, named by the one pointer `current`.",
        owned_by=[DATA_TEAM],
        deps=[f"site.{group}" for group in PAGE_GROUPS],
        kind="duckdb",
    )
