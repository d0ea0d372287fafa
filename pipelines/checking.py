"""The check of a workspace, before any data moves: its files, their sense together, its SQL, and the environment.

Not here: the checks themselves (`scorecard.check`, `transforms.check`).
"""

from collections.abc import Iterator, Mapping
from pathlib import Path

from connectors import lake
from connectors.environment import unset
from connectors.personal import HASH_KEY, SHORTEST_KEY, is_key
from pipelines.engines import FILE as COMPANY
from pipelines.engines import settings_of
from pipelines.state import State
from scorecard.check import check_workspace
from scorecard.findings import Finding, WorkspaceError
from scorecard.sources import (
    AnySource,
    AnyTable,
    ColumnarSource,
    FilesSource,
    RestSource,
    RestTable,
    SqlSource,
)
from scorecard.terms import MANUAL
from scorecard.workspace import Workspace, read_workspace
from transforms.check import check_sql

SOURCES = "sources.yaml"
_HEADER = 1
"""The line of a manual file that names its columns."""


def check(
    root: Path, state: State, *, environment: Mapping[str, str]
) -> tuple[Workspace | None, list[Finding]]:
    """Read and check a workspace; without the workspace where its files cannot be read.

    Columns of raw tables are known from the newest loads, where there are any.

    Raises:
        LakeDamaged: if a load is not as it was written.

    """
    try:
        workspace = read_workspace(root)
    except WorkspaceError as error:
        return None, list(error.findings)
    found = check_workspace(workspace)
    found += check_sql(workspace, raw_columns=_raw_columns(workspace, state))
    found += _lacking(workspace, environment)
    return workspace, sorted(set(found))


def readable(root: Path) -> Workspace | None:
    """Read a workspace without checking it; None where its files cannot be read."""
    try:
        return read_workspace(root)
    except WorkspaceError:
        return None


def errors(findings: list[Finding]) -> list[Finding]:
    """Give those findings that keep a workspace from being run."""
    return [finding for finding in findings if finding.severity == "error"]


def entered(findings: list[Finding]) -> list[Finding]:
    """Give those findings that are about a cell entered by hand: data, which a night holds to its contract like any other."""
    folder = f"{MANUAL}/"
    return [each for each in findings if each.file.startswith(folder) and each.line > _HEADER]


def _lacking(workspace: Workspace, environment: Mapping[str, str]) -> Iterator[Finding]:
    """Warn of what is not set here: it may well be set where the night runs."""
    for place, text in settings_of(workspace):
        for name in unset(text, environment):
            yield Finding(
                COMPANY,
                workspace.line(COMPANY, *place),
                "warning",
                f"The engine needs {name}, which is not set in this environment.",
                f"Set {name} where `steelyard run` runs.",
            )
    for source_id, source in workspace.sources.sources.items():
        for key, text in _expanded(source):
            for name in unset(text, environment):
                yield Finding(
                    SOURCES,
                    workspace.line(SOURCES, "sources", source_id, *key),
                    "warning",
                    f"The source {source_id} needs {name}, which is not set in this environment.",
                    f"Set {name} where `steelyard run` runs.",
                )
        for table_id, table in source.tables.items():
            if "hash" in table.personal.values() and not is_key(environment.get(HASH_KEY, "")):
                yield Finding(
                    SOURCES,
                    workspace.line(SOURCES, "sources", source_id, "tables", table_id, "personal"),
                    "warning",
                    f"The table {source_id}.{table_id} hashes columns, and {HASH_KEY} is not set in this environment, or is too short.",
                    f"Set {HASH_KEY} to {SHORTEST_KEY} random characters or more, and keep it.",
                )


def _expanded(source: AnySource) -> Iterator[tuple[tuple[str, ...], str]]:
    """Yield each value of a source that may hold `${NAME}`, with its keys."""
    match source:
        case SqlSource():
            yield ("url",), source.url
        case RestSource():
            yield ("base_url",), source.base_url
            yield ("token",), source.token or ""
        case FilesSource() | ColumnarSource():
            yield ("folder",), source.folder
    for table_id, table in source.tables.items():
        for name, value in _params(table).items():
            yield ("tables", table_id, "params", name), str(value)


def _params(table: AnyTable) -> Mapping[str, str | int]:
    return table.params if isinstance(table, RestTable) else {}


def _raw_columns(workspace: Workspace, state: State) -> dict[str, dict[str, str]]:
    newest = {
        f"{source_id}__{table_id}": lake.loads(state.lake, source_id, table_id)[-1:]
        for source_id, source in workspace.sources.sources.items()
        for table_id in source.tables
    }
    return {name: loads[0].columns for name, loads in newest.items() if loads}
