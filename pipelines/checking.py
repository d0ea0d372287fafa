"""The check of a workspace, before any data moves: its files, what they say to each other, and its SQL.

Not here: the checks themselves (`scorecard.check`, `transforms.check`).
"""

from pathlib import Path

from connectors import lake
from pipelines.state import State
from scorecard.check import check_workspace
from scorecard.findings import Finding, WorkspaceError
from scorecard.workspace import Workspace, read_workspace
from transforms.check import check_sql


def check(root: Path, state: State) -> tuple[Workspace | None, list[Finding]]:
    """Read and check a workspace; without the workspace where its files cannot be read.

    Columns of raw tables are known from the newest loads, where there are any.
    """
    try:
        workspace = read_workspace(root)
    except WorkspaceError as error:
        return None, list(error.findings)
    found = check_workspace(workspace)
    found += check_sql(workspace, raw_columns=_raw_columns(workspace, state))
    return workspace, sorted(set(found))


def errors(findings: list[Finding]) -> list[Finding]:
    """Give those findings that keep a workspace from being run."""
    return [finding for finding in findings if finding.severity == "error"]


def _raw_columns(workspace: Workspace, state: State) -> dict[str, dict[str, str]]:
    newest = {
        f"{source_id}__{table_id}": lake.loads(state.lake, source_id, table_id)[-1:]
        for source_id, source in workspace.sources.sources.items()
        for table_id in source.tables
    }
    return {name: loads[0].columns for name, loads in newest.items() if loads}
