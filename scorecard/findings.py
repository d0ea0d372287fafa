"""What a check of the workspace finds, and the error that carries it.

Not here: the checks themselves.
"""

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, order=True)
class Finding:
    """One thing wrong in a workspace: where, what, and the mend."""

    file: str
    """Path below the workspace, with forward slashes."""
    line: int
    """From 1; 0 where the file as a whole is meant."""
    severity: Literal["error", "warning"]
    message: str
    mend: str

    def __str__(self) -> str:
        """Give it as a compiler would: file, line, severity, message, mend."""
        place = f"{self.file}:{self.line}" if self.line else self.file
        return f"{place}: {self.severity}: {self.message} Mend: {self.mend}"


class WorkspaceError(Exception):
    """A workspace that cannot be used as it is; carries every finding."""

    def __init__(self, findings: list[Finding]) -> None:
        """Keep the findings, worst first by place."""
        self.findings = sorted(findings)
        super().__init__("\n".join(str(finding) for finding in self.findings))
