"""Telemetry of the libraries underneath: off, before any of them is imported.

Not here: what Steelyard itself records (runs, ledger); it sends nothing anywhere.
"""

from collections.abc import MutableMapping

OFF = {
    "DO_NOT_TRACK": "1",
    "DAGSTER_DISABLE_TELEMETRY": "1",
    "GX_ANALYTICS_ENABLED": "false",
    "RUNTIME__DLTHUB_TELEMETRY": "false",
}


def switch_off(environment: MutableMapping[str, str]) -> None:
    """Tell Dagster, Great Expectations and dlt to send nothing."""
    environment.update(OFF)
