"""The check of a workspace across its files: references, order, method, secrets.

Not here: the form of each file (`workspace`), and what is inside the SQL (transforms).
"""

import difflib
from collections.abc import Iterator

from scorecard.check_company import check_company
from scorecard.check_manual import check_manual
from scorecard.check_plans import check_plans
from scorecard.check_sources import check_sources
from scorecard.check_strategy import check_strategy
from scorecard.check_values import check_values
from scorecard.findings import Finding
from scorecard.secrets import find_secrets
from scorecard.workspace import Workspace

READ = (
    "company.yaml", "sources.yaml", "strategy.yaml", "initiatives.yaml", "targets.csv",
    "contracts", "staging", "measures", "manual", "commentary",
)  # fmt: skip
"""What Steelyard reads at the top of a workspace."""
_NEAR = 0.8


def check_workspace(workspace: Workspace) -> list[Finding]:
    """Give every error and warning, by file and line."""
    found = {
        *_misnamed(workspace),
        *check_company(workspace),
        *check_sources(workspace),
        *check_strategy(workspace),
        *check_values(workspace),
        *check_plans(workspace),
        *check_manual(workspace),
        *find_secrets(workspace.root),
    }
    return sorted(found)


def _misnamed(workspace: Workspace) -> Iterator[Finding]:
    """Warn of files that look as if they were meant to be read."""
    for path in sorted(workspace.root.iterdir()):
        near = difflib.get_close_matches(path.name.lower(), READ, n=1, cutoff=_NEAR)
        if path.name not in READ and near:
            yield Finding(
                path.name,
                0,
                "warning",
                f"{path.name} is not read.",
                f"Rename it to {near[0]}, if that is what it is.",
            )
    for path in sorted((workspace.root / "commentary").glob("*.md")):
        yield Finding(
            f"commentary/{path.name}",
            0,
            "warning",
            "The comment is not read.",
            "Move it to commentary/<kpi>/<YYYY-MM>.md.",
        )
