"""Which workspace and which state folder are meant.

Not here: what lies in them.
"""

from collections.abc import Mapping
from pathlib import Path

WORKSPACE = "STEELYARD_WORKSPACE"
HOME = "STEELYARD_HOME"


def workspace_folder(given: Path | None, environment: Mapping[str, str]) -> Path:
    """Give the workspace: the one given, else the one of the environment, else the current folder."""
    return (given or Path(environment.get(WORKSPACE) or ".")).resolve()


def state_folder(workspace: Path, environment: Mapping[str, str]) -> Path:
    """Give the state folder: the one of the environment, else `.steelyard` in the workspace."""
    return Path(environment.get(HOME) or workspace / ".steelyard").resolve()
