"""From raw faces to components: staging and measure SQL of the workspace, run in the sandbox in dependency order.

Here belong the order, and what happens when a definition fails, takes too much, or a table is missing.

Not here: letting SQL in (sql_guard), raw faces (raw), the form in which measures are published (publishing), scores (scoring).
"""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import Protocol

import duckdb

from scorecard.terms import MANUAL
from scorecard.workspace import Workspace
from transforms.engine import Limits, quoted, transaction
from transforms.kept import Kept, is_damage
from transforms.keys import own_maker
from transforms.limits import LimitReached, within
from transforms.publishing import (
    ENTRY,
    MeasureFailed,
    Publishing,
    publish,
    published_form,
    publishing_of,
)
from transforms.sql_guard import GuardedSelect, guard, order
from transforms.strategy_tables import Row, insert_rows

_NAMED = 5
"""KPIs that a message names at most."""
FLOATING = {"DOUBLE", "FLOAT"}


@dataclass(frozen=True)
class TableState:
    """What is known of one raw table tonight."""

    source_id: str
    table_id: str
    data_as_of: date | None
    """Day up to which the newest accepted load is complete; None without one."""
    is_rejected: bool
    """The newest load broke its contract."""

    @property
    def name(self) -> str:
        """Its name in staging SQL."""
        return f"raw.{self.source_id}__{self.table_id}"


@dataclass(frozen=True)
class Built:
    """One staging table or measure: rows and seconds, or why there is none."""

    name: str
    row_count: int | None
    seconds: float
    error: str | None = None
    """The definition failed: the message."""
    missing: str | None = None
    """A table that it needs has no data."""
    is_reused: bool = False
    """Its table was kept from an earlier night and not made again."""
    why_made: str | None = None
    """Why it was made, where tables are kept."""


class Maker(Protocol):
    """Makes a staging table or a measure of a definition's SELECT: the seam for another engine than this DuckDB."""

    @property
    def name(self) -> str:
        """What makes the table, with its version: part of the key that a table is kept under."""
        ...

    @property
    def is_here(self) -> bool:
        """Whether this database makes it, and can be held to its limits."""
        ...

    def make(
        self,
        connection: duckdb.DuckDBPyConnection,
        select: GuardedSelect,
        *,
        target: str,
        as_of: date,
    ) -> int | None:
        """Make the table `target`, a name ready for SQL; raise duckdb.Error or MeasureFailed where it cannot be made.

        Where the table stays away from this database, because nothing here reads it, its number of rows is given instead.
        """
        ...


def guard_workspace(workspace: Workspace) -> dict[str, GuardedSelect]:
    """Let every staging and measure file through the first wall, by `schema.table`; raise SqlRefused if one is not."""
    tables = frozenset(table_names(workspace))
    files = [(f"staging.{name}", file) for name, file in workspace.staging.items()]
    files += [(f"measure.{name}", file) for name, file in workspace.measures.items()]
    return {name: _guarded(file.text, name, tables) for name, file in files}


@cache
def _guarded(text: str, name: str, tables: frozenset[str]) -> GuardedSelect:
    """Remember what was let through: a run asks several times, and parsing 50 files takes half a second."""
    return guard(text, name=name, tables=tables)


def table_names(workspace: Workspace) -> set[str]:
    """Name every table that SQL of the workspace may read."""
    raw = {
        f"raw.{source_id}__{table_id}"
        for source_id, source in workspace.sources.sources.items()
        for table_id in source.tables
    }
    return (
        raw
        | {f"{name}__loads" for name in raw}
        | {f"staging.{name}" for name in workspace.staging}
        | {f"measure.{name}" for name in workspace.measures}
    )


def upstream(name: str, selects: Mapping[str, GuardedSelect]) -> set[str]:
    """Name every table that `name` is made from, directly or not; `__loads` faces count as their table."""
    found: set[str] = set()
    waiting = [name]
    while waiting:
        select = selects.get(waiting.pop())
        for table in select.depends_on if select else ():
            plain = table.removesuffix("__loads") if table.startswith("raw.") else table
            if plain not in found:
                found.add(plain)
                waiting.append(plain)
    return found


def run_definitions(
    connection: duckdb.DuckDBPyConnection,
    selects: Mapping[str, GuardedSelect],
    *,
    available: Iterable[str],
    as_of: date,
    workspace: Workspace,
    kept: Kept,
    limits: Limits,
    progress: Callable[[Built], None],
    maker: Maker,
) -> dict[str, Built]:
    """Run every definition in dependency order; one that fails takes only what reads it along.

    `available` are the raw faces that exist. A definition whose table is kept is not run. Measures are also published, as
    `warehouse.measure.<measure>`, and that always anew: it depends on more than their rows. Each is held to
    `limits` by itself.
    """
    run = _Run(
        connection,
        as_of=as_of,
        kept=kept,
        maker=maker,
        limits=limits,
        kpis=_kpis(workspace, selects),
        publishing=publishing_of(workspace),
    )
    present = set(available)
    built: dict[str, Built] = {}
    for name in order(selects):
        select = selects[name]
        lacking = sorted(set(select.depends_on) - present)
        if lacking:
            built[name] = Built(name, None, 0.0, missing=lacking[0])
        else:
            built[name] = run.build(select)
        if built[name].row_count is not None:
            present.add(name)
        progress(built[name])
    return built


@dataclass(frozen=True)
class _Run:
    """The connection on which definitions are run, and what all of them share."""

    connection: duckdb.DuckDBPyConnection
    as_of: date
    kept: Kept
    maker: Maker
    publishing: Publishing
    limits: Limits
    kpis: Mapping[str, Sequence[str]]
    """By definition: the KPIs that rest on it."""

    def build(self, select: GuardedSelect) -> Built:
        """Have the table of a definition, kept or made, and publish a measure."""
        start = time.perf_counter()
        name = select.name
        found = self.kept.find(name)
        why = None if found else self.kept.why_made(name)
        try:
            count = self._have(select, found)
            if count is None:
                ((count,),) = self.connection.execute(
                    f"select count(*) from {quoted(name)}"
                ).fetchall()
        except (duckdb.Error, MeasureFailed, LimitReached) as error:
            if isinstance(error, duckdb.Error) and self.kept.has_tables and is_damage(error):
                raise
            self._forget(name)
            return Built(
                name, None, time.perf_counter() - start, error=str(error), is_reused=bool(found)
            )
        seconds = time.perf_counter() - start
        return Built(name, count, seconds, is_reused=bool(found), why_made=why)

    def _have(self, select: GuardedSelect, found: str | None) -> int | None:
        """Show or make a table, and publish a measure: held to the limits, as far as this database does it."""
        called = _called(select.name, self.kpis[select.name])
        count = None if found or self.maker.is_here else self._make(select)
        with within(self.connection, self.limits, what=called):
            if found:
                self._show(select.name, found)
            elif self.maker.is_here:
                count = self._make(select)
            if select.name.startswith("measure."):
                with transaction(self.connection):
                    publish(self.connection, select, self.publishing)
        return count

    def _make(self, select: GuardedSelect) -> int | None:
        """Make a table: where tables are kept, under its key and in one transaction with it."""
        place = self.kept.place(select.name)
        if place is None:
            target = quoted(select.name)
            return self.maker.make(self.connection, select, target=target, as_of=self.as_of)
        start = time.perf_counter()
        with transaction(self.connection):
            self.maker.make(self.connection, select, target=place, as_of=self.as_of)
            self.kept.note(select.name, seconds=time.perf_counter() - start)
        self._show(select.name, place)
        return None

    def _show(self, name: str, place: str) -> None:
        """Let a kept table be read by its own name."""
        self.connection.execute(f"create view {quoted(name)} as from {place}")

    def _forget(self, name: str) -> None:
        """Leave nothing of a definition that failed; a table that was made and is kept is not shown."""
        for (kind,) in self.connection.execute(
            "select 'view' from duckdb_views() "
            "where database_name = current_database() and schema_name || '.' || view_name = $name "
            "union all select 'table' from duckdb_tables() "
            "where database_name = current_database() and schema_name || '.' || table_name = $name",
            {"name": name},
        ).fetchall():
            self.connection.execute(f"drop {kind} {quoted(name)}")
        self.connection.execute(f"drop table if exists {quoted('warehouse.' + name)}")


def _kpis(workspace: Workspace, selects: Mapping[str, GuardedSelect]) -> dict[str, list[str]]:
    """Name the KPIs that rest on each definition."""
    found: dict[str, list[str]] = {name: [] for name in selects}
    for _, _, kpi in workspace.strategy.kpis():
        measures = {f"measure.{term.measure}" for term in kpi.terms().values()}
        for name in measures.union(*(upstream(measure, selects) for measure in measures)):
            if name in found:
                found[name].append(kpi.name)
    return found


def _called(name: str, kpis: Sequence[str]) -> str:
    """Name a definition, and the KPIs that miss it, for a message."""
    more = f" and {len(kpis) - _NAMED} more" if len(kpis) > _NAMED else ""
    rests = f" (KPI {', '.join(kpis[:_NAMED])}{more})" if kpis else ""
    return f"{name}{rests}"


class DuckDbMaker:
    """Makes tables in the work database itself."""

    @property
    def name(self) -> str:
        """DuckDB, this machine, this program."""
        return own_maker()

    @property
    def is_here(self) -> bool:
        """It does."""
        return True

    def make(
        self,
        connection: duckdb.DuckDBPyConnection,
        select: GuardedSelect,
        *,
        target: str,
        as_of: date,
    ) -> None:
        """Create the table; on one thread where floating sums would depend on the order of threads."""
        if len(duckdb.extract_statements(select.sql)) != 1:  # the second wall: nothing rides along
            raise MeasureFailed(
                "It holds more than one statement. Mend: keep one SELECT in each file."
            )
        parameters = select.bound(as_of)
        types = connection.execute(f"describe {select.sql}", parameters).fetchall()
        ((threads,),) = connection.execute("select current_setting('threads')").fetchall()
        is_floating = any(kind in FLOATING for _, kind, *_ in types)
        if is_floating:
            connection.execute("set threads=1")
        try:
            connection.execute(f"create table {target} as {select.sql}", parameters)
        finally:
            if is_floating:
                connection.execute(f"set threads={int(threads)}")


def describe_measures(
    connection: duckdb.DuckDBPyConnection,
    workspace: Workspace,
    *,
    selects: Mapping[str, GuardedSelect],
    built: Mapping[str, Built],
    states: Mapping[str, TableState],
) -> None:
    """Fill `measure.dim_measure`, `quality.staging_table` and `quality.table_lineage` of the warehouse."""
    insert_rows(
        connection,
        "warehouse.measure.dim_measure",
        [
            _measure_row(connection, name, text.text, selects=selects, built=built, states=states)
            | {"is_manual": name in workspace.manual}
            for name, text in workspace.measures.items()
        ],
    )
    insert_rows(
        connection,
        "warehouse.quality.staging_table",
        [
            {
                "staging_id": name,
                "description": selects[f"staging.{name}"].description,
                "sql_text": file.text,
                "row_count": built[f"staging.{name}"].row_count,
            }
            for name, file in workspace.staging.items()
        ],
    )
    insert_rows(
        connection,
        "warehouse.quality.table_lineage",
        [
            {"table_name": name, "depends_on": table}
            for name, select in sorted(selects.items())
            for table in select.depends_on
        ],
    )


def _measure_row(
    connection: duckdb.DuckDBPyConnection,
    measure: str,
    text: str,
    *,
    selects: Mapping[str, GuardedSelect],
    built: Mapping[str, Built],
    states: Mapping[str, TableState],
) -> Row:
    name = f"measure.{measure}"
    sources = [states[table] for table in upstream(name, selects) if table in states]
    days = [state.data_as_of for state in sources]
    whole = [day for day in days if day is not None]
    failed = [built[each] for each in sorted({name} | upstream(name, selects)) if each in built]
    errors = [f"{each.name}: {each.error}" for each in failed if each.error]
    row: Row = {
        "measure_id": measure,
        "description": selects[name].description,
        "sql_text": text,
        "data_as_of_date": min(whole) if whole and len(whole) == len(days) else None,
        "row_count": built[name].row_count,
        "is_broken": bool(errors) or any(state.is_rejected for state in sources),
        "error_message": "; ".join(errors) or None,
        "kind": None,
        "dimensions": None,
        "first_period_start_date": None,
    }
    if built[name].row_count is None:
        return row
    found = published_form(connection, f"warehouse.{name}")
    is_manual = any(table.startswith(f"raw.{MANUAL}__") for table in selects[name].depends_on)
    kept = [each for each in found["dimensions"] if not (is_manual and each in ENTRY)]
    return row | found | {"dimensions": kept}
