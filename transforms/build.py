"""A warehouse from raw faces to scores: the steps in order, each on its own connection.

Not here: the steps themselves, and what comes before (extraction, contracts) and after (audit, pages, publishing).
"""

import hashlib
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import partial
from pathlib import Path

import duckdb

from scorecard.workspace import Workspace
from transforms.catalogue import comment_column, comment_table, create_tables
from transforms.engine import (
    Limits,
    assert_version,
    literal,
    open_sandbox,
    open_warehouse,
    quoted,
    transaction,
)
from transforms.engines.seam import Engine
from transforms.evidence import add_evidence
from transforms.kept import Keeping, Kept, attach_kept, discard, is_damage
from transforms.keys import definition_keys
from transforms.measures import (
    Built,
    DuckDbMaker,
    Maker,
    TableState,
    describe_measures,
    guard_workspace,
    run_definitions,
    upstream,
)
from transforms.raw import RawTable, create_raw_faces
from transforms.scoring import score
from transforms.sql_guard import GuardedSelect
from transforms.strategy_tables import (
    Row,
    definition,
    fill_strategy_tables,
    insert_rows,
    value_definition_id,
)

NAMED_BY_CONTENT = ("scorecard", "measure", "quality")
"""Schemas whose content names the release; history tells of releases and is left out."""
WORK = "work.duckdb"
"""The work database, in the run's own folder."""


@dataclass(frozen=True)
class BuildPaths:
    """Where a build works: the lake that it reads, the warehouse that it makes, and room for itself."""

    lake: Path
    warehouse: Path
    work: Path
    """A folder of the run's own; deleted after it."""


@dataclass(frozen=True)
class Definition:
    """One KPI's definition as the ledger keeps it."""

    kpi_id: str
    definition_id: str
    text: str

    @property
    def value_definition_id(self) -> str:
        """Name the part that makes the value."""
        return value_definition_id(self.text)


def definitions(
    workspace: Workspace, selects: Mapping[str, GuardedSelect]
) -> tuple[Definition, ...]:
    """Give every KPI's definition: the SQL files that it depends on, and how it is scored."""
    texts = {f"staging.{name}": file.text for name, file in workspace.staging.items()}
    texts |= {f"measure.{name}": file.text for name, file in workspace.measures.items()}
    found = []
    for _, _, kpi in workspace.strategy.kpis():
        measures = {f"measure.{term.measure}" for term in kpi.terms().values()}
        names = measures.union(*(upstream(measure, selects) for measure in measures))
        identity, text = definition(
            kpi,
            {name: texts[name] for name in names if name in texts},
            bands=workspace.strategy.bands,
            fiscal_year_start_month=workspace.company.fiscal_year_start_month,
        )
        found.append(Definition(kpi.id, identity, text))
    return tuple(found)


def headline(as_of: date) -> date:
    """First day of the last month that ended before `as_of`."""
    return (as_of.replace(day=1) - timedelta(days=1)).replace(day=1)


def build_measures(
    workspace: Workspace,
    *,
    paths: BuildPaths,
    raw_tables: Sequence[RawTable],
    states: Sequence[TableState],
    quality: Mapping[str, Sequence[Row]],
    as_of: date,
    limits: Limits | None = None,
    keeping: Keeping | None = None,
    engine: Engine | None = None,
    progress: Callable[[Built], None] = lambda _: None,
) -> dict[str, Built]:
    """Create the warehouse with its strategy and quality tables, then staging and measures from the raw faces.

    `quality` gives rows for tables of the catalogue, such as `quality.load`, by table name. With `keeping`, tables that would
    come out as they are kept are not made again. An `engine` makes the tables where that is not the work database itself; its
    tables stay where they were made, so that none are kept.

    Raises:
        SqlRefused: a definition that the sandbox does not let through.
        EngineUnavailable: the engine cannot be used.

    """
    assert_version()
    limits = limits or Limits.of(workspace.company)
    selects = guard_workspace(workspace)
    paths.work.mkdir(parents=True, exist_ok=True)
    keeping = None if engine else keeping

    def attempt(keeping: Keeping | None) -> dict[str, Built]:
        _begin(workspace, selects, paths=paths, quality=quality, as_of=as_of, limits=limits)
        return _run_definitions(
            workspace,
            selects,
            paths=paths,
            raw_tables=raw_tables,
            states=states,
            as_of=as_of,
            limits=limits,
            keeping=keeping,
            engine=engine,
            progress=progress,
        )

    try:
        return attempt(keeping)
    except duckdb.Error as error:
        if keeping is None or not is_damage(error):
            raise
    # The file of kept tables is damaged, or may be: tonight everything is made anew.
    paths.warehouse.unlink()
    (paths.work / WORK).unlink()
    return attempt(replace(keeping, is_fresh=True))


def _run_definitions(
    workspace: Workspace,
    selects: Mapping[str, GuardedSelect],
    *,
    paths: BuildPaths,
    raw_tables: Sequence[RawTable],
    states: Sequence[TableState],
    as_of: date,
    limits: Limits,
    keeping: Keeping | None,
    engine: Engine | None,
    progress: Callable[[Built], None],
) -> dict[str, Built]:
    connection = open_sandbox(
        paths.work / WORK,
        warehouse=paths.warehouse,
        readable=paths.lake,
        limits=limits,
        temporary=paths.work / "spill",
        before_locking=partial(attach_kept, keeping=keeping),
    )
    with connection:
        for schema in ("raw", "staging", "measure"):
            connection.execute(f"create schema {quoted(schema)}")
        create_raw_faces(connection, raw_tables, lake=paths.lake)
        with _opened(engine, workspace, connection, raw_tables=raw_tables, paths=paths) as maker:
            keys = definition_keys(selects, raw_tables, as_of=as_of, maker=maker.name)
            kept = Kept.for_run(connection, keys, keeping=keeping)
            built = run_definitions(
                connection,
                selects,
                available=_raw_names(raw_tables),
                as_of=as_of,
                workspace=workspace,
                kept=kept,
                limits=limits,
                progress=progress,
                maker=maker,
            )
        by_name = {state.name: state for state in states}
        describe_measures(connection, workspace, selects=selects, built=built, states=by_name)
        _publish_staging(connection, workspace, selects, built)
        is_mostly_holes = kept.is_mostly_holes()
    if keeping and is_mostly_holes:
        discard(keeping.file)
    return built


def _opened(
    engine: Engine | None,
    workspace: Workspace,
    connection: duckdb.DuckDBPyConnection,
    *,
    raw_tables: Sequence[RawTable],
    paths: BuildPaths,
) -> AbstractContextManager[Maker]:
    """Open the engine that makes tables; measures and published staging come home from it."""
    if engine is None:
        return nullcontext(DuckDbMaker())
    home = [f"measure.{name}" for name in workspace.measures]
    home += [f"staging.{name}" for name in _published_staging(workspace)]
    return engine.open(connection, raw_tables, lake=paths.lake, work=paths.work, home=home)


def build_marts(
    workspace: Workspace, *, paths: BuildPaths, as_of: date, limits: Limits | None = None
) -> None:
    """Compute values, scores, balance and the evidence of links in a warehouse that holds its measures."""
    limits = limits or Limits.of(workspace.company)
    connection = open_warehouse(paths.warehouse, limits=limits, temporary=paths.work / "spill")
    with connection:
        score(connection, workspace, as_of=as_of)
        add_evidence(connection)


def name_release(
    *, paths: BuildPaths, marts: Path, as_of: date, limits: Limits | None = None
) -> str:
    """Write the marts as Parquet into `marts`, name the release by their content, and mark every table with the name.

    Equal marts have an equal name: neither the run nor the clock is part of it, nor the business date itself, only what
    follows from it.
    """
    connection = open_warehouse(
        paths.warehouse, limits=limits or Limits(), temporary=paths.work / "spill"
    )
    digest = hashlib.sha256()
    with connection:
        for name in _published(connection):
            target = marts / f"{name}.parquet"
            target.parent.mkdir(parents=True, exist_ok=True)
            connection.execute(
                f"copy (from {quoted(name)} order by all) to {literal(str(target))} (format parquet)"
            )
            digest.update(name.encode() + hashlib.sha256(target.read_bytes()).digest())
        release_id = "r-" + digest.hexdigest()[:10]
        insert_rows(
            connection,
            "scorecard.release",
            [
                {
                    "release_id": release_id,
                    "as_of_date": as_of,
                    "period_start_date": headline(as_of),
                }
            ],
        )
        mark_tables(connection, release_id)
    return release_id


def mark_tables(connection: duckdb.DuckDBPyConnection, release_id: str) -> None:
    """Name the release in every table's comment."""
    rows = connection.execute(
        "select schema_name || '.' || table_name, coalesce(comment, '') from duckdb_tables() "
        "where database_name = 'warehouse'"
    ).fetchall()
    with transaction(connection):
        for name, comment in rows:
            comment_table(connection, name, f"{comment} Release {release_id}.".strip())


def _begin(
    workspace: Workspace,
    selects: Mapping[str, GuardedSelect],
    *,
    paths: BuildPaths,
    quality: Mapping[str, Sequence[Row]],
    as_of: date,
    limits: Limits,
) -> None:
    connection = open_warehouse(paths.warehouse, limits=limits, temporary=paths.work / "spill")
    with connection, transaction(connection):
        create_tables(connection)
        fill_strategy_tables(
            connection,
            workspace,
            definitions={
                each.kpi_id: (each.definition_id, each.value_definition_id)
                for each in definitions(workspace, selects)
            },
            as_of=as_of,
            headline=headline(as_of),
        )
        for table, rows in quality.items():
            insert_rows(connection, table, rows)


def _raw_names(raw_tables: Sequence[RawTable]) -> set[str]:
    names = {f"raw.{table.name}" for table in raw_tables}
    return names | {f"{name}__loads" for name in names}


def _publish_staging(
    connection: duckdb.DuckDBPyConnection,
    workspace: Workspace,
    selects: Mapping[str, GuardedSelect],
    built: Mapping[str, Built],
) -> None:
    connection.execute("create schema if not exists warehouse.staging")
    for name in _published_staging(workspace):
        table = f"staging.{name}"
        if built[table].row_count is None:
            continue
        connection.execute(
            f"create table {quoted('warehouse.' + table)} as from {quoted(table)} order by all"
        )
        _comment_staging(connection, selects[table])


def _published_staging(workspace: Workspace) -> Collection[str]:
    wanted = workspace.company.publish_staging
    return workspace.staging if wanted == "all" else wanted


def _comment_staging(connection: duckdb.DuckDBPyConnection, select: GuardedSelect) -> None:
    """Comment a published staging table with what its SQL file's header says."""
    target = f"warehouse.{select.name}"
    comment_table(connection, target, " ".join(filter(None, (select.description, select.grain))))
    for name, *_ in connection.execute(f"describe {quoted(target)}").fetchall():
        said = select.comments.get(name.lower(), f"{name.replace('_', ' ')}, as in {select.name}.")
        comment_column(connection, target, name, said)


def _published(connection: duckdb.DuckDBPyConnection) -> list[str]:
    rows = connection.execute(
        "select schema_name || '.' || table_name from duckdb_tables() "
        "where database_name = 'warehouse' and schema_name = any($schemas) order by all",
        {"schemas": list(NAMED_BY_CONTENT)},
    ).fetchall()
    return [name for (name,) in rows if name != "scorecard.release"]
