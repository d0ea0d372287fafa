"""The code location for `dagster dev -m pipelines.definitions_entry`: the workspace and state that the environment names.

`STEELYARD_WORKSPACE` is the workspace folder (the current one where not set), `STEELYARD_HOME` the state folder (`.steelyard`
in the workspace where not set).

Not here: anything that other modules could import; importing this one reads the environment and the workspace.
"""

import os

from pipelines import telemetry

telemetry.switch_off(os.environ)

from pipelines.definitions import build_definitions  # noqa: E402 - telemetry is off before Dagster is imported
from pipelines.places import state_folder, workspace_folder  # noqa: E402

defs = build_definitions(
    workspace_folder(None, os.environ), state_folder(workspace_folder(None, os.environ), os.environ)
)
